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
    try backwardProjection(unitGradient)
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
      let (top, bottom) = (above, below)
      try team.forEach(wave.runs.count) {
        try backwardBlock(index, wave, $0, from: top, into: bottom)
      }
      let block = pass.places.blocks[index]
      try addWeightGradients(
        gradients(index, wave, from: top), wave, norms: [block.norm1, block.norm2])
      swap(&above, &below)
    }
    guard pass.places.stemIsTrained else { return }
    try backwardStem(wave, from: above, into: below)
  }

  // MARK: Gradients by rows, one run

  /// What goes on in a block: all rows of a run, or in the last block its items' pooled ones.
  private func queries(_ index: Int, _ items: Range<Int>) -> Range<Int> {
    pass.isLast(index) ? items : pass.sequences.rows(items)
  }

  /// The gradient by a block's output.
  private func top(_ index: Int, _ wave: Wave, _ items: Range<Int>, _ above: Floats) -> Matrix {
    pass.isLast(index)
      ? pass.part(pass.tape.pooledGradient, items, width)
      : pass.part(above, wave.local(pass.sequences.rows(items)), width)
  }

  private func backwardBlock(
    _ index: Int, _ wave: Wave, _ run: Int, from above: Floats, into below: Floats
  ) throws {
    let items = wave.runs[run]
    let rows = pass.sequences.rows(items)
    for part in 0..<4 { wave.sums(run, part).fill(0) }
    try backwardMLP(index, wave, run, above: top(index, wave, items, above))
    let longest = items.map { pass.sequences.length($0) * pass.sequences.stride($0) }.max() ?? 0
    try pass.scratch.with(rows.count * width + longest) { floats in
      let byNormed = Matrix(
        floats.at(0, count: rows.count * width), rows: rows.count, columns: width)
      try backwardHeads(
        index, wave, items, byAttended: byNormed.floats,
        scratch: floats.at(byNormed.floats.count, count: longest))
      try backwardProjections(index, wave, items, into: byNormed)
      let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
      let bottom = pass.part(below, wave.local(rows), width).floats
      let middle = wave.queries(index, pass, items)
      block.norm1.backward(
        byNormed.floats, pass.part(kept.x, rows, width), pass.weights, kept.norm1.rows(rows),
        adding: pass.isLast(index) ? nil : pass.part(wave.middle, middle, width).floats,
        into: bottom, scaleGradient: wave.sums(run, 0), shiftGradient: wave.sums(run, 1))
      guard pass.isLast(index) else { return }
      for (place, item) in items.enumerated() {
        let row = pass.sequences.pooled[item] - rows.lowerBound
        VectorLoops.add(
          wave.middle.at((middle.lowerBound + place) * width, count: width),
          to: bottom.at(row * width, count: width))
      }
    }
  }

  /// From the block's output to the rows behind its attention, `wave.middle`.
  private func backwardMLP(_ index: Int, _ wave: Wave, _ run: Int, above: Matrix) throws {
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    let rows = queries(index, wave.runs[run])
    let local = wave.queries(index, pass, wave.runs[run])
    let byExpanded = pass.part(wave.byExpanded, local, wide)
    try block.mlp.backwardToExpanded(
      above, pass.weights, expanded: pass.part(kept.expanded, rows, wide), into: byExpanded,
      activated: pass.part(wave.activated, local, wide).floats)
    let middle = pass.part(kept.middle, rows, width)
    block.norm2.again(
      middle, pass.weights, kept.norm2.rows(rows),
      into: pass.part(wave.normed2, local, width).floats)
    try pass.scratch.with(rows.count * width) { floats in
      let byNormed = Matrix(
        floats.at(0, count: rows.count * width), rows: rows.count, columns: width)
      try block.mlp.expand.backward(byExpanded, pass.weights, into: byNormed)
      block.norm2.backward(
        byNormed.floats, middle, pass.weights, kept.norm2.rows(rows), adding: above.floats,
        into: pass.part(wave.middle, local, width).floats, scaleGradient: wave.sums(run, 2),
        shiftGradient: wave.sums(run, 3))
    }
  }

  /// From the rows behind the attention to its queries, keys and values.
  private func backwardHeads(
    _ index: Int, _ wave: Wave, _ items: Range<Int>, byAttended: Floats, scratch: Floats
  ) throws {
    let last = pass.isLast(index)
    let rows = queries(index, items)
    let local = wave.queries(index, pass, items)
    try pass.places.blocks[index].attention.output.backward(
      pass.part(wave.middle, local, width), pass.weights,
      into: pass.part(byAttended, 0..<rows.count, width))
    for (place, item) in items.enumerated() {
      let (first, length) = (pass.sequences.starts[item], pass.sequences.length(item))
      let row = first - wave.rows.lowerBound
      for head in 0..<pass.places.sizes.heads {
        func columns(_ part: Int) -> Matrix {
          pass.headColumns(wave.attentionInput, row, length, head, of: last ? 2 : 3, part)
        }
        try pass.head(index, item, head).backward(
          pass.headColumns(
            byAttended, last ? place : first - rows.lowerBound, last ? 1 : length, head),
          scratch: scratch,
          into: (
            query: last
              ? pass.headColumns(wave.query, local.lowerBound + place, 1, head) : columns(2),
            key: columns(0), value: columns(1)
          ))
      }
    }
  }

  /// From queries, keys and values to what they were made from; makes that again.
  private func backwardProjections(
    _ index: Int, _ wave: Wave, _ items: Range<Int>, into byNormed: Matrix
  ) throws {
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    let rows = pass.sequences.rows(items)
    let local = wave.local(rows)
    block.norm1.again(
      pass.part(kept.x, rows, width), pass.weights, kept.norm1.rows(rows),
      into: pass.part(wave.normed1, local, width).floats)
    guard pass.isLast(index) else {
      return try block.attention.keyValueQuery.backward(
        pass.part(wave.attentionInput, local, 3 * width), pass.weights, into: byNormed)
    }
    let localItems = wave.localItems(items)
    let byQuery = pass.part(wave.queryNormed, localItems, width)
    try block.attention.query.backward(
      pass.part(wave.query, localItems, width), pass.weights, into: byQuery)
    try block.attention.keyValue.backward(
      pass.part(wave.attentionInput, local, 2 * width), pass.weights, into: byNormed)
    for (place, item) in items.enumerated() {
      let row = pass.sequences.pooled[item]
      let query = byQuery.floats.at(place * width, count: width)
      VectorLoops.add(
        query, to: byNormed.floats.at((row - rows.lowerBound) * width, count: width))
      // From here on it holds what the query's weights were multiplied with.
      query.copy(from: wave.normed1.at((row - wave.rows.lowerBound) * width, count: width))
    }
  }

  // MARK: Gradients by weights, one wave

  private func gradients(_ index: Int, _ wave: Wave, from above: Floats) -> [LinearGradient] {
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    let rows = wave.local(wave.rows)
    let local = wave.queries(index, pass, wave.items)
    let normed = pass.part(wave.normed1, rows, width)
    var all = [
      LinearGradient(
        block.mlp.expand, dy: pass.part(wave.byExpanded, local, wide),
        x: pass.part(wave.normed2, local, width)),
      LinearGradient(
        block.mlp.contract, dy: top(index, wave, wave.items, above),
        x: pass.part(wave.activated, local, wide)),
      LinearGradient(
        block.attention.output, dy: pass.part(wave.middle, local, width),
        x: pass.part(kept.attended, queries(index, wave.items), width)),
    ]
    if pass.isLast(index) {
      all.append(
        LinearGradient(
          block.attention.keyValue, dy: pass.part(wave.attentionInput, rows, 2 * width), x: normed))
      all.append(
        LinearGradient(
          block.attention.query, dy: pass.part(wave.query, local, width),
          x: pass.part(wave.queryNormed, local, width)))
    } else {
      all.append(
        LinearGradient(
          block.attention.keyValueQuery, dy: pass.part(wave.attentionInput, rows, 3 * width),
          x: normed))
    }
    return all
  }

  /// Shares the layers out by rows of their weights; one more piece adds up the layer norms' parts.
  private func addWeightGradients(
    _ layers: [LinearGradient], _ wave: Wave, norms: [LayerNormPlaces]
  ) throws {
    let slices = team.threads
    try team.forEach(layers.count * slices + 1) { piece in
      guard piece < layers.count * slices else {
        for run in wave.runs.indices {
          for (place, norm) in norms.enumerated() {
            let sums = norm.gradients(in: gradient)
            VectorLoops.add(wave.sums(run, 2 * place), to: sums.scale)
            VectorLoops.add(wave.sums(run, 2 * place + 1), to: sums.shift)
          }
        }
        return
      }
      try layers[piece / slices].add(to: gradient, slice: piece % slices, of: slices)
    }
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
        stem.norm.backward(
          pass.part(above, local, width).floats, pass.part(pass.tape.stem, rows, width),
          pass.weights, pass.tape.stemNorm.rows(rows),
          into: pass.part(below, local, width).floats, scaleGradient: wave.sums(run, 0),
          shiftGradient: wave.sums(run, 1))
        _ = stem.patches(
          pass, wave.runs[run], into: pass.part(wave.patches, local, stem.patchWidth).floats)
      }
      let local = wave.local(wave.rows)
      try addWeightGradients(
        [
          LinearGradient(
            stem.projection, dy: pass.part(below, local, width),
            x: pass.part(wave.patches, local, stem.patchWidth))
        ], wave, norms: [stem.norm])
      stem.addGradient(
        pass, wave.items, dx: below, firstRow: wave.rows.lowerBound, to: gradient)
    }
  }
}
