import Foundation
import TestSupport
import Testing

/// What a query asks for beside its words, and what is said of an answer.
@Suite(.serialized) struct QueryCommandTests {
  typealias Fixture = CollectionFixture

  /// airport_1, bridge_2, airport_3 … bridge_6: the first four of split train, the rest of val, each with
  /// a caption.
  private func withCollection(_ body: (URL, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let names = try Fixture.fill(folder.appendingPathComponent("pictures"), count: 6)
      let captions = folder.appendingPathComponent("captions.jsonl")
      try names.enumerated().map { place, name in
        #"{"filename": "\#(name)", "captions": ["Stripes."], "split": "\#(place < 4 ? "train" : "val")"}"#
      }.joined(separator: "\n").write(to: captions, atomically: true, encoding: .utf8)
      let collection = folder.appendingPathComponent("c.sqlite").path
      #expect(try index(folder, ["--captions", captions.path]).status == 0)
      try body(folder, collection)
    }
  }

  private func index(_ folder: URL, _ more: [String]) throws -> CommandResult {
    try run(
      [
        "index", folder.appendingPathComponent("pictures").path, "--into",
        folder.appendingPathComponent("c.sqlite").path, "--model", Fixture.model,
      ] + more)
  }

  private func search(_ query: String, _ collection: String, _ more: [String] = []) throws
    -> CommandResult
  {
    try run(
      ["search", query, "--collection", collection, "--model", Fixture.model, "--json"] + more)
  }

  private func names(_ result: CommandResult) throws -> Set<String> {
    Set(
      try Fixture.objects(result.stdout).compactMap {
        ($0["path"] as? String)?.split(separator: "/").last.map(String.init)
      })
  }

  @Test func ranksCountFromOneAndPartsThatCancelOutFindNothing() throws {
    try withCollection { _, collection in
      let rows = try Fixture.objects(search("stripes", collection).stdout)
      #expect(rows.compactMap { $0["rank"] as? Int } == [1, 2, 3, 4, 5, 6])
      let nothing = try search("stripes - stripes", collection)
      #expect(nothing.status == 2 && nothing.stdout.isEmpty)
      #expect(nothing.stderr.contains("cancel each other out"), "\(nothing.stderr)")
    }
  }

  @Test func severalCategoriesAndSplitsAreAUnionAndBothHold() throws {
    try withCollection { _, collection in
      func found(_ query: String, _ more: [String] = []) throws -> Set<String> {
        try names(search(query, collection, more))
      }
      let airports = try found("stripes category:airport")
      #expect(airports == ["airport_1.jpg", "airport_3.jpg", "airport_5.jpg"])
      #expect(try found("stripes category:airport category:Bridge").count == 6)
      #expect(try found("stripes split:dev") == ["airport_5.jpg", "bridge_6.jpg"])
      #expect(try found("stripes split:train split:valid").count == 6)
      #expect(try found("stripes category:bridge split:valid") == ["bridge_6.jpg"])
      #expect(try found("stripes", ["--category", "airport", "--category", "bridge"]).count == 6)
      #expect(try found("stripes split:valid", ["--category", "airport"]) == ["airport_5.jpg"])
      // Neither overrules the other.
      #expect(try found("stripes category:bridge", ["--category", "airport"]).isEmpty)
      #expect(try found("stripes category:bridge", ["--plain"]).count == 6)
    }
  }

  @Test(arguments: [
    ("stripes category:volcano", ["no category volcano", "airport, bridge"]),
    ("stripes split:test", ["no split test", "train, valid"]),
    ("stripes category:", ["category: needs a name", "--plain"]),
    ("stripes split: train", ["split: needs a name"]),
    ("stripes \"white roofs", ["white roofs is not closed", "--plain"]),
  ])
  func whatCannotBeAskedIsRefusedWithAWayOut(_ query: String, _ words: [String]) throws {
    try withCollection { _, collection in
      let result = try search(query, collection)
      #expect(result.status == 2 && result.stdout.isEmpty)
      for words in words { #expect(result.stderr.contains(words), "\(result.stderr)") }
    }
  }

  @Test func aTextLongerThanTheContextIsToldWithNumbers() throws {
    try withCollection { _, collection in
      let words = Array(repeating: "a", count: 30).joined(separator: " ")
      let whole = try search(words, collection)
      #expect(whole.status == 0 && whole.stderr.isEmpty, "\(whole.stderr)")
      let cut = try search(words + " runway runway", collection)
      #expect(cut.status == 0)
      #expect(cut.stderr.contains("of which the model reads the first 30: a a"), "\(cut.stderr)")
      // What stands behind changes nothing, which is why it is told.
      #expect(try Fixture.objects(cut.stdout).count == 6)
      let embedded = try run(["embed", "--text", words + " a", "--model", Fixture.model])
      #expect(embedded.stderr.hasPrefix("31 tokens, of which the model reads the first 30"))
      let classified = try run([
        "classify", Places.package.appendingPathComponent("none.jpg").path, "--label", words,
        "--label",
        "b",
      ])
      #expect(classified.stderr.contains("of which the model reads the first 30"))
    }
  }

  @Test func filesThatAreGoneAreToldAndPruned() throws {
    try withCollection { folder, collection in
      for name in ["airport_1.jpg", "bridge_2.jpg"] {
        try FileManager.default.removeItem(at: folder.appendingPathComponent("pictures/\(name)"))
      }
      let result = try search("stripes", collection)
      #expect(result.status == 0)
      #expect(try names(result).count == 6)
      #expect(result.stderr.contains("2 files of these are not there any more"))
      #expect(result.stderr.contains("check \(collection) --prune"))
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("pictures/airport_3.jpg"),
        to: folder.appendingPathComponent("pictures/airport_1.jpg"))
      let one = try search("stripes", collection)
      #expect(one.stderr.contains("1 file of these is not there any more"), "\(one.stderr)")
      try FileManager.default.removeItem(
        at: folder.appendingPathComponent("pictures/airport_1.jpg"))
      let nothing = try run([
        "index", "--into", collection, "--drop", folder.appendingPathComponent("other").path,
      ])
      #expect(nothing.stderr.contains("dropped nothing: no image lies there"))
      let pruned = try run(["index", "--into", collection, "--prune"])
      #expect(pruned.stdout.hasPrefix("no folder looked at, 2 dropped in "), "\(pruned.stdout)")
      #expect(try search("stripes", collection).stderr.isEmpty)
    }
  }

  @Test func captionsThatStayAndThoseThatAreOthersAreCounted() throws {
    try withCollection { folder, collection in
      let other = folder.appendingPathComponent("other.jsonl")
      try #"{"filename": "airport_1.jpg", "captions": ["One.", "Two."], "split": "test"}"#
        .write(to: other, atomically: true, encoding: .utf8)
      let result = try index(folder, ["--captions", other.path])
      #expect(result.status == 0)
      #expect(result.stderr.contains("1 known image has other captions"), "\(result.stderr)")
      #expect(
        result.stderr.contains("5 images not named in the captions given keep those of an earlier"))
      let again = try index(folder, ["--captions", other.path])
      #expect(!again.stderr.contains("known image"))
      let info = try Fixture.objects(run(["info", "--collection", collection, "--json"]).stdout)[0]
      #expect(info["captions"] as? Int == 7 && info["images_with_captions"] as? Int == 6)
      #expect(info["splits"] as? [String: Int] == ["train": 3, "valid": 2, "test": 1])
    }
  }

  @Test func aDamagedVectorTakesNoPartAndTheExitCodeSaysSo() throws {
    try withCollection { folder, collection in
      let picture = folder.appendingPathComponent("pictures/bridge_2.jpg").path
      let line = try run(["embed", picture, "--model", Fixture.model, "--json"]).stdout
      let vector = try #require(try Fixture.objects(line)[0]["embedding"] as? [Double])
      let file = URL(fileURLWithPath: collection)
      var bytes = try [UInt8](Data(contentsOf: file))
      func number(_ place: Int) -> Float {
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) })
      }
      // A batch gives other last bits than a picture alone.
      let place = try #require(
        (0..<bytes.count - 32).first { place in
          (0..<8).allSatisfy { abs(Double(number(place + 4 * $0)) - vector[$0]) < 1e-4 }
        })
      bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
      try Data(bytes).write(to: file)
      let result = try search("stripes", collection)
      #expect(result.status == 2)
      let found = try names(result)
      #expect(found.count == 5 && !found.contains("bridge_2.jpg"))
      #expect(result.stderr.contains("the vector of 1 image is damaged"), "\(result.stderr)")
      #expect(result.stderr.contains("--repair"))
    }
  }

  @Test func likeAnImageNeedsNoModel() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: 4)
      let model = folder.appendingPathComponent("own").path
      try FileManager.default.copyItem(atPath: Fixture.model, toPath: model)
      let collection = folder.appendingPathComponent("c.sqlite").path
      let made = try run([
        "index", folder.appendingPathComponent("pictures").path, "--into", collection, "--model",
        model,
      ])
      #expect(made.status == 0)
      try FileManager.default.removeItem(atPath: model)
      let elsewhere = ["CLIP_RSICD_ASSETS": folder.path, "HF_HOME": folder.path]
      let words = try run(
        ["search", "stripes", "--collection", collection], environment: elsewhere)
      #expect(words.status == 2 && words.stderr.contains("name its folder with --model"))
      let like = try run(
        ["similar", "airport_1.jpg", "--collection", collection, "--json"], environment: elsewhere)
      #expect(like.status == 0, "\(like.stderr)")
      #expect(try names(like).count == 3)
    }
  }
}
