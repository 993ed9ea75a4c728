import Compute
import RandomNumbers

/// What makes the rows that go into a tower's first block.
package enum Stem: Sendable {
  case text(TextStem)
  case vision(VisionStem)

  /// Floats that one row's input takes in scratch memory.
  var inputWidth: Int {
    switch self {
    case .text: 0
    case .vision(let stem): stem.patchWidth
    }
  }

  func forward(_ pass: TowerPass, _ items: Range<Int>, input: Floats) throws {
    switch self {
    case .text(let stem): stem.forward(pass, items)
    case .vision(let stem): try stem.forward(pass, items, input: input)
    }
  }
}

/// Token and position embedding, `CLIPTextEmbeddings`.
package struct TextStem: Sendable {
  /// Where the tables begin.
  let tokens, positions: Int
  /// Ids of each item, up to the pooled one.
  let texts: [ArraySlice<Int32>]

  package init(tokens: Int, positions: Int, texts: [ArraySlice<Int32>]) {
    (self.tokens, self.positions, self.texts) = (tokens, positions, texts)
  }

  func forward(_ pass: TowerPass, _ items: Range<Int>) {
    let (x, width) = (pass.tape.blocks[0].x, pass.width)
    for item in items {
      var row = pass.sequences.starts[item]
      for (position, id) in texts[item].enumerated() {
        let target = x.at(row * width, count: width)
        target.copy(from: pass.vector(tokens + Int(id) * width, width))
        VectorLoops.add(pass.vector(positions + position * width, width), to: target)
        row += 1
      }
    }
  }

  /// Adds the gradient by `x` (rows from `firstRow` on) to both tables.
  func addGradient(
    _ pass: TowerPass, _ items: Range<Int>, dx: Floats, firstRow: Int, to gradient: Floats
  ) {
    let width = pass.width
    for item in items {
      var row = pass.sequences.starts[item] - firstRow
      for (position, id) in texts[item].enumerated() {
        let from = dx.at(row * width, count: width)
        VectorLoops.add(from, to: gradient.at(tokens + Int(id) * width, count: width))
        VectorLoops.add(from, to: gradient.at(positions + position * width, count: width))
        row += 1
      }
    }
  }
}

/// Patch projection, class token, positions and the layer norm in front, `CLIPVisionEmbeddings`.
package struct VisionStem: Sendable {
  /// Where the parameters begin.
  let classToken, positions: Int
  /// A patch's numbers → width, without bias.
  let projection: LinearPlaces
  let norm: LayerNormPlaces
  let side, patch: Int
  /// `[pictures, 3, side, side]` of the piece.
  let pixels: Floats
  /// Places of the patches of each picture that are seen, ascending.
  let seen: [[Int]]

  package init(
    classToken: Int, projection: LinearPlaces, positions: Int, norm: LayerNormPlaces, side: Int,
    patch: Int, pixels: Floats, seen: [[Int]]
  ) {
    (self.classToken, self.projection, self.positions) = (classToken, projection, positions)
    (self.norm, self.side, self.patch) = (norm, side, patch)
    (self.pixels, self.seen) = (pixels, seen)
  }

  var patchWidth: Int { 3 * patch * patch }

  func forward(_ pass: TowerPass, _ items: Range<Int>, input: Floats) throws {
    let (width, rows) = (pass.width, pass.sequences.rows(items))
    let stem = pass.part(pass.tape.stem, rows, width)
    for item in items {
      var row = pass.sequences.starts[item] - rows.lowerBound
      for position in [-1] + seen[item] {
        let target = stem.floats.at(row * width, count: width)
        target.copy(from: pass.vector(positions + (position + 1) * width, width))
        if position < 0 { VectorLoops.add(pass.vector(classToken, width), to: target) }
        row += 1
      }
    }
    try projection.product(
      patches(pass, items, into: input), pass.weights, into: stem, accumulating: true)
    norm.forward(
      stem, pass.weights, into: pass.part(pass.tape.blocks[0].x, rows, width).floats,
      keeping: pass.tape.stemNorm.rows(rows))
  }

  /// The seen patches of some pictures, one a row; a row of zeros stands for each class token, so that
  /// one product serves all rows.
  func patches(_ pass: TowerPass, _ items: Range<Int>, into target: Floats) -> Matrix {
    let rows = pass.sequences.rows(items)
    let grid = side / patch
    for item in items {
      var row = pass.sequences.starts[item] - rows.lowerBound
      target.at(row * patchWidth, count: patchWidth).fill(0)
      for position in seen[item] {
        row += 1
        let corner = (position / grid * side + position % grid) * patch
        for channel in 0..<3 {
          for line in 0..<patch {
            let from = ((item * 3 + channel) * side + line) * side + corner
            let to = row * patchWidth + (channel * patch + line) * patch
            target.at(to, count: patch).copy(from: pixels.at(from, count: patch))
          }
        }
      }
    }
    return Matrix(
      target.at(0, count: rows.count * patchWidth), rows: rows.count, columns: patchWidth)
  }

  /// Adds the gradient with respect to the rows before the layer norm to those of class token and positions.
  func addGradient(
    _ pass: TowerPass, _ items: Range<Int>, dx: Floats, firstRow: Int, to gradient: Floats
  ) {
    let width = pass.width
    for item in items {
      var row = pass.sequences.starts[item] - firstRow
      for position in [-1] + seen[item] {
        let from = dx.at(row * width, count: width)
        VectorLoops.add(from, to: gradient.at(positions + (position + 1) * width, count: width))
        if position < 0 { VectorLoops.add(from, to: gradient.at(classToken, count: width)) }
        row += 1
      }
    }
  }

  /// The patches of each picture that are seen when a share of `dropout` is left out.
  package static func seen(patches: Int, dropout: Float, pairs: Range<Int>, seed: UInt64) -> [[Int]]
  {
    let kept = max(1, Int((Float(patches) * (1 - dropout)).rounded()))
    guard kept < patches else {
      return Array(repeating: Array(0..<patches), count: pairs.count)
    }
    return pairs.map { pair in
      var random = RandomNumbers(seed: seed, stream: UInt64(pair))
      return Array(0..<patches).shuffled(using: &random).prefix(kept).sorted()
    }
  }
}
