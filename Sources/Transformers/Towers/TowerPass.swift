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

  /// Rows `rows` of a dense `[…, columns]`.
  func part(_ floats: Floats, _ rows: Range<Int>, _ columns: Int) -> Matrix {
    Matrix(
      floats.at(rows.lowerBound * columns, count: rows.count * columns), rows: rows.count,
      columns: columns)
  }

  func vector(_ start: Int, _ count: Int) -> Floats { weights.at(start, count: count) }

  /// The last block has queries for its pooled rows alone, since only those go on.
  func isLast(_ block: Int) -> Bool { block == places.blocks.count - 1 }

  // MARK: Forward

  /// What a run needs for the time of its pass.
  private struct Room {
    /// `[rows, width]`
    let normed: Floats
    /// `[rows, the wider of intermediateWidth and the stem's input]`
    let wide: Floats
    /// `[items, width]`: the pooled rows before and after the last block's first norm.
    let pooled, pooledNormed: Floats

    static func count(_ rows: Int, _ items: Int, _ width: Int, _ wide: Int) -> Int {
      rows * (width + wide) + items * 2 * width
    }

    init(_ floats: Floats, _ rows: Int, _ items: Int, _ width: Int, _ wide: Int) {
      normed = floats.at(0, count: rows * width)
      self.wide = floats.at(normed.count, count: rows * wide)
      pooled = floats.at(rows * (width + wide), count: items * width)
      pooledNormed = floats.at(rows * (width + wide) + items * width, count: items * width)
    }
  }

  /// All layers for a run of items, up to their unit vectors.
  package func forward(_ items: Range<Int>) throws {
    let (rows, widest) = (sequences.rows(items).count, max(wide, stem.inputWidth))
    try scratch.with(Room.count(rows, items.count, width, widest)) { floats in
      let room = Room(floats, rows, items.count, width, widest)
      try stem.forward(self, items, input: room.wide)
      for index in places.blocks.indices { try forwardBlock(index, items, room) }
      try forwardProjection(items)
    }
  }

  private func forwardBlock(_ index: Int, _ items: Range<Int>, _ room: Room) throws {
    let (block, kept, rows) = (places.blocks[index], tape.blocks[index], sequences.rows(items))
    let x = part(kept.x, rows, width)
    block.norm1.forward(x, weights, into: room.normed, keeping: kept.norm1.rows(rows))
    let normed = Matrix(room.normed, rows: rows.count, columns: width)
    let queries = isLast(index) ? items : rows
    var residual = x.floats
    if isLast(index) {
      try block.attention.keyValue.forward(
        normed, weights, into: part(kept.attentionInput, rows, 2 * width))
      residual = room.pooled
      takePooled(items, x.floats, into: residual)
      takePooled(items, room.normed, into: room.pooledNormed)
      try block.attention.query.forward(
        Matrix(room.pooledNormed, rows: items.count, columns: width), weights,
        into: part(kept.query, items, width))
    } else {
      try block.attention.keyValueQuery.forward(
        normed, weights, into: part(kept.attentionInput, rows, 3 * width))
    }
    for item in items {
      for head in 0..<places.sizes.heads {
        // The pooled row of a text is its last one, so its causal mask hides nothing.
        try self.head(index, item, head).forward(causal: places.isCausal && !isLast(index))
      }
    }
    let middle = part(kept.middle, queries, width)
    try block.attention.output.forward(
      part(kept.attended, queries, width), weights, adding: residual, into: middle)
    block.norm2.forward(middle, weights, into: room.normed, keeping: kept.norm2.rows(queries))
    try block.mlp.forward(
      Matrix(room.normed, rows: queries.count, columns: width), weights, adding: middle.floats,
      expanded: part(kept.expanded, queries, wide), activated: room.wide,
      into: part(isLast(index) ? tape.pooled : tape.blocks[index + 1].x, queries, width))
  }

  /// The pooled rows of a run whose first row is the first of `rows`.
  private func takePooled(_ items: Range<Int>, _ rows: Floats, into target: Floats) {
    let first = sequences.starts[items.lowerBound]
    for (place, item) in items.enumerated() {
      target.at(place * width, count: width).copy(
        from: rows.at((sequences.pooled[item] - first) * width, count: width))
    }
  }

  /// One head of one item in a block.
  func head(_ index: Int, _ item: Int, _ head: Int) -> AttentionHead {
    let kept = tape.blocks[index]
    let (first, length) = (sequences.starts[item], sequences.length(item))
    let last = isLast(index)
    let rows = last ? 1 : length
    let stride = sequences.stride(item)
    let start =
      (last ? tape.lastProbabilityStarts : tape.probabilityStarts)[item] + head * rows * stride
    return AttentionHead(
      query: last
        ? headColumns(kept.query, item, 1, head)
        : headColumns(kept.attentionInput, first, rows, head, of: 3, 2),
      key: headColumns(kept.attentionInput, first, length, head, of: last ? 2 : 3, 0),
      value: headColumns(kept.attentionInput, first, length, head, of: last ? 2 : 3, 1),
      probabilities: Matrix(
        kept.probabilities.at(start, count: rows * stride), rows: rows, columns: length,
        stride: stride),
      attended: headColumns(kept.attended, last ? item : first, rows, head))
  }

  /// A head's columns of `count` rows, in the part of that number of rows that have `parts` · width.
  func headColumns(
    _ floats: Floats, _ row: Int, _ count: Int, _ head: Int, of parts: Int = 1, _ part: Int = 0
  ) -> Matrix {
    .head(
      floats, row: row, count: count, stride: parts * width,
      column: part * width + head * places.sizes.headWidth, width: places.sizes.headWidth)
  }
}
