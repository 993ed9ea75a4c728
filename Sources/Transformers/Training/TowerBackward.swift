import Compute

/// The way back of one pass: the gradient by its unit vectors → the gradient by the parameters.
///
/// It goes wave by wave, a wave being some runs of items whose gradients stay in the cache. In each
/// block runs first compute gradients by their own rows, independently; then the weights' gradients
/// are shared out by rows of the weights, each over all rows of the wave. No thread needs a copy of
/// the gradient, and every sum has a fixed order.
package struct TowerBackward: Sendable {
  let pass: TowerPass
  let gradient: Floats
  let team: Team
  /// Memory of waves, apart from that of runs, which is smaller.
  let waveMemory: ScratchPool

  package init(pass: TowerPass, gradient: Floats, team: Team, waveMemory: ScratchPool) {
    (self.pass, self.gradient, self.team, self.waveMemory) = (pass, gradient, team, waveMemory)
  }

  /// Rows of a run: large enough for products near the peak, small enough for its core's cache.
  package static let rowsPerRun = 260

  var width: Int { pass.width }
  var wide: Int { pass.wide }

  /// Adds to the gradient.
  /// - Parameter unitGradient: `[items, projectionWidth]`
  package func run(unitGradient: Floats) throws {
    try backwardHead(unitGradient)
    guard pass.places.lowestBlock < pass.places.blocks.count else { return }
    let waveRuns = max(4, 2 * team.threads)
    let runs = pass.sequences.runs(rows: Self.rowsPerRun, multiple: team.threads)
    let waves = stride(from: 0, to: runs.count, by: waveRuns).map {
      Array(runs[$0..<min($0 + waveRuns, runs.count)])
    }
    let rows = waves.map {
      pass.sequences.rows($0[0].lowerBound..<$0[$0.count - 1].upperBound).count
    }
    let count = Wave.count(
      rows: rows.max() ?? 0, runs: waveRuns, width, wide, pass.stem.inputWidth)
    try waveMemory.with(count) { memory in
      for runs in waves { try backward(Wave(pass, runs, memory)) }
    }
  }

  private func backward(_ wave: Wave) throws {
    var (above, below) = (wave.first, wave.second)
    for index in pass.places.blocks.indices.reversed() {
      guard index >= pass.places.lowestBlock else { return }
      let isLast = index == pass.places.blocks.count - 1
      let (top, bottom) = (above, below)
      try team.forEach(wave.runs.count) { run in
        if isLast {
          try backwardLastBlock(wave, run, into: bottom)
        } else {
          try backwardBlock(index, wave, run, from: top, into: bottom)
        }
      }
      try addWeightGradients(
        isLast ? lastProducts(wave) : products(index, wave, above: top), wave,
        norms: [
          (pass.places.blocks[index].norm1Scale, pass.places.blocks[index].norm1Shift),
          (pass.places.blocks[index].norm2Scale, pass.places.blocks[index].norm2Shift),
        ])
      swap(&above, &below)
    }
    guard pass.places.stemIsTrained else { return }
    try backwardStem(wave, from: above, into: below)
  }

  // MARK: Head

  private func backwardHead(_ unitGradient: Floats) throws {
    let (tape, columns, items) = (pass.tape, pass.places.projectionWidth, pass.sequences.count)
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
      let normed = pass.part(tape.normed, 0..<items, width)
      let byNormed = Matrix(
        floats.at(items * columns, count: items * width), rows: items, columns: width)
      try MatrixProduct.multiply(
        byEmbedding, pass.matrix(pass.places.projection, columns, width), into: byNormed)
      try MatrixProduct.multiply(
        byEmbedding.transposed, normed, into: target(pass.places.projection, columns, width),
        accumulating: true)
      VectorLoops.layerNormBackward(
        byNormed.floats, pass.part(tape.pooled, 0..<items, width),
        scale: pass.vector(pass.places.normScale, width), mean: tape.mean, rstd: tape.rstd,
        residual: nil, into: tape.pooledGradient,
        dScale: gradient.at(pass.places.normScale, count: width),
        dShift: gradient.at(pass.places.normShift, count: width))
    }
  }

  func target(_ start: Int, _ rows: Int, _ columns: Int) -> Matrix {
    Matrix(gradient.at(start, count: rows * columns), rows: rows, columns: columns)
  }

  // MARK: Gradients by rows, one run

  private func backwardBlock(
    _ index: Int, _ wave: Wave, _ run: Int, from above: Floats, into below: Floats
  ) throws {
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    let items = wave.runs[run]
    let rows = pass.sequences.rows(items)
    let local = wave.local(rows)
    let top = pass.part(above, local, width)
    try backwardMLP(index, wave, run, rows: rows, local: local, above: top)
    try pass.scratch.with(scratchCount(items)) { floats in
      let narrow = Matrix(
        floats.at(0, count: rows.count * width), rows: rows.count, columns: width)
      let middle = pass.part(wave.middle, local, width)
      try MatrixProduct.multiply(
        middle, pass.matrix(block.outWeight, width, width), into: narrow)
      let square = floats.at(narrow.floats.count, count: floats.count - narrow.floats.count)
      for item in items {
        let first = pass.sequences.starts[item]
        for head in 0..<pass.heads {
          let attention = pass.attention(index, item, head)
          func columns(_ offset: Int) -> Matrix {
            pass.headMatrix(
              wave.attentionInput, row: first - wave.rows.lowerBound, attention.key.rows,
              3 * width, offset + head * pass.headWidth)
          }
          try backwardAttention(
            attention,
            attended: pass.headMatrix(
              narrow.floats, row: first - rows.lowerBound, attention.query.rows, width,
              head * pass.headWidth), square: square,
            into: (query: columns(2 * width), key: columns(0), value: columns(width)))
        }
      }
      normAgain1(index, wave, rows, local)
      try MatrixProduct.multiply(
        pass.part(wave.attentionInput, local, 3 * width),
        pass.matrix(block.attentionWeight, 3 * width, width), into: narrow)
      VectorLoops.layerNormBackward(
        narrow.floats, pass.part(kept.x, rows, width),
        scale: pass.vector(block.norm1Scale, width),
        mean: kept.mean1.at(rows.lowerBound, count: rows.count),
        rstd: kept.rstd1.at(rows.lowerBound, count: rows.count), residual: middle.floats,
        into: pass.part(below, local, width).floats, dScale: wave.sums(run, 0),
        dShift: wave.sums(run, 1))
    }
  }

  /// The last block: one row per item behind its keys and values.
  private func backwardLastBlock(_ wave: Wave, _ run: Int, into below: Floats) throws {
    let index = pass.places.blocks.count - 1
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    let items = wave.runs[run]
    let rows = pass.sequences.rows(items)
    let local = wave.local(rows)
    let localItems = wave.localItems(items)
    try backwardMLP(
      index, wave, run, rows: items, local: localItems,
      above: pass.part(pass.tape.pooledGradient, items, width))
    try pass.scratch.with(scratchCount(items)) { floats in
      let narrow = Matrix(
        floats.at(0, count: rows.count * width), rows: rows.count, columns: width)
      let perItem = pass.part(narrow.floats, 0..<items.count, width)
      let middle = pass.part(wave.middle, localItems, width)
      try MatrixProduct.multiply(
        middle, pass.matrix(block.outWeight, width, width), into: perItem)
      let square = floats.at(narrow.floats.count, count: floats.count - narrow.floats.count)
      for (place, item) in items.enumerated() {
        let first = pass.sequences.starts[item] - wave.rows.lowerBound
        for head in 0..<pass.heads {
          let attention = pass.lastAttention(item, head)
          func columns(_ offset: Int) -> Matrix {
            pass.headMatrix(
              wave.attentionInput, row: first, attention.key.rows, 2 * width,
              offset + head * pass.headWidth)
          }
          try backwardAttention(
            attention,
            attended: pass.headMatrix(
              narrow.floats, row: place, 1, width, head * pass.headWidth), square: square,
            into: (
              query: pass.headMatrix(
                wave.query, row: localItems.lowerBound + place, 1, width, head * pass.headWidth),
              key: columns(0), value: columns(width)
            ))
        }
      }
      normAgain1(index, wave, rows, local)
      let byQuery = pass.part(wave.queryNormed, localItems, width)
      try MatrixProduct.multiply(
        pass.part(wave.query, localItems, width),
        pass.matrix(block.attentionWeight + 2 * width * width, width, width), into: byQuery)
      try MatrixProduct.multiply(
        pass.part(wave.attentionInput, local, 2 * width),
        pass.matrix(block.attentionWeight, 2 * width, width), into: narrow)
      for (place, item) in items.enumerated() {
        let row = pass.sequences.pooled[item]
        let normed = wave.normed1.at((row - wave.rows.lowerBound) * width, count: width)
        let query = byQuery.floats.at(place * width, count: width)
        VectorLoops.add(
          query, to: narrow.floats.at((row - rows.lowerBound) * width, count: width))
        // From here on it holds what the query's weights were multiplied with.
        query.copy(from: normed)
      }
      let bottom = pass.part(below, local, width).floats
      VectorLoops.layerNormBackward(
        narrow.floats, pass.part(kept.x, rows, width),
        scale: pass.vector(block.norm1Scale, width),
        mean: kept.mean1.at(rows.lowerBound, count: rows.count),
        rstd: kept.rstd1.at(rows.lowerBound, count: rows.count), residual: nil, into: bottom,
        dScale: wave.sums(run, 0), dShift: wave.sums(run, 1))
      for (place, item) in items.enumerated() {
        let row = pass.sequences.pooled[item] - rows.lowerBound
        VectorLoops.add(
          middle.floats.at(place * width, count: width),
          to: bottom.at(row * width, count: width))
      }
    }
  }

  /// From the block's output to the rows behind its attention, `wave.middle`.
  private func backwardMLP(
    _ index: Int, _ wave: Wave, _ run: Int, rows: Range<Int>, local: Range<Int>, above: Matrix
  ) throws {
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    for part in 0..<4 { wave.sums(run, part).fill(0) }
    let byExpanded = pass.part(wave.byExpanded, local, wide)
    try MatrixProduct.multiply(
      above, pass.matrix(block.contractWeight, width, wide), into: byExpanded)
    VectorLoops.activationBackward(
      pass.places.sizes.activation, pass.part(kept.expanded, rows, wide).floats,
      count: rows.count * wide, gradient: byExpanded.floats,
      into: pass.part(wave.activated, local, wide).floats)
    let mean = kept.mean2.at(rows.lowerBound, count: rows.count)
    let rstd = kept.rstd2.at(rows.lowerBound, count: rows.count)
    let middle = pass.part(kept.middle, rows, width)
    VectorLoops.layerNormAgain(
      middle, scale: pass.vector(block.norm2Scale, width),
      shift: pass.vector(block.norm2Shift, width), mean: mean, rstd: rstd,
      into: pass.part(wave.normed2, local, width).floats)
    try pass.scratch.with(rows.count * width) { floats in
      let narrow = Matrix(
        floats.at(0, count: rows.count * width), rows: rows.count, columns: width)
      try MatrixProduct.multiply(
        byExpanded, pass.matrix(block.expandWeight, wide, width), into: narrow)
      VectorLoops.layerNormBackward(
        narrow.floats, middle, scale: pass.vector(block.norm2Scale, width), mean: mean,
        rstd: rstd, residual: above.floats, into: pass.part(wave.middle, local, width).floats,
        dScale: wave.sums(run, 2), dShift: wave.sums(run, 3))
    }
  }

  private func backwardAttention(
    _ attention: TowerPass.Attention, attended: Matrix, square: Floats,
    into d: (query: Matrix, key: Matrix, value: Matrix)
  ) throws {
    let p = attention.probabilities
    let byP = Matrix(square, rows: p.rows, columns: p.columns, stride: p.stride)
    try MatrixProduct.multiply(p.transposed, attended, into: d.value)
    try MatrixProduct.multiply(attended, attention.value.transposed, into: byP)
    VectorLoops.softmaxBackward(p, gradient: square, scale: pass.attentionScale)
    try MatrixProduct.multiply(byP, attention.key, into: d.query)
    try MatrixProduct.multiply(byP.transposed, attention.query, into: d.key)
  }

  private func normAgain1(_ index: Int, _ wave: Wave, _ rows: Range<Int>, _ local: Range<Int>) {
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    VectorLoops.layerNormAgain(
      pass.part(kept.x, rows, width), scale: pass.vector(block.norm1Scale, width),
      shift: pass.vector(block.norm1Shift, width),
      mean: kept.mean1.at(rows.lowerBound, count: rows.count),
      rstd: kept.rstd1.at(rows.lowerBound, count: rows.count),
      into: pass.part(wave.normed1, local, width).floats)
  }

  private func scratchCount(_ items: Range<Int>) -> Int {
    let longest = items.map { pass.sequences.length($0) * pass.sequences.stride($0) }.max() ?? 0
    return pass.sequences.rows(items).count * width + longest + 64
  }

  // MARK: Stem

  private func backwardStem(_ wave: Wave, from above: Floats, into below: Floats) throws {
    switch pass.stem {
    case .text(let stem):
      stem.addGradient(
        pass, wave.items, dx: above, firstRow: wave.rows.lowerBound, to: gradient)
    case .vision(let stem):
      try team.forEach(wave.runs.count) { run in
        let rows = pass.sequences.rows(wave.runs[run])
        let local = wave.local(rows)
        for part in 0..<4 { wave.sums(run, part).fill(0) }
        VectorLoops.layerNormBackward(
          pass.part(above, local, width).floats, pass.part(pass.tape.stem, rows, width),
          scale: pass.vector(stem.normScale, width),
          mean: pass.tape.stemMean.at(rows.lowerBound, count: rows.count),
          rstd: pass.tape.stemRstd.at(rows.lowerBound, count: rows.count), residual: nil,
          into: pass.part(below, local, width).floats, dScale: wave.sums(run, 0),
          dShift: wave.sums(run, 1))
        _ = stem.patches(
          pass, wave.runs[run], into: pass.part(wave.patches, local, stem.patchWidth).floats)
      }
      let local = wave.local(wave.rows)
      try addWeightGradients(
        [
          Product(
            dy: pass.part(below, local, width),
            x: pass.part(wave.patches, local, stem.patchWidth), weight: stem.projection, bias: nil)
        ], wave, norms: [(stem.normScale, stem.normShift)])
      stem.addGradient(
        pass, wave.items, dx: below, firstRow: wave.rows.lowerBound, to: gradient)
    }
  }
}
