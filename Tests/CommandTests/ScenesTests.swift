import Foundation
import TestSupport
import Testing

@Suite struct ScenesTests {
  @Test func captionsGoWhereTheyAreAskedFor() throws {
    try withTemporaryFolder { folder in
      let (into, captions) = (folder.path + "/drawn", folder.path + "/said.jsonl")
      let result = try run([
        "scenes", "--into", into, "--captions", captions, "--category", "port", "--category",
        "desert", "--category", "port", "--count", "2", "--side", "32",
      ])
      #expect(result.status == 0, "\(result.stderr)")
      let files = try FileManager.default.contentsOfDirectory(atPath: into).sorted()
      #expect(files == ["desert_1.jpg", "desert_2.jpg", "port_1.jpg", "port_2.jpg"])
      let lines = try String(contentsOfFile: captions, encoding: .utf8).split(separator: "\n")
      let said = try CollectionFixture.objects(lines.joined(separator: "\n"))
      #expect(said.compactMap { $0["filename"] as? String } == files)
      #expect(said.allSatisfy { ($0["captions"] as? [String])?.count == 5 })
    }
  }
  @Test("files of a person are not drawn over, unless with --force; the same scenes come again")
  func nothingIsDrawnOver() throws {
    try withTemporaryFolder { folder in
      let scenes = [
        "scenes", "--into", folder.path, "--category", "port", "--count", "2", "--side", "32",
      ]
      let own = folder.appendingPathComponent("port_1.jpg")
      try Data("mine".utf8).write(to: own)
      let refused = try run(scenes)
      #expect(refused.status == 2 && refused.stderr.contains("port_1.jpg: is there"))
      #expect(try Data(contentsOf: own) == Data("mine".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["port_1.jpg"])
      #expect(try run(scenes + ["--force"]).status == 0)
      #expect(try run(scenes).status == 0)
      let captions = folder.appendingPathComponent("captions.jsonl")
      try Data("mine".utf8).write(to: captions)
      #expect(try run(scenes).stderr.contains("captions.jsonl: is there"))
      #expect(try Data(contentsOf: captions) == Data("mine".utf8))
    }
  }
}
