import Compute
import Foundation
import TestSupport
import Testing
import Transformers

/// The layers put together as a decoder's block: post-norm, cross-attention, another activation, and a
/// cache of keys and values that grows. Expected values are PyTorch's.
@Suite struct DecoderTests {
  private let expected: SafetensorsFixture

  init() throws {
    expected = try SafetensorsFixture(
      contentsOf: Places.fixtures.appendingPathComponent("decoder/block.safetensors"))
  }

  @Test("a decoder's block gives PyTorch's result")
  func forward() throws {
    let block = try DecoderBlock(expected)
    try block.forward()
    try expectClose(block.result.array, "result")
  }

  @Test("a decoder's block gives PyTorch's gradients, by inputs and by every weight")
  func backward() throws {
    let block = try DecoderBlock(expected)
    try block.forward()
    try block.backward(try expected.floats("cotangent"))
    try expectClose(block.dx.array, "gradient/x")
    try expectClose(block.dMemory.array, "gradient/memory")
    for entry in block.table.entries {
      let got = block.gradient.floats.at(entry.range.lowerBound, count: entry.range.count)
      // A shift of all keys changes no probability: that gradient is rounding alone.
      let least: Float = entry.name.hasSuffix("k_proj.bias") ? 10 : 0
      try expectClose(got.array, "gradient/\(entry.name)", least: least)
    }
  }

  @Test("row by row over a growing cache is the same as all rows at once")
  func cache() throws {
    let whole = try DecoderBlock(expected)
    try whole.forward()
    let stepwise = try DecoderBlock(expected)
    try stepwise.forwardRowByRow()
    for (one, other) in zip(whole.attendedToItself, stepwise.attendedToItself) {
      #expect(abs(one - other) < 1e-6)
    }
    #expect(whole.attendedToItself.contains { abs($0) > 0.1 })
  }

  private func expectClose(_ got: [Float], _ name: String, least: Float = 0) throws {
    let wanted = try expected.floats(name)
    try #require(got.count == wanted.count, "\(name)")
    let largest = max(least, wanted.map(abs).max() ?? 0)
    let distance = zip(got, wanted).map { abs($0 - $1) }.max() ?? 0
    #expect(distance <= 2e-5 * largest, "\(name): \(distance) of \(largest)")
  }
}

/// y = norm3(h + mlp(h)), h = norm2(g + other(g, memory)), g = norm1(x + own(x)).
private struct DecoderBlock {
  private static let (width, heads, wide, targets, keys) = (16, 2, 24, 5, 7)

  let table: ParameterTable
  let gradient: FloatBlock
  let result: Floats
  let dx: Floats
  let dMemory: Floats
  private let block: FloatBlock
  private let weights: Floats
  private let own, other: AttentionPlaces
  private let mlp: MLPPlaces
  private let norms: [LayerNormPlaces]
  private let x, memory: Matrix
  /// Keys, values and queries of the own rows; keys and values of the memory; queries to it.
  private let ownInput, otherInput, otherQuery: Matrix
  private let ownProbabilities, otherProbabilities: Floats
  private let ownAttended, otherAttended: Matrix
  /// Before and after each norm.
  private let sums, normed: [Matrix]
  private let statistics: [RowStatistics]
  private let expanded, activated: Matrix
  private let room: Floats

  init(_ file: SafetensorsFixture) throws {
    let (width, wide, targets, keys) = (Self.width, Self.wide, Self.targets, Self.keys)
    let ownNames = AttentionParameters("own", width: width, deviation: 1, outputDeviation: 1)
    let otherNames = AttentionParameters("other", width: width, deviation: 1, outputDeviation: 1)
    let mlpNames = MLPParameters(
      "mlp", width: width, intermediateWidth: wide, expandDeviation: 1, contractDeviation: 1)
    let normNames = (1...3).map { LayerNormParameters("norm\($0)", width: width) }
    table = ParameterTable(
      ownNames.all + otherNames.all + mlpNames.all + normNames.flatMap(\.all))
    own = AttentionPlaces(table, ownNames)
    other = AttentionPlaces(table, otherNames)
    mlp = MLPPlaces(table, mlpNames, .silu)
    norms = [
      LayerNormPlaces(table, normNames[0], epsilon: 1e-5),
      LayerNormPlaces(table, normNames[1], epsilon: 1e-5),
      LayerNormPlaces(table, normNames[2], epsilon: 1e-5),
    ]
    block = FloatBlock(count: 16_384)
    gradient = FloatBlock(count: table.count)
    let memory = block.floats
    var taken = 0
    func take(_ count: Int) -> Floats {
      defer { taken += count }
      return memory.at(taken, count: count)
    }
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(take(rows * columns), rows: rows, columns: columns)
    }
    weights = take(table.count)
    x = matrix(targets, width)
    self.memory = matrix(keys, width)
    ownInput = matrix(targets, 3 * width)
    otherInput = matrix(keys, 2 * width)
    otherQuery = matrix(targets, width)
    ownProbabilities = take(Self.heads * targets * 16)
    otherProbabilities = take(Self.heads * targets * 16)
    ownAttended = matrix(targets, width)
    otherAttended = matrix(targets, width)
    sums = [matrix(targets, width), matrix(targets, width), matrix(targets, width)]
    normed = [matrix(targets, width), matrix(targets, width), matrix(targets, width)]
    statistics = [
      RowStatistics(mean: take(targets), rstd: take(targets)),
      RowStatistics(mean: take(targets), rstd: take(targets)),
      RowStatistics(mean: take(targets), rstd: take(targets)),
    ]
    expanded = matrix(targets, wide)
    activated = matrix(targets, wide)
    dx = take(targets * width)
    dMemory = take(keys * width)
    room = take(4096)
    result = normed[2].floats
    for entry in table.entries {
      Floats.lend(try file.floats(entry.name)) {
        weights.at(entry.range.lowerBound, count: entry.range.count).copy(from: $0)
      }
    }
    Floats.lend(try file.floats("x")) { [x] in x.floats.copy(from: $0) }
    Floats.lend(try file.floats("memory")) { [to = self.memory] in to.floats.copy(from: $0) }
  }

  var attendedToItself: [Float] { ownAttended.floats.array }

  private func columns(_ floats: Floats, rows: Int, _ head: Int, of parts: Int, _ part: Int)
    -> Matrix
  {
    let headWidth = Self.width / Self.heads
    return .head(
      floats, row: 0, count: rows, stride: parts * Self.width,
      column: part * Self.width + head * headWidth, width: headWidth)
  }

  private func ownHead(_ head: Int) -> AttentionHead {
    let rows = Self.targets
    return AttentionHead(
      query: columns(ownInput.floats, rows: rows, head, of: 3, 2),
      key: columns(ownInput.floats, rows: rows, head, of: 3, 0),
      value: columns(ownInput.floats, rows: rows, head, of: 3, 1),
      probabilities: Matrix(
        ownProbabilities.at(head * rows * 16, count: rows * 16), rows: rows, columns: rows,
        stride: 16), attended: columns(ownAttended.floats, rows: rows, head, of: 1, 0))
  }

  private func otherHead(_ head: Int) -> AttentionHead {
    let rows = Self.targets
    return AttentionHead(
      query: columns(otherQuery.floats, rows: rows, head, of: 1, 0),
      key: columns(otherInput.floats, rows: Self.keys, head, of: 2, 0),
      value: columns(otherInput.floats, rows: Self.keys, head, of: 2, 1),
      probabilities: Matrix(
        otherProbabilities.at(head * rows * 16, count: rows * 16), rows: rows, columns: Self.keys,
        stride: 16), attended: columns(otherAttended.floats, rows: rows, head, of: 1, 0))
  }

  func forward() throws {
    try own.keyValueQuery.forward(x, weights, into: ownInput)
    for head in 0..<Self.heads { try ownHead(head).forward(causal: true) }
    try own.output.forward(ownAttended, weights, adding: x.floats, into: sums[0])
    norms[0].forward(sums[0], weights, into: normed[0].floats, keeping: statistics[0])
    try other.query.forward(normed[0], weights, into: otherQuery)
    try other.keyValue.forward(memory, weights, into: otherInput)
    for head in 0..<Self.heads { try otherHead(head).forward(causal: false) }
    try other.output.forward(otherAttended, weights, adding: normed[0].floats, into: sums[1])
    norms[1].forward(sums[1], weights, into: normed[1].floats, keeping: statistics[1])
    try mlp.forward(
      normed[1], weights, adding: normed[1].floats, expanded: expanded,
      activated: activated.floats, into: sums[2])
    norms[2].forward(sums[2], weights, into: normed[2].floats, keeping: statistics[2])
  }

  /// The self-attention alone, one row after the other.
  func forwardRowByRow() throws {
    let (width, headWidth) = (Self.width, Self.width / Self.heads)
    for row in 0..<Self.targets {
      func one(_ floats: Floats, _ columns: Int) -> Matrix {
        Matrix(floats.at(row * columns, count: columns), rows: 1, columns: columns)
      }
      try own.keyValueQuery.forward(
        one(x.floats, width), weights, into: one(ownInput.floats, 3 * width))
      for head in 0..<Self.heads {
        try AttentionHead(
          query: .head(
            ownInput.floats, row: row, count: 1, stride: 3 * width,
            column: 2 * width + head * headWidth, width: headWidth),
          key: columns(ownInput.floats, rows: row + 1, head, of: 3, 0),
          value: columns(ownInput.floats, rows: row + 1, head, of: 3, 1),
          probabilities: Matrix(
            ownProbabilities.at(0, count: 16), rows: 1, columns: row + 1, stride: 16),
          attended: .head(
            ownAttended.floats, row: row, count: 1, stride: width, column: head * headWidth,
            width: headWidth)
        ).forward(causal: false)
      }
    }
  }

  private func backward(
    _ place: Int, _ dy: Floats, into byRows: Matrix
  ) {
    let sums = norms[place].gradients(in: gradient.floats)
    norms[place].backward(
      dy, self.sums[place], weights, statistics[place], into: byRows.floats,
      scaleGradient: sums.scale, shiftGradient: sums.shift)
  }

  func backward(_ cotangent: [Float]) throws {
    let (width, targets) = (Self.width, Self.targets)
    var taken = 0
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      defer { taken += rows * columns }
      return Matrix(room.at(taken, count: rows * columns), rows: rows, columns: columns)
    }
    func add(_ layer: LinearPlaces, _ dy: Matrix, _ x: Matrix) throws {
      try LinearGradient(layer, dy: dy, x: x).add(to: gradient.floats)
    }
    let top = matrix(targets, width)
    Floats.lend(cotangent) { [norms = self] in norms.backward(2, $0, into: top) }
    let byExpanded = matrix(targets, Self.wide)
    try mlp.backwardToExpanded(
      top, weights, expanded: expanded, into: byExpanded, activated: activated.floats)
    try add(mlp.contract, top, activated)
    try add(mlp.expand, byExpanded, normed[1])
    let middle = matrix(targets, width)
    try mlp.expand.backward(byExpanded, weights, into: middle)
    VectorLoops.add(top.floats, to: middle.floats)
    let second = matrix(targets, width)
    backward(1, middle.floats, into: second)

    let byAttended = matrix(targets, width)
    let byQuery = matrix(targets, width)
    let byMemory = matrix(Self.keys, 2 * width)
    let scratch = matrix(targets, 16).floats
    try other.output.backward(second, weights, into: byAttended)
    try add(other.output, second, otherAttended)
    for head in 0..<Self.heads {
      try otherHead(head).backward(
        columns(byAttended.floats, rows: targets, head, of: 1, 0), scratch: scratch,
        into: (
          query: columns(byQuery.floats, rows: targets, head, of: 1, 0),
          key: columns(byMemory.floats, rows: Self.keys, head, of: 2, 0),
          value: columns(byMemory.floats, rows: Self.keys, head, of: 2, 1)
        ))
    }
    try add(other.query, byQuery, normed[0])
    try add(other.keyValue, byMemory, memory)
    try other.keyValue.backward(
      byMemory, weights, into: Matrix(dMemory, rows: Self.keys, columns: width))
    let lower = matrix(targets, width)
    try other.query.backward(byQuery, weights, into: lower)
    VectorLoops.add(second.floats, to: lower.floats)
    let first = matrix(targets, width)
    backward(0, lower.floats, into: first)

    let byOwn = matrix(targets, 3 * width)
    try own.output.backward(first, weights, into: byAttended)
    try add(own.output, first, ownAttended)
    for head in 0..<Self.heads {
      func part(_ number: Int) -> Matrix {
        columns(byOwn.floats, rows: targets, head, of: 3, number)
      }
      try ownHead(head).backward(
        columns(byAttended.floats, rows: targets, head, of: 1, 0), scratch: scratch,
        into: (query: part(2), key: part(0), value: part(1)))
    }
    try add(own.keyValueQuery, byOwn, x)
    try own.keyValueQuery.backward(
      byOwn, weights, into: Matrix(dx, rows: targets, columns: width))
    VectorLoops.add(first.floats, to: dx)
  }
}
