import Compute
import Foundation
import Testing

@Suite struct ActivationTests {
  /// The functions by definition, in double precision.
  static func value(_ kind: Activation, _ x: Double) -> Double {
    switch kind {
    case .none: x
    case .quickGELU: x / (1 + exp(-1.702 * x))
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .silu: x / (1 + exp(-x))
    case .relu: max(0, x)
    }
  }

  static let kinds: [Activation] = [.none, .quickGELU, .gelu, .silu, .relu]
  /// None of them 0, where relu has no derivative.
  static let inputs = (0..<48).map { Float($0) * 0.25 - 5.9 }

  @Test(
    "inference and training have one activation, and it is that of its definition", arguments: kinds
  )
  func forward(_ kind: Activation) throws {
    let inputs = Self.inputs
    let wanted = inputs.map { Self.value(kind, Double($0)) }
    let trained = FloatBlock(count: inputs.count)
    var before = inputs.map { $0 - 0.5 }
    Floats.lend(changing: &before) { before in
      Floats.lend([Float](repeating: 0.5, count: inputs.count)) { bias in
        VectorLoops.activation(
          kind, Matrix(before, rows: 1, columns: inputs.count), bias: bias, into: trained.floats)
      }
    }
    let engine = try Engine()
    let program = try Program(engine: engine, threads: 1)
    let x = program.buffer(inputs.count)
    let y = program.buffer(inputs.count)
    let identity = try LinearWeights(
      engine: engine, weight: [1], bias: [0], inputs: 1, outputs: 1)
    try program.linear(x, rows: inputs.count, identity, activation: kind, into: y)
    try program.finish()
    program.write(inputs, to: x)
    try program.run()
    for (place, value) in program.values(of: y).enumerated() {
      #expect(abs(Double(value) - wanted[place]) < 2e-6, "inference \(inputs[place])")
      #expect(abs(Double(trained.floats[place]) - wanted[place]) < 2e-6, "\(inputs[place])")
    }
    #expect(zip(before, inputs).allSatisfy { abs($0 - $1) < 1e-6 }, "what is kept has the bias")
  }

  @Test("the gradient is that of the definition", arguments: kinds)
  func backward(_ kind: Activation) {
    let inputs = Self.inputs
    let (gradient, again) = (FloatBlock(count: inputs.count), FloatBlock(count: inputs.count))
    gradient.floats.fill(2)
    Floats.lend(inputs) {
      VectorLoops.activationBackward(
        kind, $0, count: inputs.count, gradient: gradient.floats, into: again.floats)
    }
    for (place, input) in inputs.enumerated() {
      let (x, step) = (Double(input), 1e-4)
      let slope = (Self.value(kind, x + step) - Self.value(kind, x - step)) / (2 * step)
      #expect(abs(Double(gradient.floats[place]) - 2 * slope) < 1e-5, "\(input)")
      #expect(abs(Double(again.floats[place]) - Self.value(kind, x)) < 2e-6, "\(input)")
    }
  }
}
