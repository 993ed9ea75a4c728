import Foundation
import TestSupport
import Testing

/// Each bad input gets one line on stderr that names it, exit code 2, nothing on stdout, and loses
/// nothing.
@Suite struct BadInputTests {
  /// What a test spoils in a copy of a model, and the words by which the user learns of it.
  struct BadModel: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    let spoil: @Sendable (URL) throws -> Void
  }

  static let badModels: [BadModel] = [
    BadModel(testDescription: "no such folder", words: ["config.json", "does not exist"]) {
      try FileManager.default.removeItem(at: $0)
    },
    BadModel(testDescription: "weights missing", words: ["model.safetensors"]) {
      try FileManager.default.removeItem(at: $0.appendingPathComponent("model.safetensors"))
    },
    BadModel(
      testDescription: "weights cut in the middle", words: ["model.safetensors", "truncated"]
    ) {
      try cut($0.appendingPathComponent("model.safetensors")) { $0 / 2 }
    },
    BadModel(
      testDescription: "weights cut in the header", words: ["model.safetensors", "truncated"]
    ) {
      try cut($0.appendingPathComponent("model.safetensors")) { _ in 100 }
    },
    BadModel(testDescription: "weights empty", words: ["model.safetensors", "0 bytes"]) {
      try cut($0.appendingPathComponent("model.safetensors")) { _ in 0 }
    },
    BadModel(
      testDescription: "config of another size", words: ["config.json", "do not belong together"]
    ) {
      let file = $0.appendingPathComponent("config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing("\"projection_dim\": 256", with: "\"projection_dim\": 128")
        .write(to: file, atomically: true, encoding: .utf8)
    },
    BadModel(testDescription: "config no JSON", words: ["config.json"]) {
      try Data("{".utf8).write(to: $0.appendingPathComponent("config.json"))
    },
    BadModel(testDescription: "vocabulary without merges", words: ["merges.txt"]) {
      try FileManager.default.removeItem(at: $0.appendingPathComponent("merges.txt"))
    },
    BadModel(testDescription: "vocabulary missing", words: ["vocab.json"]) {
      try FileManager.default.removeItem(at: $0.appendingPathComponent("vocab.json"))
    },
    BadModel(testDescription: "preprocessing missing", words: ["preprocessor_config.json"]) {
      try FileManager.default.removeItem(at: $0.appendingPathComponent("preprocessor_config.json"))
    },
  ]

  static func cut(_ file: URL, to length: (Int) -> Int) throws {
    let data = try Data(contentsOf: file)
    try data.prefix(length(data.count)).write(to: file)
  }

  func expectRefusal(
    _ result: CommandResult, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == 2, sourceLocation: sourceLocation)
    #expect(result.stdout == "", sourceLocation: sourceLocation)
    // Progress may stand before it; the error is one line, the last.
    let lines = result.stderr.split(separator: "\n")
    let error = lines.last ?? ""
    #expect(lines.count { $0.hasPrefix("Error: ") } == 1, sourceLocation: sourceLocation)
    #expect(error.hasPrefix("Error: "), "\(result.stderr)", sourceLocation: sourceLocation)
    for word in words {
      #expect(error.contains(word), "\(result.stderr)", sourceLocation: sourceLocation)
    }
  }

  @Test("a model that cannot be used is refused by name", arguments: badModels)
  func model(_ bad: BadModel) throws {
    try Workshop.withPictures { workshop in
      let model = try workshop.copyOfModel()
      try bad.spoil(model)
      let words = [model.path] + bad.words
      expectRefusal(
        try workshop.program("embed", "--text", "a port", "--model", model.path), words)
      expectRefusal(
        try workshop.program(
          "index", workshop.pictures.path, "--model", model.path, "--into", workshop.collection),
        words)
      #expect(!FileManager.default.fileExists(atPath: workshop.collection))
    }
  }

  @Test(
    "a picture that cannot be read is refused by name, and recorded by index",
    arguments: [
      ("empty.jpg", "empty"), ("text_named.jpg", "not a picture"),
      ("header_30000x30000.jpg", "30000 × 30000"), ("truncated.jpg", "truncated"),
    ])
  func picture(_ name: String, _ words: String) throws {
    try Workshop.withPictures { workshop in
      let file = workshop.pictures.appendingPathComponent(name)
      try FileManager.default.copyItem(
        at: Places.fixtures.appendingPathComponent("images/\(name)"), to: file)
      expectRefusal(try workshop.program("embed", file.path), [file.path, words])
      expectRefusal(try workshop.program("classify", file.path), [file.path, words])
      let index = try workshop.index("--verbose", "--json")
      #expect(index.status == 2)
      #expect(index.stderr.contains(words))
      let report = try JSONLines(index.stdout).first
      #expect(report["unreadable"] as? Int == 1)
      #expect(
        report["embedded"] as? Int == Workshop.categories.count * Workshop.picturesPerCategory)
    }
  }

  @Test("one file that cannot be read costs its own line, is named, and the exit code says so")
  func oneOfMany() throws {
    try Workshop.withPictures { workshop in
      let bad = workshop.pictures.appendingPathComponent("airport_9.jpg").path
      try FileManager.default.copyItem(
        atPath: Places.fixtures.appendingPathComponent("images/truncated.jpg").path, toPath: bad)
      let good = ["airport_1.jpg", "port_1.jpg"].map {
        workshop.pictures.appendingPathComponent($0).path
      }
      for command in [["embed", "--json"], ["classify", "-k", "1", "--json"]] {
        let alone = try workshop.program(command + good)
        #expect(alone.status == 0)
        let result = try workshop.program(command + [good[0], bad, good[1]])
        #expect(result.status == 2)
        #expect(result.stdout == alone.stdout, "\(command)")
        #expect(result.stderr.hasPrefix("Error: \(bad): the file is truncated"), "\(result.stderr)")
      }
    }
  }

  @Test("evaluate leaves out what cannot be read, and every model sees the same images")
  func evaluateWithout() throws {
    try Workshop.withPictures { workshop in
      func evaluate(_ captions: String) throws -> CommandResult {
        try workshop.program(
          "evaluate", "--images", workshop.pictures.path, "--captions", captions, "--tsv",
          workshop.path("rows"), "--json")
      }
      let whole = try evaluate(workshop.captions)
      #expect(whole.status == 0)
      let rows = try String(contentsOfFile: workshop.path("rows/rsicd-mini.tsv"), encoding: .utf8)
      // The bad one stands first, where it would push every other row out of its place.
      let lines = try String(contentsOfFile: workshop.captions, encoding: .utf8)
      let more = workshop.path("more.jsonl")
      try ("{\"filename\": \"airport_9.jpg\", \"captions\": [\"of nothing else\"]}\n" + lines)
        .write(toFile: more, atomically: true, encoding: .utf8)
      let bad = workshop.pictures.appendingPathComponent("airport_9.jpg").path
      try FileManager.default.copyItem(
        atPath: Places.fixtures.appendingPathComponent("images/empty.jpg").path, toPath: bad)
      let result = try evaluate(more)
      #expect(result.status == 2)
      #expect(result.stderr.contains("Error: \(bad): the file is empty"), "\(result.stderr)")
      #expect(result.stderr.contains("1 image cannot be read and is left out"))
      #expect(result.stdout.contains("\"unreadable\":1"))
      #expect(
        result.stdout.replacing("\"unreadable\":1", with: "\"unreadable\":0") == whole.stdout)
      #expect(
        try String(contentsOfFile: workshop.path("rows/rsicd-mini.tsv"), encoding: .utf8) == rows)
    }
  }

  @Test(
    "unusual pictures are read",
    arguments: ["cmyk.jpg", "gray.jpg", "exif_orientation_6.jpg", "one_pixel.jpg"])
  func unusual(_ name: String) throws {
    let file = Places.fixtures.appendingPathComponent("images/\(name)").path
    let result = try run(["embed", file, "--json"])
    #expect(result.status == 0)
    #expect((try JSONLines(result.stdout).first["embedding"] as? [Double])?.count == 256)
  }

  @Test("files that are not there are named", arguments: ["embed", "classify", "similar"])
  func missing(_ command: String) throws {
    try Workshop.withCollection { workshop in
      let more = command == "similar" ? ["--collection", workshop.collection] : []
      expectRefusal(try workshop.program([command, "no.jpg"] + more), ["no.jpg"])
    }
  }

  @Test(
    "a broken line of a caption file costs that line, which is told with its number, and the code is 2"
  )
  func brokenLine() throws {
    try Workshop.withCollection { workshop in
      let before = try workshop.vectors()
      let text = try String(contentsOfFile: workshop.captions, encoding: .utf8)
      let broken = workshop.path("broken.jsonl")
      try (text + "\n{\"filename\": \"x.jpg\", \"capt").write(
        toFile: broken, atomically: true, encoding: .utf8)
      for result in [
        try workshop.program(
          "index", workshop.pictures.path, "--captions", broken, "--into", workshop.collection),
        try workshop.program("evaluate", "--images", "pictures", "--captions", broken),
      ] {
        #expect(result.status == 2)
        #expect(result.stderr.contains("1 caption entry left out: \(broken), line 13"))
        // The others are there.
        #expect(result.stdout.contains("12"))
      }
      #expect(try workshop.vectors() == before)
    }
  }

  @Test("what is no collection, or of another version, is refused and left as it was")
  func collections() throws {
    try Workshop.withCollection { workshop in
      func search(_ collection: String) throws -> CommandResult {
        try workshop.program("search", "a port", "--collection", collection)
      }
      expectRefusal(
        try search(workshop.path("none.sqlite")), ["none.sqlite", "there is no such collection"])
      try workshop.write(Array("just a text, long enough to be read".utf8), to: "text.sqlite")
      expectRefusal(try search(workshop.path("text.sqlite")), ["is no collection"])
      // SQLite keeps its user_version, big-endian, at bytes 60 to 63 of a file.
      var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: workshop.collection)))
      bytes[63] = 99
      try workshop.write(bytes, to: "newer.sqlite")
      let newer = workshop.path("newer.sqlite")
      expectRefusal(try search(newer), ["version 99", "use a newer clip-rsicd"])
      expectRefusal(
        try workshop.program("index", workshop.pictures.path, "--into", newer), ["version 99"])
      #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: newer))) == bytes)
    }
  }

  @Test("a model whose vectors are not there, or whose name has other weights, is told the way out")
  func otherModel() throws {
    try Workshop.withCollection { workshop in
      let arguments = ["search", "a port", "--collection", workshop.collection, "--model"]
      expectRefusal(
        try workshop.program(arguments + [Places.model("clip-mini")]),
        ["no vectors of clip-mini", "it has rsicd-mini"])
      // The other model's files under the name that is indexed.
      let impostor = workshop.folder.appendingPathComponent("rsicd-mini")
      try FileManager.default.copyItem(
        at: URL(fileURLWithPath: Places.model("clip-mini")), to: impostor)
      expectRefusal(
        try workshop.program(arguments + [impostor.path]),
        ["no vectors of \(impostor.path)", "it has rsicd-mini"])
      // In another folder it is another model, as the best of another run is.
      let index = [
        "index", workshop.pictures.path, "--model", impostor.path, "--into", workshop.collection,
      ]
      #expect(try workshop.program(index).status == 0)
      #expect(try workshop.program(arguments + [impostor.path]).status == 0)
      // Other weights in the same folder.
      #expect(
        try workshop.program(
          "convert", Places.model("clip-mini"), impostor.path, "--dtype", "f16", "--force"
        ).status == 0)
      let before = try workshop.vectors()
      expectRefusal(try workshop.program(arguments + [impostor.path]), ["--replace-model"])
      expectRefusal(try workshop.program(index), ["--replace-model"])
      #expect(try workshop.vectors() == before)
    }
  }

  @Test("a name that no model has is told the names that there are")
  func noModelOfThatName() throws {
    try Workshop.withCollection { workshop in
      let search = ["search", "a port", "--collection", workshop.collection, "--model"]
      #expect(try workshop.program(search + ["rsicd-mini"]).status == 0)
      expectRefusal(
        try workshop.program(search + ["rscid"]),
        ["rscid: nothing here is called so", "clip-mini", "has vectors of rsicd-mini"])
      expectRefusal(
        try workshop.program("embed", "--text", "a port", "--model", "rscid"),
        ["rscid: nothing here is called so"])
    }
  }

  @Test("a collection whose model's folder is gone is still described, and searched by its copy")
  func modelGone() throws {
    try Workshop.withPictures { workshop in
      let model = try workshop.copyOfModel("moved")
      let made = try workshop.program(
        "index", workshop.pictures.path, "--model", model.path, "--into", workshop.collection)
      #expect(made.status == 0)
      try FileManager.default.removeItem(at: model)
      let info = try workshop.program("info", "--collection", workshop.collection)
      #expect(info.status == 0)
      #expect(info.stdout.contains("(gone)"))
      let arguments = ["search", "a port", "--collection", workshop.collection, "--model"]
      expectRefusal(try workshop.program(arguments + [model.path]), [model.path, "does not exist"])
      // The same weights from another place are the same model.
      #expect(try workshop.program(arguments + [Places.model("rsicd-mini")]).status == 0)
    }
  }

  @Test("LANG=C and TERM=dumb change nothing but the characters")
  func plainTerminal() throws {
    try Workshop.withCollection { workshop in
      for environment in [["LANG": "C", "LC_ALL": "C"], ["TERM": "dumb"], ["TERM": ""]] {
        let result = try workshop.program(
          "search", "a port", "--collection", workshop.collection, "-k", "2", "--preview",
          environment: environment)
        #expect(result.status == 0)
        #expect(!result.stdout.contains("\u{1B}"))
      }
    }
  }
}
