import Foundation
import TestSupport
import Testing

/// Files of weights named on the command line, and what is said of them.
@Suite struct ModelFileTests {
  private static let layouts = Places.fixtures.appendingPathComponent("checkpoints/layouts")

  /// State dicts without a configuration: sizes that no published model has.
  private static func bare(_ folder: URL) throws -> String {
    let copy = folder.appendingPathComponent("bare")
    try FileManager.default.copyItem(at: layouts.appendingPathComponent("torchscript"), to: copy)
    return copy.appendingPathComponent("ViT-tiny.pt").path
  }

  @Test("info prints heads, activation, tokenizer and where each comes from")
  func info() throws {
    let file = Self.layouts.appendingPathComponent("trainer/epoch_20.pt").path
    let told = try run(["info", "--model", file])
    #expect(told.status == 0, "\(told.stderr)")
    for words in [
      "1 layers of 32, 2 heads of 16, 48 between the layers, gelu",
      "by open_clip_config.json", "vocab.json and merges.txt, pooled at the highest id",
      "argparse.Namespace",
    ] { #expect(told.stdout.contains(words), "\(words): \(told.stdout)") }
    #expect(told.stderr.contains("nothing of it was executed"))
  }

  @Test("--model-config is refused where a configuration says what the model is")
  func refused() throws {
    let file = Self.layouts.appendingPathComponent("trainer/epoch_20.pt").path
    for command in ["info", "embed", "evaluate", "index"] {
      let more =
        switch command {
        case "embed": ["--text", "a"]
        case "evaluate": ["--images", ".", "--captions", "none.jsonl"]
        case "index": ["--into", "/tmp/none.sqlite", "."]
        default: [String]()
        }
      let told = try run(
        [command, "--model", file, "--model-config", "ViT-B-32"] + more)
      #expect(told.status == 2, "\(command): \(told.stdout)")
      if command != "evaluate" {
        #expect(told.stderr.contains("--model-config is for weights without"), "\(told.stderr)")
      }
    }
  }

  @Test("a name that is no published model's, or of other sizes, is refused with those that fit")
  func sizes() throws {
    try withTemporaryFolder { folder in
      let file = try Self.bare(folder)
      let other = try run(["info", "--model", file, "--model-config", "ViT-B-32"])
      #expect(other.status == 2)
      #expect(other.stderr.contains("is no ViT-B-32: patches of 8, not 32"), "\(other.stderr)")
      let unknown = try run(["embed", "--text", "a", "--model", file, "--model-config", "B"])
      #expect(unknown.stderr.contains("none of OpenCLIP's vision transformers"))
    }
  }

  @Test("a file that is not there is told by its own name")
  func missing() throws {
    let told = try run(["info", "--model", "./nowhere/RemoteCLIP-ViT-B-32.pt"])
    #expect(told.status == 2)
    #expect(
      told.stderr.contains("nowhere/RemoteCLIP-ViT-B-32.pt: does not exist"), "\(told.stderr)")
  }

  @Test("training begins with a file of weights, and its checkpoints are whole folders")
  func training() throws {
    try withTemporaryFolder { folder in
      let recipe = folder.appendingPathComponent("recipe.toml")
      let model = Self.layouts.appendingPathComponent("trainer/epoch_20.pt").path
      let text = """
        model = "\(model)"
        output = "\(folder.path)/run"
        batch = 8
        steps = 2
        max_length = 16
        [[data]]
        scenes = 1
        """
      try Data(text.utf8).write(to: recipe)
      let ended = try run(["train", recipe.path, "--threads", "1"])
      #expect(ended.status == 0, "\(ended.stderr)")
      let told = try run(["info", "--model", "\(folder.path)/run/final"])
      #expect(told.stdout.contains("2 heads of 16"), "\(told.stdout)\(told.stderr)")
      for name in ["config.json", "preprocessor_config.json", "processor_config.json"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/run/final/\(name)"))
      }
    }
  }
}
