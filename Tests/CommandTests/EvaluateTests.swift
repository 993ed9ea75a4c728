import Foundation
import TestSupport
import Testing

@Suite struct EvaluateTests {
  @Test("evaluate gives a model a line with counts and shares, and the original's lines per image")
  func form() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.captions, "--tsv", workshop.path("rows.tsv"), "--json")
      #expect(result.status == 0)
      let object = try JSONLines(result.stdout).first
      #expect(Set(object.keys) == ["model", "count", "accuracy"])
      #expect(object["model"] as? String == "rsicd-mini")
      #expect(object["count"] as? Int == 12)
      let accuracy = try #require(object["accuracy"] as? [String: Double])
      #expect(Set(accuracy.keys) == ["1", "3", "5", "10"])
      let lines = try String(
        contentsOfFile: workshop.path("rows.tsv"), encoding: .utf8
      ).split(separator: "\n")
      #expect(lines.count == 12)
      // The file must say what the figures say.
      for k in [1, 3, 5, 10] {
        let hits = lines.count { line in
          let cells = line.split(separator: "\t")
          return cells.count == 22
            && (0..<k).contains { cells[2 + 2 * $0] == cells[1] }
        }
        #expect(abs((accuracy["\(k)"] ?? 9) - Double(hits) / 12) < 1e-9)
      }
    }
  }

  @Test("the table marks published rows and those measured here")
  func table() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--images", workshop.pictures.path, "--captions", workshop.captions, "--tsv",
        workshop.path("rows"))
      #expect(result.status == 0)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: workshop.path("rows")).sorted()
          == ["clip-mini.tsv", "rsicd-mini.tsv"])
      let lines = result.stdout.split(separator: "\n")
      #expect(lines.count { $0.hasSuffix("published") } == 10)
      #expect(lines.count { $0.hasSuffix("measured here, 12 images") } == 2)
    }
  }

  @Test("captions without one image with a category are refused")
  func nothingToMeasure() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--images", workshop.path("elsewhere"), "--captions", workshop.captions)
      #expect(result.status == 2)
      #expect(result.stderr.contains("none of the images"))
    }
  }

  /// The hits that transformers gives for the same weights on RSICD's 1,027 test images.
  @Test(
    "the figures of the shipped models are transformers' within two images",
    .enabled(if: Places.hasShared),
    arguments: [
      (
        "An aerial photograph of {category}",
        [
          "clip-mini": [0.0701, 0.1967, 0.2639, 0.4352],
          "rsicd-mini": [0.6417, 0.8773, 0.9338, 0.9825],
        ]
      ),
      (
        "Aerial photograph of {category}",
        [
          "clip-mini": [0.0740, 0.1870, 0.2804, 0.4430],
          "rsicd-mini": [0.6475, 0.8734, 0.9318, 0.9834],
        ]
      ),
    ])
  func parity(_ template: String, _ expected: [String: [Double]]) throws {
    let data = Places.shared.appendingPathComponent("data/rsicd")
    let result = try run([
      "evaluate", "--model", Places.model("clip-mini"), "--model", Places.model("rsicd-mini"),
      "--images", data.appendingPathComponent("rsicd_images").path, "--captions",
      data.appendingPathComponent("test_rsicd.jsonl").path, "--template", template, "--json",
    ])
    #expect(result.status == 0)
    let objects = try JSONLines(result.stdout).objects
    #expect(objects.count == 2)
    for object in objects {
      #expect(object["count"] as? Int == 1027)
      let name = try #require(object["model"] as? String)
      let accuracy = try #require(object["accuracy"] as? [String: Double])
      for (k, share) in zip([1, 3, 5, 10], try #require(expected[name])) {
        let difference = abs((accuracy["\(k)"] ?? 9) - share) * 1027
        #expect(difference < 2.1, "\(name), k = \(k): \(difference) images")
      }
    }
  }
}
