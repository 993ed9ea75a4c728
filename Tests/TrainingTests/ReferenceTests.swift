import Transformers
import Models
import Foundation
import TestSupport
import Testing
import Training

/// The trainer against PyTorch and optax on the fixtures, element by element.
///
/// Tolerances are the fixtures' own (their README): a gradient within 1e-4 of the largest entry of its
/// tensor, parameters within 1e-5.
@Suite(.needs("fixtures/training", "fixtures/checkpoints/quick_gelu")) struct ReferenceTests {
  private let folder = Places.shared.appendingPathComponent("fixtures/training")
  private let model: TrainableModel
  private let batch: TrainingBatch

  init() throws {
    model = try TrainableModel(
      checkpoint: Places.shared.appendingPathComponent("fixtures/checkpoints/quick_gelu"),
      threads: 2)
    batch = try ReferenceBatch.load()
  }

  private func fixture(_ name: String) throws -> SafetensorsFixture {
    try SafetensorsFixture(contentsOf: folder.appendingPathComponent("\(name).safetensors"))
  }

  private func gradient(_ settings: LossSettings = LossSettings()) throws -> ([Float], Float) {
    var gradient = [Float](repeating: 0, count: model.parameters.count)
    let loss = try model.addGradient(of: batch, settings: settings, seed: 1, to: &gradient)
    return (gradient, loss)
  }

  private func expectGradient(_ gradient: [Float], equals expected: SafetensorsFixture) throws {
    for entry in model.parameters.entries {
      let wanted = try expected.floats(entry.name)
      let found = gradient[entry.range]
      let largest = wanted.map(abs).max() ?? 0
      let farthest = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
      // A key's bias changes no softmax: its gradient is nothing but rounding.
      let floor: Float = entry.name.hasSuffix("k_proj.bias") ? 1e-6 : 1e-9
      #expect(farthest <= 1e-4 * largest + floor, "\(entry.name): \(farthest) of \(largest)")
    }
  }

  private func expectParameters(
    _ expected: SafetensorsFixture, but left: LayerPatterns = .none
  ) throws {
    for entry in model.parameters.entries where !left.matches(entry.name) {
      let wanted = try expected.floats(entry.name)
      let farthest = zip(model.values[entry.range], wanted).map { abs($0 - $1) }.max() ?? .infinity
      #expect(farthest <= 1e-5, "\(entry.name): \(farthest)")
    }
  }

  @Test("loss and every gradient equal PyTorch's")
  func gradients() throws {
    let (gradient, loss) = try gradient()
    #expect(abs(loss - 2.624_234_9) < 1e-5)
    try expectGradient(gradient, equals: fixture("gradients"))
  }

  @Test("a model whose threads are one or three has the same gradient", arguments: [1, 3])
  func threads(_ threads: Int) throws {
    let other = try TrainableModel(
      checkpoint: Places.shared.appendingPathComponent("fixtures/checkpoints/quick_gelu"),
      threads: threads)
    var found = [Float](repeating: 0, count: other.parameters.count)
    _ = try other.addGradient(of: batch, settings: LossSettings(), seed: 1, to: &found)
    try expectGradient(found, equals: fixture("gradients"))
  }

  @Test("three steps of AdamW, with warm-up and clipping, equal PyTorch's")
  func adamW() throws {
    let rates: [Float] = [0.0005, 0.001, 0.000_875]
    var optimiser = AdamW(model.parameters, threads: 2)
    let losses: [Float] = [2.624_234_9, 1.426_177_1, 0.661_793_5]
    let norms: [Float] = [16.348_278, 7.750_255_6, 5.841_649_5]
    for step in 0..<3 {
      var (gradient, loss) = try gradient()
      #expect(abs(loss - losses[step]) < 1e-4)
      let norm = GradientClipping.clip(&gradient, to: 1, model.team)
      #expect(abs(norm - Double(norms[step])) < 1e-3)
      optimiser.update(
        &model.values, gradient: gradient, learningRate: rates[step])
      if step == 0 { try expectParameters(fixture("adamw_after_1")) }
    }
    try expectParameters(fixture("adamw_after_3"))
  }

  @Test("three steps of Adafactor equal optax's, and so does the local loss there")
  func adafactor() throws {
    var optimiser = Adafactor(model.parameters)
    let losses: [Float] = [2.624_234_9, 2.148_911, 1.771_962_4]
    for step in 0..<3 {
      let (gradient, loss) = try gradient()
      #expect(abs(loss - losses[step]) < 1e-4)
      optimiser.update(&model.values, gradient: gradient, learningRate: 0.001)
    }
    // Adafactor divides a gradient by its own size, and a key's bias has none but rounding (it changes
    // no softmax): which way it goes is chance, here as there.
    try expectParameters(fixture("adafactor_after_3"), but: LayerPatterns(["*k_proj.bias"]))
    let (gradient, loss) = try gradient(LossSettings(negatives: .local(group: 3)))
    #expect(abs(loss - (0.764_278_2 + 1.178_728) / 2) < 1e-4)
    try expectGradient(
      gradient, equals: fixture("gradients_local_2x3_at_adafactor_after_3"))
  }

  @Test("Adafactor on a matrix large enough to be factored equals optax's")
  func factored() throws {
    let expected = try fixture("adafactor_factored")
    let layout = ParameterTable([Parameter("matrix.weight", [130, 160], .constant(0))])
    var optimiser = Adafactor(layout)
    var values = try expected.floats("param")
    for step in 0..<3 {
      optimiser.update(
        &values, gradient: try expected.floats("grad.\(step)"), learningRate: 0.01)
    }
    let wanted = try expected.floats("after_3")
    #expect((zip(values, wanted).map { abs($0 - $1) }.max() ?? 1) < 1e-5)
  }

  @Test("an optimiser that was saved and restored goes on bit for bit")
  func restored() throws {
    let (gradient, _) = try gradient()
    var first: any Optimiser = AdamW(model.parameters, threads: 2)
    var second: any Optimiser = Adafactor(model.parameters)
    var values = (model.values, model.values)
    first.update(&values.0, gradient: gradient, learningRate: 1e-3)
    second.update(&values.1, gradient: gradient, learningRate: 1e-3)
    var firstAgain: any Optimiser = AdamW(model.parameters, threads: 1)
    var secondAgain: any Optimiser = Adafactor(model.parameters)
    try firstAgain.restore(Dictionary(uniqueKeysWithValues: first.state.map { ($0.0, $0.1) }))
    try secondAgain.restore(Dictionary(uniqueKeysWithValues: second.state.map { ($0.0, $0.1) }))
    var again = values
    first.update(&values.0, gradient: gradient, learningRate: 1e-3)
    firstAgain.update(&again.0, gradient: gradient, learningRate: 1e-3)
    second.update(&values.1, gradient: gradient, learningRate: 1e-3)
    secondAgain.update(&again.1, gradient: gradient, learningRate: 1e-3)
    #expect(values.0 == again.0)
    #expect(values.1 == again.1)
    #expect(throws: TrainingError.self) { try firstAgain.restore(["adamw.step": [1]]) }
  }
}

/// The fixtures' six pairs.
enum ReferenceBatch {
  static func load(
    _ file: URL = Places.shared.appendingPathComponent("fixtures/training/batch.safetensors")
  ) throws -> TrainingBatch {
    let batch = try SafetensorsFixture(contentsOf: file)
    let shape = try batch.shape("input_ids")
    let ids = try batch.integers("input_ids").map { Int32($0) }
    let mask = try batch.integers("attention_mask")
    let tokens = (0..<shape[0]).map { row in
      (row * shape[1]..<(row + 1) * shape[1]).filter { mask[$0] == 1 }.map { ids[$0] }
    }
    return TrainingBatch(
      pixels: try batch.floats("pixel_values"), tokens: tokens,
      imageKeys: Array(0..<shape[0]), captionKeys: Array(0..<shape[0]))
  }
}
