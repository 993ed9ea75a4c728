import Foundation
import TestSupport
import Testing

/// What accidents leave of a collection, and what `check` makes of it.
@Suite(.serialized) struct CollectionCheckTests {
  typealias Fixture = CollectionFixture
  private static let count = 60

  private func check(_ folder: URL, _ more: String...) throws -> CommandResult {
    try run(["check", folder.path + "/c.sqlite", "--json"] + more)
  }

  private func index(_ folder: URL, into name: String = "c.sqlite") throws -> CommandResult {
    try run([
      "index", folder.path + "/pictures", "--into", "\(folder.path)/\(name)", "--json",
      "--model", Fixture.model, "--captions", folder.path + "/captions.jsonl",
    ])
  }

  private func withCollection(count: Int = count, _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let names = try Fixture.fill(folder.appendingPathComponent("pictures"), count: count)
      try names.map {
        "{\"filename\": \"\($0)\", \"captions\": [\"stripes of \($0)\", \"colours\"]}"
      }
      .joined(separator: "\n")
      .write(
        to: folder.appendingPathComponent("captions.jsonl"), atomically: true, encoding: .utf8)
      try #require(try index(folder).status == 0)
      try body(folder)
    }
  }

  private func kinds(_ result: CommandResult) throws -> [String] {
    let findings = try Fixture.objects(result.stdout).first?["findings"] as? [[String: Any]]
    return try #require(findings, "\(result.stderr)").compactMap { $0["kind"] as? String }
  }

  private func change(_ folder: URL, _ body: (inout Data) throws -> Void) throws {
    let file = folder.appendingPathComponent("c.sqlite")
    var bytes = try Data(contentsOf: file)
    try body(&bytes)
    try bytes.write(to: file)
  }

  /// After a repair and another run of the indexer everything is there again.
  private func expectRepaired(_ folder: URL) throws {
    let repaired = try check(folder, "--repair")
    #expect(repaired.status == 0, "\(repaired.stdout)\(repaired.stderr)")
    #expect(try Fixture.objects(repaired.stdout).first?["repaired"] as? Bool == true)
    #expect(try check(folder).status == 0)
    let again = try index(folder)
    #expect(again.status == 0, "\(again.stderr)")
    #expect(try Fixture.imageCount(folder.appendingPathComponent("c.sqlite")) == Self.count)
    let result = try check(folder)
    #expect(result.status == 0)
    #expect(try Fixture.number(result, "vectors") == Self.count)
  }

  @Test func aSoundCollectionIsSound() throws {
    try withCollection { folder in
      let before = try Data(contentsOf: folder.appendingPathComponent("c.sqlite"))
      let result = try check(folder)
      #expect(result.status == 0)
      #expect(try kinds(result).isEmpty)
      #expect(try Fixture.number(result, "vectors") == Self.count)
      let repaired = try check(folder, "--repair")
      #expect(repaired.status == 0)
      // Nothing was damaged, so nothing is said to have been repaired.
      #expect(try Fixture.objects(repaired.stdout).first?["repaired"] as? Bool == false)
      #expect(try Data(contentsOf: folder.appendingPathComponent("c.sqlite")) == before)
      let plain = try run(["check", folder.path + "/c.sqlite"])
      #expect(plain.stdout.hasSuffix("c.sqlite: sound, 60 images, 60 vectors\n"))
    }
  }

  @Test func aFlippedBitInACaptionIsFound() throws {
    try withCollection { folder in
      try change(folder) { bytes in
        let place = try #require(bytes.range(of: Data("stripes of bridge_8.jpg".utf8)))
        bytes[place.lowerBound + 2] ^= 4
      }
      let result = try check(folder)
      #expect(result.status == 1)
      #expect(try kinds(result) == ["caption"])
      #expect(result.stdout.contains("bridge_8.jpg: caption 1"))
      try expectRepaired(folder)
    }
  }

  @Test func aFlippedBitInAPathIsFound() throws {
    try withCollection { folder in
      try change(folder) { bytes in
        // The row, not the index over paths, which lies elsewhere and then differs from it.
        var from = bytes.startIndex
        while let place = bytes.range(of: Data("airport_21.jpg".utf8), in: from..<bytes.endIndex) {
          bytes[place.lowerBound] ^= 1
          from = place.upperBound
        }
      }
      let result = try check(folder)
      #expect(result.status == 1)
      #expect(try kinds(result).contains("image"))
      try expectRepaired(folder)
    }
  }

  @Test func aFlippedBitAnywhereIsFoundOrHarmless() throws {
    try withCollection { folder in
      let file = folder.appendingPathComponent("c.sqlite")
      let whole = try Data(contentsOf: file)
      var found = 0
      for number in 0..<24 {
        var bytes = whole
        let place = (number * 7919 + 4242) % whole.count
        bytes[place] ^= UInt8(1 << (number % 8))
        try bytes.write(to: file)
        let result = try check(folder)
        // 2 is for a file that is no collection any more; never a crash, never "sound" with other rows.
        #expect([0, 1, 2].contains(result.status), "byte \(place): \(result.stderr)")
        if result.status == 0 {
          #expect(try Fixture.imageCount(file) == Self.count)
        } else {
          found += 1
        }
      }
      #expect(found > 4)
    }
  }

  @Test func aTruncatedFileGivesBackWhatIsLeft() throws {
    try withCollection { folder in
      let file = folder.appendingPathComponent("c.sqlite")
      try change(folder) { $0 = $0.prefix($0.count * 7 / 10 / 4096 * 4096) }
      let result = try check(folder)
      #expect(result.status != 0)
      let repaired = try check(folder, "--repair")
      #expect(repaired.status == 0, "\(repaired.stdout)\(repaired.stderr)")
      #expect(FileManager.default.fileExists(atPath: file.path + ".damaged"))
      #expect(try Fixture.number(repaired, "images") > 0)
      #expect(try index(folder).status == 0)
      #expect(try Fixture.imageCount(file) == Self.count)
      // A second repair does not take the first one's original away.
      try change(folder) { $0 = $0.prefix($0.count * 7 / 10 / 4096 * 4096) }
      let second = try check(folder, "--repair")
      #expect(second.status == 2)
      #expect(second.stderr.contains("c.sqlite.damaged of an earlier repair is there"))
    }
  }

  @Test func aZeroedPageCostsOnlyItsRows() throws {
    try withCollection(count: 400) { folder in
      try change(folder) { bytes in
        let page = bytes.count / 4096 / 2 * 4096
        bytes.replaceSubrange(page..<page + 4096, with: Data(count: 4096))
      }
      let result = try check(folder)
      #expect(result.status == 1)
      let repaired = try check(folder, "--repair")
      #expect(repaired.status == 0, "\(repaired.stdout)\(repaired.stderr)")
      #expect(try Fixture.number(repaired, "images") > 300)
      #expect(try Fixture.number(repaired, "vectors") > 300)
      #expect(try index(folder).status == 0)
      #expect(try check(folder).status == 0)
      #expect(try Fixture.imageCount(folder.appendingPathComponent("c.sqlite")) == 400)
    }
  }

  @Test func noCollectionIsNoDamage() throws {
    try withTemporaryFolder { folder in
      let missing = try check(folder)
      #expect(missing.status == 2)
      #expect(missing.stderr.contains("there is no such collection"))
      let notes = Data("my own notes".utf8)
      try notes.write(to: folder.appendingPathComponent("c.sqlite"))
      for more in [[], ["--repair"]] {
        let other = try run(["check", folder.path + "/c.sqlite"] + more)
        #expect(other.status == 2)
        #expect(other.stderr.contains("is no collection of clip-rsicd"))
      }
      #expect(try Data(contentsOf: folder.appendingPathComponent("c.sqlite")) == notes)
    }
  }
}
