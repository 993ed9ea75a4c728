import Models
import Checkpoints
import Foundation
import TestSupport
import Testing

/// Checkpoints in the layouts that trainers and publishers leave behind, against open_clip's own vectors
/// (Tests/Fixtures/checkpoints/make_layouts.py).
@Suite struct LayoutTests {
  private static func folder(_ name: String) -> URL {
    Places.fixtures.appendingPathComponent("checkpoints/layouts/\(name)")
  }

  /// Names of layouts, the file that is named itself, and words of the notes that it must give.
  static let layouts: [(String, file: String, notes: [String])] = [
    ("trainer", "epoch_20.pt", ["argparse.Namespace"]),
    ("lightning", "last.ckpt", ["argparse.Namespace", "loss.temperature"]),
    ("doubles", "weights.pth", ["state_dict_ema, which is not read", "no logit_scale"]),
    ("bias", "open_clip_pytorch_model.bin", []),
    ("torchscript", "ViT-tiny.pt", []),
  ]

  @Test(
    "vectors equal open_clip's, whether the folder or the file is named", arguments: layouts.indices
  )
  func parity(index: Int) throws {
    let (name, file, notes) = Self.layouts[index]
    let folder = Self.folder(name)
    let expected = try SafetensorsFixture(
      contentsOf: folder.appendingPathComponent("expected.safetensors"))
    let shape = try expected.shape("input_ids")
    let ids = try expected.integers("input_ids").map { Int32($0) }
    for path in [folder.path, folder.appendingPathComponent(file).path] {
      let model = try CLIPModel(contentsOf: path, threads: 1)
      let images = try model.embed(
        preprocessed: try expected.floats("pixel_values"),
        count: try expected.shape("pixel_values")[0])
      // f32 of two libraries, sums of some hundred products: 1e-5 between numbers of unit vectors.
      expectClose(images.values, try expected.floats("image_embeds"), within: 1e-5)
      let texts = try model.embed(
        tokens: (0..<shape[0]).map { Array(ids[$0 * shape[1]..<($0 + 1) * shape[1]]) })
      expectClose(texts.values, try expected.floats("text_embeds"), within: 1e-5)
      for words in notes {
        #expect(model.notes.contains { $0.contains(words) }, "\(words): \(model.notes)")
      }
      #expect(model.notes.isEmpty == notes.isEmpty, "\(model.notes)")
    }
  }

  @Test("a missing logit_scale is 1/0.07, where CLIP's training begins")
  func logitScale() throws {
    let model = try CLIPModel(contentsOf: Self.folder("doubles").path, threads: 1)
    #expect(abs(model.logitScale - 1 / 0.07) < 1e-4)
  }

  @Test("OpenAI's own archive is known by its marks, and nothing is guessed")
  func openAI() throws {
    let model = try CLIPModel(contentsOf: Self.folder("torchscript").path, threads: 1)
    #expect(model.configuration.vision.activation == .quickGELU)
    #expect(model.configuration.vision.heads == 1 && model.notes.isEmpty)
    #expect(model.provenance.configuration.contains("OpenAI's own file"))
    #expect(model.weights == "ViT-tiny.pt, F16")
  }

  @Test("a projection's bias is kept by convert")
  func convertedBias() throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("converted").path
      let report = try ModelConversion(precision: .f32, threads: 1)
        .convert(Self.folder("bias").path, to: target)
      #expect(report.largestDifference < 1e-6)
    }
  }

  @Test("a tensor of a tower that nothing uses is an error that names it")
  func unused() throws {
    try withTemporaryFolder { folder in
      // The model as it is, but with one block fewer in its configuration.
      let copy = folder.appendingPathComponent("model")
      try FileManager.default.copyItem(at: Self.folder("trainer"), to: copy)
      let source = try CheckpointReader.table(of: copy.appendingPathComponent("epoch_20.pt").path)
      var tensors: [SafetensorsWriter.Tensor] = []
      var values: [Float] = []
      for name in source.names {
        guard let shape = source.shape(of: name) else { continue }
        let numbers = try source.floats(name, shape: shape)
        tensors.append(
          .init(
            name: String(name.dropFirst("module.".count)), shape: shape,
            range: values.count..<values.count + numbers.count))
        values += numbers
      }
      tensors.append(
        .init(
          name: "visual.transformer.resblocks.0.ls_1.gamma", shape: [32], range: 0..<32))
      try SafetensorsWriter.write(
        tensors, values: values, as: .f32,
        to: copy.appendingPathComponent("open_clip_model.safetensors").path)
      let error = #expect(throws: CheckpointError.self) { try CLIPModel(contentsOf: copy.path) }
      #expect(
        error.map { "\($0)" }?.contains("visual.transformer.resblocks.0.ls_1.gamma [32]") == true)
    }
  }

  @Test("several files of weights in a folder are listed, and one may be named")
  func several() throws {
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("models")
      try FileManager.default.copyItem(at: Self.folder("torchscript"), to: copy)
      try FileManager.default.copyItem(
        at: copy.appendingPathComponent("ViT-tiny.pt"),
        to: copy.appendingPathComponent("Another.pt"))
      let error = #expect(throws: CheckpointError.self) { try CLIPModel(contentsOf: copy.path) }
      #expect(error.map { "\($0)" }?.contains("Another.pt, ViT-tiny.pt") == true)
      #expect(error?.reason == .severalArchives(["Another.pt", "ViT-tiny.pt"]))
      let named = try CLIPModel(
        contentsOf: copy.appendingPathComponent("Another.pt").path, threads: 1)
      #expect(named.name == "Another")
      let picture = copy.appendingPathComponent("merges.txt").path
      let other = #expect(throws: CLIPError.self) { try CLIPModel(contentsOf: picture) }
      #expect(other.map { "\($0)" }?.contains("is no file of weights by its name") == true)
    }
  }

  @Test(
    "transformers 5's processor_config.json is read, and written beside the older form",
    arguments: [true, false])
  func processor(hasOlder: Bool) throws {
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("source")
      try FileManager.default.copyItem(atPath: Places.model("rsicd-mini"), toPath: source.path)
      let older = source.appendingPathComponent("preprocessor_config.json")
      let side = try ModelFolder(source.path).configuration.imageSize
      // As CLIPProcessor.save_pretrained of transformers 5.24 writes it.
      let nested = """
        {
          "image_processor": {
            "crop_size": {"height": \(side), "width": \(side)}, "do_center_crop": true,
            "do_convert_rgb": true, "do_normalize": true, "do_rescale": true, "do_resize": true,
            "image_mean": [0.5, 0.25, 0.125], "image_processor_type": "CLIPImageProcessor",
            "image_std": [0.5, 0.5, 0.5], "resample": 3, "rescale_factor": 0.00392156862745098,
            "size": {"shortest_edge": \(side)}
          },
          "processor_class": "CLIPProcessor"
        }
        """
      if !hasOlder { try FileManager.default.removeItem(at: older) }
      try Data(nested.utf8).write(to: source.appendingPathComponent("processor_config.json"))
      let target = folder.appendingPathComponent("target").path
      _ = try ModelConversion(precision: .f32, threads: 1).convert(source.path, to: target)
      let read = try ModelFolder(source.path).preprocessing
      // transformers 5 takes the nested one where both are there.
      #expect(read.normalization?.mean == [0.5, 0.25, 0.125])
      #expect(try ModelFolder(target).preprocessing == read)
      for name in ["processor_config.json", "preprocessor_config.json"] {
        let path = "\(target)/\(name)"
        #expect(FileManager.default.fileExists(atPath: path))
      }
      try FileManager.default.removeItem(atPath: "\(target)/processor_config.json")
      #expect(try ModelFolder(target).preprocessing == read)
    }
  }

  @Test(
    "image_size is a number, a list or an object of one square",
    arguments: [("48", 48), ("[48, 48]", 48), ("{\"height\": 48, \"width\": 48}", 48)])
  func imageSize(text: String, side: Int) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("config.json")
      try Data("{\"vision_config\": {\"image_size\": \(text), \"patch_size\": 8}}".utf8).write(
        to: file)
      #expect(try CLIPConfiguration(contentsOf: file.path).imageSize == side)
      try Data("{\"vision_config\": {\"image_size\": [48, 40]}}".utf8).write(to: file)
      #expect(throws: CLIPError.self) { try CLIPConfiguration(contentsOf: file.path) }
    }
  }
}
