import Foundation
import TestSupport
import Testing

/// What a collection and the way to it may suffer: one clear line, the right code, nothing lost.
@Suite(.serialized) struct CollectionBadInputTests {
  typealias Fixture = CollectionFixture

  private func index(_ folder: URL, model: String = Fixture.model, _ more: [String] = []) throws
    -> CommandResult
  {
    try run(
      [
        "index", folder.path + "/pictures", "--into", folder.path + "/c.sqlite", "--json",
        "--model", model,
      ] + more)
  }

  private func search(_ folder: URL, model: String = Fixture.model) throws -> CommandResult {
    try run([
      "search", "stripes", "--collection", folder.path + "/c.sqlite", "--model", model,
    ])
  }

  /// Code 2, nothing on stdout, and one line on stderr that has these words.
  private func expectRefusal(_ result: CommandResult, _ words: String...) {
    #expect(result.status == 2)
    #expect(result.stdout.isEmpty)
    let errors = result.stderr.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
    #expect(errors.count == 1, "\(result.stderr)")
    for word in words { #expect(result.stderr.contains(word), "\(result.stderr)") }
  }

  private func withCollection(count: Int = 3, _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: count)
      try #require(try index(folder).status == 0)
      try body(folder)
    }
  }

  @Test func aBrokenCaptionLineIsNamedByItsNumber() throws {
    try withCollection { folder in
      let captions = folder.appendingPathComponent("captions.jsonl")
      try """
      {"filename": "airport_1.jpg", "captions": ["A runway."]}
      {"filename": "bridge_2.jpg", "captions": ["A bri
      """.write(to: captions, atomically: true, encoding: .utf8)
      let result = try index(folder, ["--captions", captions.path])
      #expect(result.status == 2)
      #expect(result.stderr.contains("captions.jsonl, line 2: "), "\(result.stderr)")
      #expect(try Fixture.number(result, "bad_caption_lines") == 1)
      #expect(try Fixture.number(result, "captioned") == 1)
      #expect(try search(folder).status == 0)
    }
  }

  @Test func absentImagesAreCountedAndListedOnRequest() throws {
    try withCollection { folder in
      let captions = folder.appendingPathComponent("captions.jsonl")
      try #"{"filename": "gone_9.jpg", "captions": ["Nothing."]}"#
        .write(to: captions, atomically: true, encoding: .utf8)
      let quiet = try index(folder, ["--captions", captions.path])
      #expect(quiet.status == 0)
      #expect(try Fixture.number(quiet, "absent") == 1)
      #expect(!quiet.stderr.contains("gone_9.jpg"))
      #expect(
        try index(folder, ["--captions", captions.path, "--verbose"]).stderr
          .contains("gone_9.jpg"))
    }
  }

  @Test func whatIsNoCollectionIsLeftAsItIs() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: 1)
      let file = folder.appendingPathComponent("c.sqlite")
      let words = Data(String(repeating: "my own notes\n", count: 400).utf8)
      try words.write(to: file)
      expectRefusal(try index(folder), "c.sqlite")
      expectRefusal(try search(folder), "c.sqlite")
      #expect(try Data(contentsOf: file) == words)
      try FileManager.default.removeItem(at: file)
      expectRefusal(try search(folder), "there is no such collection")
      expectRefusal(
        try run(["index", folder.path + "/nowhere", "--into", file.path]), "nowhere")
    }
  }

  @Test func anotherVersionIsRefused() throws {
    try withCollection { folder in
      let file = folder.appendingPathComponent("c.sqlite")
      var bytes = try Data(contentsOf: file)
      // user_version of SQLite's header: bytes 60 to 63, big-endian.
      bytes.replaceSubrange(60..<64, with: [0, 0, 3, 0xE7])
      try bytes.write(to: file)
      expectRefusal(try search(folder), "version 999", "newer")
      expectRefusal(try index(folder), "version 999")
      #expect(try Data(contentsOf: file) == bytes)
    }
  }

  /// A collection may come from somebody else, and SQLite runs what its schema says.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")),
    arguments: [
      "CREATE TRIGGER t AFTER INSERT ON vectors BEGIN DELETE FROM images; END",
      "ALTER TABLE images RENAME TO i; CREATE VIEW images AS SELECT * FROM i",
      "CREATE VIRTUAL TABLE more USING fts5(text)",
    ]) func whatACollectionDefinesForItselfIsRefused(statements: String) throws
  {
    try withCollection { folder in
      let file = folder.path + "/c.sqlite"
      let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"
      let changed = try run(
        ["-c", script, file, statements], executable: URL(fileURLWithPath: "/usr/bin/python3"))
      try #require(changed.status == 0, "\(changed.stderr)")
      expectRefusal(try search(folder), "which no collection does")
      expectRefusal(try index(folder), "which no collection does")
      expectRefusal(try run(["check", file, "--repair"]), "c.sqlite")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
  func aTableThatIsLaidOutInAnotherWayIsRefusedAndRepaired() throws {
    try withCollection { folder in
      let file = folder.path + "/c.sqlite"
      let script = """
        import sqlite3, sys
        c = sqlite3.connect(sys.argv[1]); c.execute("PRAGMA writable_schema = ON")
        c.execute("UPDATE sqlite_master SET sql = replace(sql, 'id INTEGER PRIMARY', 'id INTEGER, i') "
          "WHERE name = 'images'")
        c.commit()
        """
      let changed = try run(
        ["-c", script, file], executable: URL(fileURLWithPath: "/usr/bin/python3"))
      try #require(changed.status == 0, "\(changed.stderr)")
      expectRefusal(try search(folder), "table images")
      expectRefusal(try index(folder), "table images")
      try #require(try run(["check", file, "--repair"]).status == 0)
      #expect(try search(folder).status == 0)
      #expect(try run(["check", file]).status == 0)
      #expect(try Fixture.imageCount(URL(fileURLWithPath: file)) == 3)
    }
  }

  /// SQLite keeps any value in any column.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")),
    arguments: [
      "UPDATE images SET byte_count = 'abc', width = x'0102', height = 1e300, modified_ns = 'x'",
      "UPDATE images SET path = x'FF00FE', category = 12.5, split = x'00'",
      "UPDATE images SET failure = x'FF', path = path || x'1B5B326A'",
      "UPDATE captions SET text = x'FFFE', position = 'first'",
      "UPDATE captions SET image_id = 'none'", "UPDATE vectors SET vector = 'text'",
      "UPDATE vectors SET image_id = 1e18, vector = zeroblob(20000000)",
      "UPDATE models SET width = 4611686018427387904", "UPDATE models SET width = -1",
      """
      UPDATE models SET width = 65536; INSERT OR IGNORE INTO vectors (model_id, image_id, vector)
        WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
        SELECT models.id, i, x'' FROM n, models
      """,
      "UPDATE models SET width = 'wide', name = x'FF', directory = 7, fingerprint = 1.5",
    ]) func valuesOfAnotherTypeEndNothing(statement: String) throws
  {
    try withCollection { folder in
      let file = folder.path + "/c.sqlite"
      let captions = folder.appendingPathComponent("captions.jsonl")
      try #"{"filename": "airport_1.jpg", "captions": ["A runway."]}"#
        .write(to: captions, atomically: true, encoding: .utf8)
      try #require(try index(folder, ["--captions", captions.path]).status == 0)
      let script = """
        import sqlite3, sys
        c = sqlite3.connect(sys.argv[1]); c.execute("PRAGMA foreign_keys = OFF")
        c.execute("PRAGMA ignore_check_constraints = ON")
        for id, in c.execute("SELECT id FROM images").fetchall()[:1] or [(1,)]:
          for statement in sys.argv[2].split(";"):
            try: c.execute(statement)
            except sqlite3.IntegrityError: c.execute(statement + " WHERE rowid = 1")
        c.commit()
        """
      let changed = try run(
        ["-c", script, file, statement], executable: URL(fileURLWithPath: "/usr/bin/python3"))
      try #require(changed.status == 0, "\(changed.stderr)")
      for arguments in [
        ["search", "stripes", "--collection", file, "--model", Fixture.model, "--json"],
        [
          "similar", folder.path + "/pictures/bridge_2.jpg", "--collection", file, "--model",
          Fixture.model,
        ],
        ["info", "--collection", file], ["doctor", "--collection", file], ["check", file],
        ["search", "\"runway\" category:airport", "--collection", file, "--model", Fixture.model],
        ["index", folder.path + "/pictures", "--into", file, "--model", Fixture.model],
        ["check", file, "--repair"],
        ["index", folder.path + "/pictures", "--into", file, "--model", Fixture.model],
      ] {
        let result = try run(arguments)
        #expect([0, 1, 2].contains(result.status), "\(arguments): \(result.stderr)")
      }
      #expect(try run(["check", file]).status == 0)
      #expect(try Fixture.imageCount(URL(fileURLWithPath: file)) == 3)
    }
  }

  @Test func aModelThatIsGoneDoesNotLoseTheCollection() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: 2)
      let copy = folder.appendingPathComponent("rsicd-mini")
      try FileManager.default.copyItem(at: URL(fileURLWithPath: Fixture.model), to: copy)
      try #require(try index(folder, model: copy.path).status == 0)
      try FileManager.default.removeItem(at: copy)
      expectRefusal(try search(folder, model: copy.path), "rsicd-mini")
      let info = try run(["info", "--collection", folder.path + "/c.sqlite"])
      #expect(info.status == 0)
      #expect(info.stdout.contains("(gone)"))
      // The same model elsewhere is the same model.
      #expect(try search(folder).status == 0)
    }
  }

  @Test func anotherModelUnderTheSameNameIsNoticed() throws {
    try withCollection { folder in
      let other = folder.appendingPathComponent("other/rsicd-mini")
      try FileManager.default.createDirectory(
        at: other.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: URL(fileURLWithPath: Fixture.baseline), to: other)
      expectRefusal(
        try search(folder, model: other.path), "no vectors of \(other.path)", "it has rsicd-mini")
      #expect(try search(folder).status == 0)
      #expect(try index(folder, model: other.path, ["--replace-model"]).status == 0)
      #expect(try search(folder, model: other.path).status == 0)
      expectRefusal(try search(folder), "no vectors of \(Fixture.model)", "it has rsicd-mini")
      expectRefusal(try search(folder, model: Fixture.baseline + "-none"), "clip-mini-none")
    }
  }

  @Test(.enabled(if: Unprivileged.isPossible, "needs a user whom permissions bind"))
  func anUnreadableFolderIsToldAndTheRestIndexed() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
      let pictures = folder.appendingPathComponent("pictures")
      try Fixture.fill(pictures, count: 2)
      let locked = pictures.appendingPathComponent("locked")
      try Fixture.fill(locked, count: 2)
      try files.setAttributes([.posixPermissions: 0], ofItemAtPath: locked.path)
      defer { try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: locked.path) }
      let result = try Unprivileged.run(
        [
          "index", pictures.path, "--into", folder.path + "/c.sqlite", "--json", "--model",
          try Unprivileged.model(in: folder),
        ], in: folder)
      #expect(result.status == 2, "\(result.stderr)")
      #expect(try Fixture.number(result, "embedded") == 2)
      #expect(try Fixture.number(result, "unreadable_folders") == 1)
      #expect(result.stderr.contains("locked"))
    }
  }

  @Test(.enabled(if: Unprivileged.isPossible, "needs a user whom permissions bind"))
  func aReadOnlyCollectionIsSearchedAndNotIndexed() throws {
    try withCollection { folder in
      let files = FileManager.default
      let file = folder.path + "/c.sqlite"
      let model = try Unprivileged.model(in: folder)
      let search = ["search", "stripes", "--collection", file, "--model", model]
      try files.copyItem(
        atPath: Places.executable.path, toPath: folder.path + "/clip-rsicd")
      try Fixture.picture(8).write(to: folder.appendingPathComponent("pictures/pond_8.jpg"))
      for path in files.subpaths(atPath: folder.path) ?? [] where path.hasPrefix("c.sqlite") {
        try files.setAttributes(
          [.posixPermissions: 0o444], ofItemAtPath: folder.path + "/" + path)
      }
      try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
      defer { try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path) }
      let before = try Data(contentsOf: URL(fileURLWithPath: file))
      let found = try Unprivileged.run(search, in: folder)
      #expect(found.status == 0, "\(found.stderr)")
      expectRefusal(
        try Unprivileged.run(
          ["index", folder.path + "/pictures", "--into", file, "--model", model], in: folder),
        "c.sqlite")
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }
  }
}
