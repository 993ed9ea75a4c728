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
}
