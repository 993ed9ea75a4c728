import Tokenizers
import Models
import Checkpoints
import Foundation
import Imaging
import TestSupport
import Testing

/// Folders in the layouts of OpenAI and OpenCLIP, and what they say without weights.
@Suite struct ModelFolderTests {
  private static let openAI = Places.fixtures.appendingPathComponent("checkpoints/openai")

  private static func shared(_ name: String) -> String {
    Places.shared.appendingPathComponent("fixtures/checkpoints/\(name)").path
  }

  @Test("OpenAI's weights tell their sizes by themselves")
  func inferred() throws {
    let model = try CLIPModel(contentsOf: Self.openAI.path, threads: 1)
    let found = model.configuration
    #expect(found.vision.width == 64 && found.vision.layers == 2 && found.vision.heads == 1)
    #expect(found.text.intermediateWidth == 256 && found.contextLength == 24)
    #expect(found.imageSize == 32 && found.patchSize == 8 && found.projectionWidth == 48)
    #expect(found.vocabularySize == 1014 && found.text.activation == .quickGELU)
    #expect(found.pooling == .highestToken)
    #expect(model.preprocessing.output == .init(width: 32, height: 32))
    #expect(model.preprocessing.resize == .shortestEdge(32))
    #expect(model.weights == "ViT-tiny.pt, F16")
  }

  @Test("OpenAI's weights need their vocabulary where it is not the standard one")
  func vocabulary() throws {
    try withTemporaryFolder { folder in
      let weights = "ViT-tiny.pt"
      try FileManager.default.copyItem(
        at: Self.openAI.appendingPathComponent(weights),
        to: folder.appendingPathComponent(weights))
      let error = #expect(throws: TokenizerError.self) { try CLIPModel(contentsOf: folder.path) }
      #expect(error.map { "\($0)" }?.contains("vocab.json") == true)
    }
  }

  @Test(
    "weights of transformers without config.json are refused, and what a folder may hold is told")
  func noConfiguration() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: URL(fileURLWithPath: Places.model("rsicd-mini")).appendingPathComponent(
          "model.safetensors"),
        to: folder.appendingPathComponent("model.safetensors"))
      let error = #expect(throws: CLIPError.self) { try CLIPModel(contentsOf: folder.path) }
      let text = error.map { "\($0)" } ?? ""
      for name in ["config.json: does not exist", "pytorch_model.bin", "flax_model.msgpack"] {
        #expect(text.contains(name), "\(text)")
      }
    }
  }

  @Test(
    "preprocessor_config.json in its old and its new form", .needs("fixtures/checkpoints"),
    arguments: [("legacy_eos", 48), ("quick_gelu", 40)])
  func preprocessing(name: String, side: Int) throws {
    let found = try ModelFolder(Self.shared(name)).preprocessing
    #expect(found.resize == .shortestEdge(side))
    #expect(found.crop == .init(width: side, height: side))
    #expect(found.normalization?.mean.first == 0.481_454_66)
  }

  @Test(
    "every format has a fingerprint of its own, the same each time", .needs("fixtures/checkpoints"))
  func fingerprints() throws {
    let names = [
      "quick_gelu", "quick_gelu_pytorch_bin", "quick_gelu_pytorch_bin_views", "quick_gelu_sharded",
      "quick_gelu_sharded_bin", "quick_gelu_flax", "quick_gelu_openclip",
      "quick_gelu_tokenizer_json",
    ]
    func prints() throws -> [String] {
      try names.map { try CLIPModel(contentsOf: Self.shared($0), threads: 1).fingerprint }
    }
    let found = try prints()
    #expect(Set(found).count == names.count)
    #expect(try prints() == found)
    // A changed byte of any shard is another model.
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try FileManager.default.copyItem(atPath: Self.shared("quick_gelu_sharded"), toPath: copy.path)
      let shard = copy.appendingPathComponent("model-00002-of-00002.safetensors")
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: shard.path)
      var bytes = try Data(contentsOf: shard)
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: shard)
      #expect(try !found.contains(CLIPModel(contentsOf: copy.path, threads: 1).fingerprint))
    }
  }

  @Test(
    "an OpenCLIP configuration of another architecture is refused by its field",
    .needs("fixtures/checkpoints"),
    arguments: [
      ("\"patch_size\": 8", "\"timm_model_name\": \"vit\"", "timm_model_name"),
      ("\"patch_size\": 8", "\"ls_init_value\": 0.1", "ls_init_value"),
      ("\"patch_size\": 8", "\"attentional_pool\": true", "attentional_pool"),
      ("\"patch_size\": 8", "\"layers\": [3, 4, 6, 3]", "layers"),
      ("\"patch_size\": 8", "\"head_width\": 48", "head_width"),
      ("\"patch_size\": 8", "\"patch_size\": 80", "patch_size"),
      ("\"heads\": 2", "\"heads\": 5", "heads"),
      ("\"heads\": 2", "\"hf_model_name\": \"roberta-base\"", "hf_model_name"),
      ("\"heads\": 2", "\"pool_type\": \"last\"", "pool_type"),
      ("\"heads\": 2", "\"act_kwargs\": {\"approximate\": \"tanh\"}", "act_kwargs"),
      ("\"embed_dim\": 32", "\"embed_dim\": 32, \"multimodal_cfg\": {\"a\": 1}", "multimodal_cfg"),
      ("\"embed_dim\": 32", "\"embed_dim\": 16", "_projection.weight"),
    ])
  func foreign(old: String, new: String, words: String) throws {
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try FileManager.default.copyItem(
        atPath: Self.shared("quick_gelu_openclip"), toPath: copy.path)
      let file = copy.appendingPathComponent("open_clip_config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains(old))
      try FileManager.default.removeItem(at: file)
      try Data(text.replacing(old, with: new).utf8).write(to: file)
      let error = #expect(throws: (any Error).self) { try CLIPModel(contentsOf: copy.path) }
      #expect(error.map { "\($0)" }?.contains(words) == true, "\(error.map { "\($0)" } ?? "")")
    }
  }
}
