import Foundation
import TestSupport
import Testing

/// `convert`, and models of other formats in the other commands.
@Suite struct ConvertTests {
  static let openAI = Places.fixtures.appendingPathComponent("checkpoints/openai").path

  @Test("a model is converted, compared and used; its collection knows it from the original")
  func convert() throws {
    try Workshop.withPictures { workshop in
      let target = workshop.path("tiny")
      let result = try workshop.program("convert", Self.openAI, target, "--dtype", "bf16", "--json")
      #expect(result.status == 0, "\(result.stderr)")
      let report = try JSONLines(result.stdout).first
      #expect(report["inputs"] as? Int == 8 && report["dtype"] as? String == "bf16")
      let difference = try #require(report["largest_difference"] as? Double)
      #expect(difference > 0 && difference < 0.1)
      let info = try workshop.program("info", "--model", target)
      #expect(info.stdout.contains("model.safetensors, BF16"))
      let original = try workshop.program("info", "--model", Self.openAI)
      #expect(original.stdout.contains("ViT-tiny.pt, F16"))
      // Both in one collection; the converted one under the original's name is another model.
      let index = try workshop.program(
        "index", workshop.pictures.path, "--model", Self.openAI, "--model", target, "--into",
        workshop.collection)
      #expect(index.status == 0, "\(index.stderr)")
      let again = try workshop.program("convert", Self.openAI, target)
      #expect(again.status == 2 && again.stderr.contains("--force"))
      let forced = try workshop.program("convert", Self.openAI, target, "--force")
      #expect(forced.status == 0 && forced.stdout.contains("at most 0.0 from"))
      let other = try workshop.program(
        "index", workshop.pictures.path, "--model", target, "--into", workshop.collection)
      #expect(other.status == 2 && other.stderr.contains("--replace-model"), "\(other.stderr)")
    }
  }

  @Test(
    "a model in a hostile pickle is refused by name in every command",
    .needs("fixtures/hostile/pickle_os_system.bin"))
  func hostile() throws {
    try Workshop.withPictures { workshop in
      let model = try workshop.copyOfModel()
      try FileManager.default.removeItem(at: model.appendingPathComponent("model.safetensors"))
      try FileManager.default.copyItem(
        at: Places.shared.appendingPathComponent("fixtures/hostile/pickle_os_system.bin"),
        to: model.appendingPathComponent("pytorch_model.bin"))
      for arguments in [
        ["embed", "--text", "a port", "--model", model.path], ["info", "--model", model.path],
        ["convert", model.path, workshop.path("out")],
        ["index", workshop.pictures.path, "--model", model.path, "--into", workshop.collection],
      ] {
        let result = try workshop.program(arguments)
        #expect(result.status == 2 && result.stdout == "")
        #expect(result.stderr.contains("posix.system"), "\(result.stderr)")
      }
      #expect(!FileManager.default.fileExists(atPath: workshop.path("out")))
    }
  }
}
