import Compute

/// One pass of a tower over a piece of a batch. Runs of items go through it independently, each on
/// one thread; what they write does not overlap.
package struct TowerPass: Sendable {
  let places: TowerPlaces
  package let sequences: Sequences
  let stem: Stem
  package let tape: Tape
  let weights: Floats
  let scratch: ScratchPool

  /// - Parameter weights: all of the model's, in the order of its parameter table.
  package init(
    places: TowerPlaces, sequences: Sequences, stem: Stem, tape: Tape, weights: Floats,
    scratch: ScratchPool
  ) {
    self.places = places
    self.sequences = sequences
    self.stem = stem
    self.tape = tape
    self.weights = weights
    self.scratch = scratch
  }

  var width: Int { places.sizes.width }
  var wide: Int { places.sizes.intermediateWidth }
  var heads: Int { places.sizes.heads }
  var headWidth: Int { places.sizes.headWidth }
  var attentionScale: Float { 1 / Float(headWidth).squareRoot() }

  func vector(_ start: Int, _ count: Int) -> Floats { weights.at(start, count: count) }
  func matrix(_ start: Int, _ rows: Int, _ columns: Int) -> Matrix {
    Matrix(weights.at(start, count: rows * columns), rows: rows, columns: columns)
  }
  /// Rows `rows` of a dense `[…, columns]`.
  func part(_ floats: Floats, _ rows: Range<Int>, _ columns: Int) -> Matrix {
    Matrix(
      floats.at(rows.lowerBound * columns, count: rows.count * columns), rows: rows.count,
      columns: columns)
  }

  /// Floats of scratch that a run needs.
  func scratchCount(_ items: Range<Int>) -> Int {
    let rows = sequences.rows(items).count
    let longest = items.map { sequences.length($0) * sequences.stride($0) }.max() ?? 0
    return rows * (width + max(wide, stem.inputWidth)) + items.count * 2 * width + longest + 64
  }

  // MARK: Forward

  /// All layers for a run of items, up to their unit vectors.
  package func forward(_ items: Range<Int>) throws {
    try scratch.with(scratchCount(items)) { floats in
      let rows = sequences.rows(items)
      let normed = floats.at(0, count: rows.count * width)
      let wideRows = floats.at(
        normed.count, count: rows.count * max(wide, stem.inputWidth))
      let narrow = floats.at(normed.count + wideRows.count, count: items.count * 2 * width)
      try stem.forward(self, items, input: wideRows)
      for index in places.blocks.indices.dropLast() {
        try forwardBlock(index, items, normed: normed, wideRows: wideRows)
      }
      try forwardLastBlock(items, normed: normed, wideRows: wideRows, narrow: narrow)
      try forwardHead(items)
    }
  }

  private func forwardBlock(
    _ index: Int, _ items: Range<Int>, normed: Floats, wideRows: Floats
  ) throws {
    let (block, kept, rows) = (places.blocks[index], tape.blocks[index], sequences.rows(items))
    try forwardNorm1(index, rows, normed)
    let input = part(kept.attentionInput, rows, 3 * width)
    VectorLoops.fillRows(input, bias: vector(block.attentionBias, 3 * width))
    try MatrixProduct.multiply(
      Matrix(normed, rows: rows.count, columns: width),
      matrix(block.attentionWeight, 3 * width, width).transposed, into: input,
      accumulating: true)
    for item in items {
      for head in 0..<heads {
        let attention = self.attention(index, item, head)
        try MatrixProduct.multiply(
          attention.query, attention.key.transposed, into: attention.probabilities)
        VectorLoops.softmax(
          attention.probabilities, scale: attentionScale, causal: places.isCausal)
        try MatrixProduct.multiply(
          attention.probabilities, attention.value, into: attention.attended)
      }
    }
    try forwardMLP(
      index, rows, residual: part(kept.x, rows, width).floats, normed: normed, wideRows: wideRows,
      into: tape.blocks[index + 1].x)
  }

  private func forwardLastBlock(
    _ items: Range<Int>, normed: Floats, wideRows: Floats, narrow: Floats
  ) throws {
    let index = places.blocks.count - 1
    let (block, kept, rows) = (places.blocks[index], tape.blocks[index], sequences.rows(items))
    try forwardNorm1(index, rows, normed)
    let input = part(kept.attentionInput, rows, 2 * width)
    VectorLoops.fillRows(input, bias: vector(block.attentionBias, 2 * width))
    try MatrixProduct.multiply(
      Matrix(normed, rows: rows.count, columns: width),
      matrix(block.attentionWeight, 2 * width, width).transposed, into: input,
      accumulating: true)
    let residual = narrow.at(0, count: items.count * width)
    let pooledNormed = narrow.at(residual.count, count: residual.count)
    for (place, item) in items.enumerated() {
      let row = sequences.pooled[item]
      residual.at(place * width, count: width).copy(from: kept.x.at(row * width, count: width))
      pooledNormed.at(place * width, count: width).copy(
        from: normed.at((row - rows.lowerBound) * width, count: width))
    }
    let query = part(kept.query, items, width)
    VectorLoops.fillRows(query, bias: vector(block.attentionBias + 2 * width, width))
    try MatrixProduct.multiply(
      Matrix(pooledNormed, rows: items.count, columns: width),
      matrix(block.attentionWeight + 2 * width * width, width, width).transposed, into: query,
      accumulating: true)
    for item in items {
      for head in 0..<heads {
        let attention = lastAttention(item, head)
        try MatrixProduct.multiply(
          attention.query, attention.key.transposed, into: attention.probabilities)
        VectorLoops.softmax(attention.probabilities, scale: attentionScale, causal: false)
        try MatrixProduct.multiply(
          attention.probabilities, attention.value, into: attention.attended)
      }
    }
    try forwardMLP(
      index, items, residual: residual, normed: normed, wideRows: wideRows, into: tape.pooled)
  }

  private func forwardNorm1(_ index: Int, _ rows: Range<Int>, _ normed: Floats) throws {
    let (block, kept) = (places.blocks[index], tape.blocks[index])
    VectorLoops.layerNorm(
      part(kept.x, rows, width), scale: vector(block.norm1Scale, width),
      shift: vector(block.norm1Shift, width), epsilon: places.sizes.layerNormEpsilon,
      into: normed, keeping: kept.mean1.at(rows.lowerBound, count: rows.count),
      kept.rstd1.at(rows.lowerBound, count: rows.count))
  }

  /// What follows the attention: its output projection and the MLP, each with its residual.
  private func forwardMLP(
    _ index: Int, _ rows: Range<Int>, residual: Floats, normed: Floats, wideRows: Floats,
    into next: Floats
  ) throws {
    let (block, kept) = (places.blocks[index], tape.blocks[index])
    let middle = part(kept.middle, rows, width)
    VectorLoops.fillRows(middle, bias: vector(block.outBias, width), residual: residual)
    try MatrixProduct.multiply(
      part(kept.attended, rows, width), matrix(block.outWeight, width, width).transposed,
      into: middle, accumulating: true)
    VectorLoops.layerNorm(
      middle, scale: vector(block.norm2Scale, width), shift: vector(block.norm2Shift, width),
      epsilon: places.sizes.layerNormEpsilon, into: normed,
      keeping: kept.mean2.at(rows.lowerBound, count: rows.count),
      kept.rstd2.at(rows.lowerBound, count: rows.count))
    let expanded = part(kept.expanded, rows, wide)
    try MatrixProduct.multiply(
      Matrix(normed, rows: rows.count, columns: width),
      matrix(block.expandWeight, wide, width).transposed, into: expanded)
    VectorLoops.activation(
      places.sizes.activation, expanded, bias: vector(block.expandBias, wide), into: wideRows)
    let output = part(next, rows, width)
    VectorLoops.fillRows(output, bias: vector(block.contractBias, width), residual: middle.floats)
    try MatrixProduct.multiply(
      Matrix(wideRows, rows: rows.count, columns: wide),
      matrix(block.contractWeight, width, wide).transposed, into: output, accumulating: true)
  }

  private func forwardHead(_ items: Range<Int>) throws {
    VectorLoops.layerNorm(
      part(tape.pooled, items, width), scale: vector(places.normScale, width),
      shift: vector(places.normShift, width), epsilon: places.sizes.layerNormEpsilon,
      into: part(tape.normed, items, width).floats,
      keeping: tape.mean.at(items.lowerBound, count: items.count),
      tape.rstd.at(items.lowerBound, count: items.count))
    let columns = places.projectionWidth
    try MatrixProduct.multiply(
      part(tape.normed, items, width), matrix(places.projection, columns, width).transposed,
      into: part(tape.embeddings, items, columns))
    for item in items {
      let vector = tape.embeddings.at(item * columns, count: columns)
      let length = Float(VectorLoops.dot(vector, vector).squareRoot())
      tape.lengths[item] = length
      let unit = tape.unit.at(item * columns, count: columns)
      unit.copy(from: vector)
      VectorLoops.scale(unit, by: length > 0 ? 1 / length : 0)
    }
  }

  // MARK: One head of one item

  struct Attention {
    let query, key, value, probabilities, attended: Matrix
  }

  func attention(_ index: Int, _ item: Int, _ head: Int) -> Attention {
    let kept = tape.blocks[index]
    let (first, length) = (sequences.starts[item], sequences.length(item))
    func columns(_ offset: Int) -> Matrix {
      headMatrix(kept.attentionInput, row: first, length, 3 * width, offset + head * headWidth)
    }
    let stride = sequences.stride(item)
    return Attention(
      query: columns(2 * width), key: columns(0), value: columns(width),
      probabilities: Matrix(
        kept.probabilities.at(
          tape.probabilityStarts[item] + head * length * stride, count: length * stride),
        rows: length, columns: length, stride: stride),
      attended: headMatrix(kept.attended, row: first, length, width, head * headWidth))
  }

  func lastAttention(_ item: Int, _ head: Int) -> Attention {
    let kept = tape.blocks[places.blocks.count - 1]
    let (first, length) = (sequences.starts[item], sequences.length(item))
    func columns(_ offset: Int) -> Matrix {
      headMatrix(kept.attentionInput, row: first, length, 2 * width, offset + head * headWidth)
    }
    let stride = sequences.stride(item)
    return Attention(
      query: headMatrix(kept.query, row: item, 1, width, head * headWidth), key: columns(0),
      value: columns(width),
      probabilities: Matrix(
        kept.probabilities.at(tape.lastProbabilityStarts[item] + head * stride, count: stride),
        rows: 1, columns: length, stride: stride),
      attended: headMatrix(kept.attended, row: item, 1, width, head * headWidth))
  }

  /// `count` rows from `row` on of a dense `[…, stride]`, one head's columns.
  func headMatrix(_ floats: Floats, row: Int, _ count: Int, _ stride: Int, _ column: Int)
    -> Matrix
  {
    let start = row * stride + column
    return Matrix(
      floats.at(start, count: (count - 1) * stride + headWidth), rows: count, columns: headWidth,
      stride: stride)
  }
}
