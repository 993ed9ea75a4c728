import Compute
import Foundation
import Testing

/// Each operation against plain loops, at sizes that are no multiple of a vector register.
@Suite struct ProgramTests {
  private let engine: Engine
  init() throws { engine = try Engine() }

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 23) - 1
    }
  }

  private func farthest(_ a: [Float], _ b: [Float]) -> Float {
    #expect(a.count == b.count)
    return zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  private func product(
    _ x: [Float], _ w: [Float], _ bias: [Float]?, rows: Int, inputs: Int, outputs: Int
  ) -> [Float] {
    (0..<rows).flatMap { row in
      (0..<outputs).map { output in
        (0..<inputs).reduce(bias?[output] ?? 0) {
          $0 + x[row * inputs + $1] * w[output * inputs + $1]
        }
      }
    }
  }

  @Test(
    "a linear layer with its activation equals plain loops",
    arguments: [(1, 7, 5), (12, 33, 70), (50, 192, 768), (3, 768, 1)],
    [Activation.none, .quickGELU, .gelu])
  func linear(sizes: (Int, Int, Int), activation: Activation) throws {
    let (rows, inputs, outputs) = sizes
    let x = numbers(rows * inputs, seed: 1)
    let w = numbers(inputs * outputs, seed: 2)
    let bias = numbers(outputs, seed: 3)
    let weights = try LinearWeights(
      engine: engine, weight: w, bias: bias, inputs: inputs, outputs: outputs)
    let program = try Program(engine: engine, threads: 2)
    let (source, target) = (program.buffer(x.count), program.buffer(rows * outputs))
    try program.linear(source, rows: rows, weights, activation: activation, into: target)
    try program.finish()
    program.write(x, to: source)
    try program.run()
    let wanted = product(x, w, bias, rows: rows, inputs: inputs, outputs: outputs).map {
      Float(ActivationTests.value(activation, Double($0)))
    }
    #expect(farthest(program.values(of: target), wanted) < 1e-3)
  }

  @Test("a residual product adds to what is there")
  func accumulates() throws {
    let w = numbers(6 * 4, seed: 4)
    let weights = try LinearWeights(engine: engine, weight: w, bias: nil, inputs: 6, outputs: 4)
    let program = try Program(engine: engine, threads: 1)
    let (x, y) = (program.buffer(12), program.buffer(8))
    try program.linear(x, rows: 2, weights, accumulating: true, into: y)
    try program.finish()
    let values = numbers(12, seed: 5)
    program.write(values, to: x)
    program.write(Array(repeating: 10, count: 8), to: y)
    try program.run()
    let wanted = product(values, w, nil, rows: 2, inputs: 6, outputs: 4).map { $0 + 10 }
    #expect(farthest(program.values(of: y), wanted) < 1e-5)
  }

  @Test("layer norm equals its formula")
  func layerNorm() throws {
    let (rows, width) = (5, 37)
    let (x, scale, shift) = (
      numbers(rows * width, seed: 6), numbers(width, seed: 7), numbers(width, seed: 8)
    )
    let program = try Program(engine: engine, threads: 1)
    let buffer = program.buffer(x.count)
    try program.layerNorm(
      buffer, rows: rows, try LayerNormWeights(scale: scale, shift: shift, epsilon: 1e-5),
      into: buffer)
    try program.finish()
    program.write(x, to: buffer)
    try program.run()
    let wanted = (0..<rows).flatMap { row -> [Float] in
      let values = x[row * width..<(row + 1) * width]
      let mean = values.reduce(0, +) / Float(width)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(width)
      return values.enumerated().map {
        ($1 - mean) / (variance + 1e-5).squareRoot() * scale[$0] + shift[$0]
      }
    }
    #expect(farthest(program.values(of: buffer), wanted) < 1e-4)
  }

  @Test("attention equals plain loops, causal, full and with one query", arguments: [0, 1, 2])
  func attention(kind: Int) throws {
    let (batch, heads, keys, width) = (2, 3, 11, 8)
    let queries = kind == 2 ? 1 : keys
    let q = numbers(batch * queries * heads * width, seed: 9)
    let k = numbers(batch * keys * heads * width, seed: 10)
    let v = numbers(batch * keys * heads * width, seed: 11)
    let program = try Program(engine: engine, threads: 2)
    let buffers = [q, k, v].map { program.buffer($0.count) }
    let y = program.buffer(q.count)
    try program.attention(
      AttentionShape(batch: batch, heads: heads, queries: queries, keys: keys, headWidth: width),
      q: buffers[0], k: buffers[1], v: buffers[2], causal: kind == 1, into: y)
    try program.finish()
    for (values, buffer) in zip([q, k, v], buffers) { program.write(values, to: buffer) }
    try program.run()
    var wanted = [Float](repeating: 0, count: q.count)
    for b in 0..<batch {
      for h in 0..<heads {
        for i in 0..<queries {
          let visible = kind == 1 ? i + 1 : keys
          let scores = (0..<visible).map { j in
            (0..<width).reduce(Float(0)) {
              $0 + q[((b * queries + i) * heads + h) * width + $1]
                * k[((b * keys + j) * heads + h) * width + $1]
            }
          }
          let weights = scores.map { exp($0 - (scores.max() ?? 0)) }
          let sum = weights.reduce(0, +)
          for d in 0..<width {
            wanted[((b * queries + i) * heads + h) * width + d] = (0..<visible).reduce(0) {
              $0 + weights[$1] / sum * v[((b * keys + $1) * heads + h) * width + d]
            }
          }
        }
      }
    }
    #expect(farthest(program.values(of: y), wanted) < 1e-4)
  }

  @Test("rows come to unit length, short ones and long ones; a row of zeros stays")
  func unitRows() throws {
    let program = try Program(engine: engine, threads: 1)
    let x = program.buffer(8)
    program.normalizeRows(x, rows: 4, width: 2)
    try program.finish()
    program.write([0.3, 0.4, 30, -40, 0, 0, 3e-10, 4e-10], to: x)
    try program.run()
    #expect(farthest(program.values(of: x), [0.6, 0.8, 0.6, -0.8, 0, 0, 0.6, 0.8]) < 1e-6)
  }

  @Test("shapes that disagree are refused, not run")
  func shapes() throws {
    #expect(throws: ComputeError.self) {
      _ = try LinearWeights(engine: engine, weight: [1, 2, 3], bias: nil, inputs: 2, outputs: 2)
    }
    let weights = try LinearWeights(
      engine: engine, weight: [1, 2, 3, 4], bias: nil, inputs: 2, outputs: 2)
    let program = try Program(engine: engine, threads: 1)
    let small = program.buffer(2)
    #expect(throws: ComputeError.self) {
      try program.linear(small, rows: 2, weights, into: program.buffer(4))
    }
  }

  @Test("idle programs are kept up to the limit and lent again")
  func pool() throws {
    let pool = ProgramPool<Int, Int>(byteLimit: 25)
    var made: [Int] = []
    func use(_ shape: Int) throws {
      try pool.withProgram(
        of: shape,
        make: {
          made.append(shape)
          return (shape, 10)
        }, { #expect($0 == shape) })
    }
    for shape in [1, 1, 2, 1, 3, 2] { try use(shape) }
    // 1 and 2 fit; 3 drives out 2, which was used longest ago.
    #expect(made == [1, 2, 3, 2])
  }
}
