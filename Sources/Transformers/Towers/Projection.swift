import Compute

/// What follows the blocks: the norm of the pooled rows, the projection, and unit length; and the way
/// back.
extension TowerPass {
  func forwardProjection(_ items: Range<Int>) throws {
    places.norm.forward(
      part(tape.pooled, items, width), weights, into: part(tape.normed, items, width).floats,
      keeping: tape.norm.rows(items))
    let columns = places.projectionWidth
    try places.projection.forward(
      part(tape.normed, items, width), weights, into: part(tape.embeddings, items, columns))
    for item in items {
      let vector = tape.embeddings.at(item * columns, count: columns)
      let length = Float(VectorLoops.dot(vector, vector).squareRoot())
      tape.lengths[item] = length
      let unit = tape.unit.at(item * columns, count: columns)
      unit.copy(from: vector)
      VectorLoops.scale(unit, by: length > 0 ? 1 / length : 0)
    }
  }
}

extension TowerBackward {
  /// From the gradient with respect to the unit vectors to `tape.pooledGradient`; adds to the gradients of
  /// projection and norm.
  func backwardProjection(_ unitGradient: Floats) throws {
    let (places, tape, items) = (pass.places, pass.tape, pass.sequences.count)
    let columns = places.projectionWidth
    try pass.scratch.with(items * (columns + width)) { floats in
      let byEmbedding = Matrix(
        floats.at(0, count: items * columns), rows: items, columns: columns)
      for item in 0..<items {
        let row = byEmbedding.floats.at(item * columns, count: columns)
        let unit = tape.unit.at(item * columns, count: columns)
        row.copy(from: unitGradient.at(item * columns, count: columns))
        VectorLoops.add(unit, times: -Float(VectorLoops.dot(row, unit)), to: row)
        let length = tape.lengths[item]
        VectorLoops.scale(row, by: length > 0 ? 1 / length : 0)
      }
      let byNormed = Matrix(
        floats.at(items * columns, count: items * width), rows: items, columns: width)
      try places.projection.backward(byEmbedding, pass.weights, into: byNormed)
      try LinearGradient(
        places.projection, dy: byEmbedding, x: pass.part(tape.normed, 0..<items, width)
      ).add(to: gradient)
      let sums = places.norm.gradients(in: gradient)
      places.norm.backward(
        byNormed.floats, pass.part(tape.pooled, 0..<items, width), pass.weights, tape.norm,
        into: tape.pooledGradient, scaleGradient: sums.scale, shiftGradient: sums.shift)
    }
  }
}
