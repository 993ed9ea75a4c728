import Foundation
import TestSupport
import Testing

/// index, search, similar and info on folders of pictures.
@Suite(.serialized) struct CollectionCommandTests {
  typealias Fixture = CollectionFixture

  /// Indexes `pictures` of `folder` with rsicd-mini.
  @discardableResult
  private func index(_ folder: URL, _ more: [String] = []) throws -> CommandResult {
    try run(
      [
        "index", folder.appendingPathComponent("pictures").path, "--into",
        folder.appendingPathComponent("c.sqlite").path, "--json",
      ] + (more.contains("--model") ? [] : ["--model", Fixture.model]) + more)
  }

  private func search(_ folder: URL, _ more: [String]) throws -> CommandResult {
    try run(
      [
        "search", "a long striped runway", "--collection",
        folder.appendingPathComponent("c.sqlite").path, "--model", Fixture.model,
      ] + more)
  }

  @Test func onlyNewAndChangedImagesAreEmbedded() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 6)
      let first = try index(folder)
      #expect(first.status == 0)
      #expect(try Fixture.number(first, "embedded") == 6)

      try Fixture.picture(90, side: 80).write(to: pictures.appendingPathComponent("bridge_2.jpg"))
      try Fixture.picture(91).write(to: pictures.appendingPathComponent("pond_7.jpg"))
      try FileManager.default.removeItem(at: pictures.appendingPathComponent("airport_1.jpg"))
      let second = try index(folder)
      #expect(try Fixture.number(second, "embedded") == 2)
      #expect(try Fixture.number(second, "unchanged") == 4)
      #expect(try Fixture.number(second, "removed") == 1)
      #expect(try Fixture.imageCount(folder.appendingPathComponent("c.sqlite")) == 6)
    }
  }

  @Test func aQueryHasParts() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      let names = try Fixture.fill(pictures, count: 6)
      let captions = folder.appendingPathComponent("test.jsonl")
      try names.enumerated().map { index, name in
        let words = index % 3 == 0 ? "Some White roofs." : "A 100 % striped runway."
        return #"{"filename": "\#(name)", "captions": ["A park.", "\#(words)"]}"#
      }.joined(separator: "\n").write(to: captions, atomically: true, encoding: .utf8)
      try index(folder, ["--captions", captions.path])
      func rows(_ query: String, _ more: [String] = []) throws -> [String: Double] {
        let result = try run(
          [
            "search", query, "--collection", folder.appendingPathComponent("c.sqlite").path,
            "--model", Fixture.model, "--json",
          ] + more)
        return Dictionary(
          uniqueKeysWithValues: try Fixture.objects(result.stdout).compactMap { row in
            guard let path = row["path"] as? String, let score = row["score"] as? Double else {
              return nil
            }
            return (String(path.split(separator: "/").last ?? ""), score)
          })
      }
      #expect(try Set(rows("\"white roofs\"").keys) == ["airport_1.jpg", "bridge_4.jpg"])
      #expect(try rows("\"no such words\"").isEmpty)
      #expect(
        try Set(rows("stripes category:bridge").keys)
          == ["bridge_2.jpg", "bridge_4.jpg", "bridge_6.jpg"])
      let like = try rows("like:airport_3.jpg")
      #expect(like.count == 5 && like["airport_3.jpg"] == nil)

      // Cosines with a sum are the sum of the cosines, over its length.
      let (a, b) = (try rows("a river"), try rows("some trees"))
      let (sum, difference) = (
        try rows("a river + some trees"), try rows("a river - some trees")
      )
      let tables = [a, b, sum, difference]
      let scores = names.compactMap { name in tables.compactMap { $0[name] } }
      try #require(scores.count == 6 && scores.allSatisfy { $0.count == 4 })
      let ratio = (scores[0][0] + scores[0][1]) / scores[0][2]
      let other = (scores[0][0] - scores[0][1]) / scores[0][3]
      for score in scores {
        #expect(abs((score[0] + score[1]) / ratio - score[2]) < 1e-4)
        #expect(abs((score[0] - score[1]) / other - score[3]) < 1e-3)
      }
      #expect(try rows("a river + some trees", ["--plain"]) != sum)
    }
  }

  @Test(arguments: [
    ("like:nowhere.jpg", "no image is called nowhere.jpg"),
    ("a river - a river", "cancel each other out"), ("category:bridge", "say what the image shows"),
  ])
  func aQueryThatSaysNothingIsRefused(_ query: String, _ words: String) throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: 2)
      try index(folder)
      let result = try run([
        "search", query, "--collection", folder.appendingPathComponent("c.sqlite").path, "--model",
        Fixture.model,
      ])
      #expect(result.status == 2)
      #expect(result.stdout.isEmpty)
      #expect(result.stderr.contains(words), "\(result.stderr)")
    }
  }

  @Test func searchGivesTheNamesThatScriptsRelyOn() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      let names = try Fixture.fill(pictures, count: 6)
      let captions = folder.appendingPathComponent("test.jsonl")
      try names.map {
        #"{"filename": "\#($0)", "captions": ["Some water.", "A striped runway.", "A park."]}"#
      }.joined(separator: "\n").write(to: captions, atomically: true, encoding: .utf8)
      try index(folder, ["--captions", captions.path])

      let result = try search(folder, ["-k", "4", "--json"])
      #expect(result.status == 0)
      let rows = try Fixture.objects(result.stdout)
      #expect(rows.map { $0["rank"] as? Int } == [1, 2, 3, 4])
      let scores = rows.compactMap { $0["score"] as? Double }
      #expect(scores.count == 4)
      #expect(scores == scores.sorted(by: >))
      #expect(scores.allSatisfy { abs($0) <= 1.0001 })
      for row in rows {
        #expect(Set(row.keys) == ["rank", "score", "path", "category", "caption"])
        let path = try #require(row["path"] as? String)
        #expect(FileManager.default.fileExists(atPath: path))
        let name = URL(fileURLWithPath: path).lastPathComponent
        #expect(name.hasPrefix(try #require(row["category"] as? String)))
        // The caption that shares most words with the query.
        #expect(row["caption"] as? String == "A striped runway.")
      }

      let bridges = try Fixture.objects(
        search(folder, ["--category", "bridge", "--split", "test", "--json"]).stdout)
      #expect(bridges.count == 3)
      #expect(bridges.allSatisfy { $0["category"] as? String == "bridge" })
    }
  }

  @Test func otherFormsOfTheRanking() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 3)
      try index(folder)
      let json = try Fixture.objects(search(folder, ["--json"]).stdout)
      let paths = json.compactMap { $0["path"] as? String }
      #expect(
        try search(folder, ["--files-only"]).stdout == paths.map { $0 + "\n" }.joined())
      #expect(try search(folder, ["--print0"]).stdout == paths.map { $0 + "\0" }.joined())
      let preview = try search(folder, ["--preview", "-k", "1"])
      #expect(preview.status == 0)
      #expect(preview.stdout.split(separator: "\n").count > 5)
      // A pipe gets no control sequences.
      #expect(!preview.stdout.contains("\u{1B}"))
    }
  }

  @Test func nothingFoundIsOneAndMisuseIsTwo() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: 2)
      try index(folder)
      let nothing = try run([
        "search", "\"words that no caption has\"", "--collection", folder.path + "/c.sqlite",
        "--model", Fixture.model, "--json",
      ])
      #expect(nothing.status == 1)
      #expect(nothing.stdout.isEmpty)
      let split = try search(folder, ["--split", "train"])
      #expect(split.status == 2 && split.stdout.isEmpty)
      #expect(split.stderr.contains("no split train"))
      let category = try search(folder, ["--category", "volcano"])
      #expect(category.status == 2)
      #expect(category.stderr.contains("airport"))
      #expect(try search(folder, ["-k", "0"]).status == 2)
      #expect(try search(folder, ["--json", "--preview"]).status == 2)
      #expect(try run(["search", "  "]).status == 2)
      let empty = folder.appendingPathComponent("empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
      let none = try run([
        "index", empty.path, "--model", Fixture.model, "--into", folder.path + "/e.sqlite",
      ])
      #expect(none.status == 1)
    }
  }

  @Test func similarLeavesTheImageItselfOut() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 4)
      let original = pictures.appendingPathComponent("airport_1.jpg")
      try FileManager.default.copyItem(
        at: original, to: pictures.appendingPathComponent("twin_1.jpg"))
      try index(folder)
      let arguments = [
        "--collection", folder.path + "/c.sqlite", "--model", Fixture.model, "--json",
      ]
      let rows = try Fixture.objects(run(["similar", original.path] + arguments).stdout)
      let names = rows.compactMap { ($0["path"] as? String)?.split(separator: "/").last }
      #expect(names.count == 4)
      #expect(names.first == "twin_1.jpg")
      #expect(!names.contains("airport_1.jpg"))
      #expect(abs(try #require(rows.first?["score"] as? Double) - 1) < 1e-4)

      // Any other JPEG, and the image by a relative path.
      let stranger = folder.appendingPathComponent("stranger.jpg")
      try FileManager.default.copyItem(at: original, to: stranger)
      #expect(try Fixture.objects(run(["similar", stranger.path] + arguments).stdout).count == 5)
      let relative = try run(["similar", "airport_1.jpg"] + arguments, directory: pictures)
      #expect(try Fixture.objects(relative.stdout).count == 4)
      #expect(try run(["similar", folder.path + "/none.jpg"] + arguments).status == 2)
    }
  }

  @Test("similar asks for what a replaced file shows, not for what it was indexed as")
  func similarReadsWhatChanged() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 4)
      let all = try (1...4).map { try Fixture.picture($0) }
      let size = all.map(\.count).max() ?? 0
      func write(_ data: Data, to name: String, _ time: Double) throws {
        let file = pictures.appendingPathComponent(name)
        // What stands behind a JPEG's end is no part of its picture.
        try (data + Data(repeating: 0, count: size - data.count)).write(to: file)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: file.path)
      }
      try write(all[0], to: "airport_1.jpg", 1_000_000)
      try index(folder)
      func nearest() throws -> String? {
        let result = try run([
          "similar", pictures.path + "/airport_1.jpg", "--collection", folder.path + "/c.sqlite",
          "--model", Fixture.model, "--json", "-k", "1",
        ])
        return (try Fixture.objects(result.stdout).first?["path"] as? String)?
          .split(separator: "/").last.map(String.init)
      }
      let before = try #require(try nearest())
      let other = before == "bridge_2.jpg" ? "airport_3.jpg" : "bridge_2.jpg"
      try write(all[other == "bridge_2.jpg" ? 1 : 2], to: "airport_1.jpg", 2_000_000)
      #expect(try nearest() == other)
    }
  }

  @Test func infoCountsWhatIsThere() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 3)
      try Data().write(to: pictures.appendingPathComponent("empty.jpg"))
      try Data("words".utf8).write(to: pictures.appendingPathComponent("text.jpg"))
      let made = try index(folder, ["--model", Fixture.model, "--model", Fixture.baseline, "-v"])
      #expect(made.status == 2)
      #expect(try Fixture.number(made, "unreadable") == 2)
      #expect(made.stderr.contains("empty.jpg"))
      #expect(made.stderr.contains("text.jpg"))

      let result = try run(["info", "--collection", folder.path + "/c.sqlite", "--json"])
      let info = try #require(try Fixture.objects(result.stdout).first)
      #expect(info["images"] as? Int == 3)
      #expect(info["unreadable"] as? Int == 2)
      #expect(info["categories"] as? [String: Int] == ["airport": 2, "bridge": 1])
      let models = try #require(info["models"] as? [[String: Any]])
      #expect(Set(models.compactMap { $0["name"] as? String }) == ["clip-mini", "rsicd-mini"])
      #expect(models.allSatisfy { $0["vectors"] as? Int == 3 })
      #expect(models.allSatisfy { ($0["fingerprint"] as? String)?.count == 64 })
      let model = try run(["info", "--model", Fixture.model])
      #expect(model.status == 0)
      #expect(model.stdout.contains("embedding width"))
    }
  }

  @Test func namesCannotSteerTheTerminal() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 1)
      try Fixture.picture(5).write(
        to: pictures.appendingPathComponent("evil\u{1B}[31m\u{7}\n_2.jpg"))
      let captions = folder.appendingPathComponent("c.jsonl")
      try #"{"filename": "airport_1.jpg", "captions": ["A \u001b]0;striped runway\u0007."]}"#
        .write(to: captions, atomically: true, encoding: .utf8)
      try index(folder, ["--captions", captions.path])
      for form in [["--json"], []] {
        let result = try search(folder, form)
        #expect(result.status == 0)
        #expect(result.stdout.split(separator: "\n").count == 2)
        #expect(!result.stdout.contains { $0 == "\u{1B}" || $0 == "\u{7}" })
      }
    }
  }
}
