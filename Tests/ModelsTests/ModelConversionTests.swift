import Models
import Checkpoints
import Foundation
import TestSupport
import Testing

/// What is written embeds as what was read, and nothing is lost by writing.
@Suite struct ModelConversionTests {
  private static let openAI =
    Places.fixtures.appendingPathComponent("checkpoints/openai").path

  private func embeddings(_ folder: String) throws -> [Float] {
    let model = try CLIPModel(contentsOf: folder, threads: 1)
    let side = model.configuration.imageSize
    let pixels = (0..<3 * side * side).map { Float($0 % 97) / 97 - 0.5 }
    return try model.embed(texts: ["a river", "planes"]).values
      + model.embed(preprocessed: pixels, count: 1).values
  }

  @Test(
    "every format, written as f32, gives the same vectors to the bit",
    .needs("fixtures/checkpoints"),
    arguments: [
      "quick_gelu", "gelu_eps", "legacy_eos", "quick_gelu_pytorch_bin_bf16",
      "quick_gelu_pytorch_bin_views", "quick_gelu_sharded_bin", "quick_gelu_flax",
      "quick_gelu_openclip", "quick_gelu_tokenizer_json",
    ])
  func formats(name: String) throws {
    let source = Places.shared.appendingPathComponent("fixtures/checkpoints/\(name)").path
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("out").path
      let report = try ModelConversion(precision: .f32, threads: 1).convert(source, to: target)
      #expect(report.largestDifference == 0 && report.inputs == 8)
      #expect(try embeddings(target) == embeddings(source))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
    }
  }

  @Test(
    "OpenAI's weights become a Hugging Face folder, in every type",
    arguments: ModelConversion.Precision.allCases)
  func openAI(precision: ModelConversion.Precision) throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("out").path
      let report = try ModelConversion(precision: precision, threads: 1)
        .convert(Self.openAI, to: target)
      // f16 holds these weights exactly, bf16 does not.
      #expect(precision == .bf16 ? report.largestDifference > 0 : report.largestDifference == 0)
      #expect(report.lowestCosine > 0.999)
      let model = try CLIPModel(contentsOf: target, threads: 1)
      #expect(model.weights == "model.safetensors, \(precision.rawValue.uppercased())")
      #expect(model.configuration.pooling == .highestToken)
      let config = try String(contentsOfFile: target + "/config.json", encoding: .utf8)
      let types: [ModelConversion.Precision: String] = [
        .f32: "float32", .f16: "float16", .bf16: "bfloat16",
      ]
      #expect(config.contains("\"torch_dtype\": \"\(types[precision] ?? "")\""))
    }
  }

  @Test("a folder that is there is replaced only where it is asked for, and only a model's")
  func targets() throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("out").path
      let first = ModelConversion(precision: .f32, threads: 1)
      _ = try first.convert(Self.openAI, to: target)
      let before = try Data(contentsOf: URL(fileURLWithPath: target + "/model.safetensors"))
      let refused = #expect(throws: CLIPError.self) { try first.convert(Self.openAI, to: target) }
      #expect(refused?.wayOut == .otherPlaceOrReplacement)
      let forced = ModelConversion(precision: .f16, replaces: true, threads: 1)
      _ = try forced.convert(Self.openAI, to: target)
      let after = try Data(contentsOf: URL(fileURLWithPath: target + "/model.safetensors"))
      #expect(after.count < before.count)
      // Not a folder of the user's with anything else in it.
      try Data("mine".utf8).write(to: URL(fileURLWithPath: target + "/thesis.tex"))
      let foreign = #expect(throws: CLIPError.self) { try forced.convert(Self.openAI, to: target) }
      #expect(foreign.map { "\($0)" }?.contains("thesis.tex") == true)
      #expect(try Data(contentsOf: URL(fileURLWithPath: target + "/model.safetensors")) == after)
    }
  }

  @Test(
    "weights that a type cannot hold are not written: too large for it, or below its least number",
    arguments: [
      ("vision_model.pre_layrnorm.weight", Float(1e6)), ("visual_projection.weight", 1e-6),
    ])
  func overflow(changed: String, factor: Float) throws {
    try withTemporaryFolder { folder in
      let model = folder.appendingPathComponent("model")
      let wide = try ModelFolder(Places.model("rsicd-mini"))
      try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
      for name in ["config.json", "preprocessor_config.json", "vocab.json", "merges.txt"] {
        try FileManager.default.copyItem(
          atPath: "\(wide.directory)/\(name)", toPath: model.appendingPathComponent(name).path)
      }
      let table = try wide.weights().table
      var values: [Float] = []
      let tensors = try CLIPParameters(wide.configuration).all.map { parameter in
        let (name, shape) = (parameter.name, parameter.shape)
        let start = values.count
        let scale: Float = name == changed ? factor : 1
        values += try table.floats(name, shape: shape).map { $0 * scale }
        return SafetensorsWriter.Tensor(name: name, shape: shape, range: start..<values.count)
      }
      try SafetensorsWriter.write(
        tensors, values: values, as: .f32,
        to: model.appendingPathComponent("model.safetensors").path)
      let target = folder.appendingPathComponent("out").path
      let error = #expect(throws: CLIPError.self) {
        try ModelConversion(precision: .f16, threads: 1).convert(model.path, to: target)
      }
      #expect(error.map { "\($0)" }?.contains("nothing was written") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model"])
    }
  }
}
