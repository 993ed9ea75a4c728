import Foundation
import Models
import TestSupport
import Testing
import Training
import Transformers

/// The trainer against PyTorch and optax on a tiny model of random weights (Tests/Fixtures/reference,
/// made by its script), element by element: a gradient within 1e-4 of the largest entry of its tensor,
/// parameters within 1e-5.
@Suite struct RepositoryReferenceTests {
  private struct Figures: Decodable {
    struct AdamW: Decodable {
      let rates: [Float]
      let losses, norms: [Double]
    }
    struct Adafactor: Decodable {
      let rate: Float
      let losses: [Double]
    }
    let adamw: AdamW
    let adafactor: Adafactor
    let local_2x3: Double
  }

  private let folder = Places.fixtures.appendingPathComponent("reference")
  private let model: TrainableModel
  private let batch: TrainingBatch
  private let figures: Figures

  init() throws {
    model = try TrainableModel(
      checkpoint: folder.appendingPathComponent("quick_gelu"), threads: 2)
    batch = try ReferenceBatch.load(
      folder.appendingPathComponent("quick_gelu/expected.safetensors"))
    figures = try JSONDecoder().decode(
      Figures.self,
      from: Data(contentsOf: folder.appendingPathComponent("training/figures.json")))
  }

  private func fixture(_ name: String) throws -> SafetensorsFixture {
    try SafetensorsFixture(
      contentsOf: folder.appendingPathComponent("training/\(name).safetensors"))
  }

  private func gradient(_ settings: LossSettings = LossSettings()) throws -> ([Float], Double) {
    var gradient = [Float](repeating: 0, count: model.parameters.count)
    let loss = try model.addGradient(of: batch, settings: settings, seed: 1, to: &gradient)
    return (gradient, Double(loss))
  }

  /// - Parameter names: those that are compared; all where `nil`.
  private func expectGradient(
    _ gradient: [Float], equals expected: SafetensorsFixture, _ names: [String]? = nil
  ) throws {
    let entries = model.parameters.entries.filter { names?.contains($0.name) ?? true }
    #expect(entries.count == names?.count ?? model.parameters.entries.count)
    for entry in entries {
      let wanted = try expected.floats(entry.name)
      let found = gradient[entry.range]
      #expect(found.count == wanted.count, "\(entry.name)")
      let largest = wanted.map(abs).max() ?? 0
      let farthest = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
      // A key's bias changes no softmax: its gradient is nothing but rounding.
      let floor: Float = entry.name.hasSuffix("k_proj.bias") ? 1e-5 : 1e-9
      #expect(farthest <= 1e-4 * largest + floor, "\(entry.name): \(farthest) of \(largest)")
    }
  }

  private func expectParameters(_ expected: SafetensorsFixture, but left: String? = nil) throws {
    for entry in model.parameters.entries where left.map({ !entry.name.hasSuffix($0) }) ?? true {
      let wanted = try expected.floats(entry.name)
      let farthest = zip(model.values[entry.range], wanted).map { abs($0 - $1) }.max() ?? .infinity
      #expect(farthest <= 1e-5, "\(entry.name): \(farthest)")
    }
  }

  @Test func `loss and every gradient equal PyTorch's`() throws {
    let (gradient, loss) = try gradient()
    #expect(abs(loss - (figures.adamw.losses.first ?? 0)) < 1e-5)
    try expectGradient(gradient, equals: fixture("gradients"))
  }

  @Test func `pairs that are compared in two groups of three have PyTorch's mean of two losses`()
    throws
  {
    let (gradient, loss) = try gradient(LossSettings(negatives: .local(group: 3)))
    #expect(abs(loss - figures.local_2x3) < 1e-5)
    let expected = try fixture("gradients_local_2x3")
    try expectGradient(gradient, equals: expected, expected.names)
  }

  @Test func `three steps of AdamW, with warm-up and clipping, equal PyTorch's`() throws {
    var optimiser = AdamW(model.parameters, threads: 2)
    for (step, rate) in figures.adamw.rates.enumerated() {
      var (gradient, loss) = try gradient()
      #expect(abs(loss - figures.adamw.losses[step]) < 1e-4)
      let norm = GradientClipping.clip(&gradient, to: 1, model.team)
      #expect(abs(norm - figures.adamw.norms[step]) < 1e-4 * figures.adamw.norms[step])
      optimiser.update(&model.values, gradient: gradient, learningRate: rate)
    }
    // A key's bias has a gradient of rounding alone, which Adam divides by its own size.
    try expectParameters(fixture("adamw_after_3"), but: "k_proj.bias")
  }

  @Test func `three steps of Adafactor equal optax's`() throws {
    var optimiser = Adafactor(model.parameters)
    for step in 0..<3 {
      let (gradient, loss) = try gradient()
      #expect(abs(loss - figures.adafactor.losses[step]) < 1e-4)
      optimiser.update(
        &model.values, gradient: gradient, learningRate: figures.adafactor.rate)
    }
    try expectParameters(fixture("adafactor_after_3"), but: "k_proj.bias")
  }

  @Test func `Adafactor on a matrix large enough to be factored equals optax's`() throws {
    let (rows, columns) = (130, 160)
    func matrix(_ value: (Int, Int) -> Float) -> [Float] {
      (0..<rows).flatMap { row in (0..<columns).map { value(row, $0) } }
    }
    var optimiser = Adafactor(
      ParameterTable([Parameter("matrix.weight", [rows, columns], .constant(0))]))
    var values = matrix { Float(($0 * 37 + $1 * 101) % 201 - 100) / 1000 }
    for step in 0..<3 {
      let gradient = matrix { Float(($0 * (7 + step) + $1 * 13) % 97 - 48) / 512 }
      optimiser.update(&values, gradient: gradient, learningRate: 0.01)
    }
    let wanted = try fixture("adafactor_factored").floats("after_3.every_tenth_row")
    let found = stride(from: 0, to: rows, by: 10).flatMap { row in
      values[row * columns..<(row + 1) * columns]
    }
    #expect(wanted.count == found.count)
    #expect((zip(found, wanted).map { abs($0 - $1) }.max() ?? 1) < 1e-5)
  }

  @Test func `what parity needs is at most 3 MiB of the repository`() throws {
    var size = 0
    for name in [
      "checkpoints", "reference", "images", "tokenizer", "transforms", "positions", "cleaning",
      "metrics",
    ] {
      let folder = Places.fixtures.appendingPathComponent(name)
      let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
      for path in paths ?? [] {
        let facts = try FileManager.default.attributesOfItem(
          atPath: folder.appendingPathComponent(path).path)
        if facts[.type] as? FileAttributeType == .typeRegular { size += facts[.size] as? Int ?? 0 }
      }
    }
    #expect(size > 2 << 20 && size <= 3 << 20, "\(size) bytes")
  }
}
