import Foundation
import TestSupport
import Testing

/// Names and captions that want to be something else: escape sequences, lines, directions, options,
/// commands of a shell. What is printed stays text, and JSON gives it back as it was.
@Suite(.serialized) struct HostileNamesTests {
  typealias Fixture = CollectionFixture

  static let directions =
    "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}"
    + "\u{200E}\u{200F}\u{061C}"
  static let controls = String(
    String.UnicodeScalarView((1..<0x20).compactMap(Unicode.Scalar.init)))
  static let controls1 = String(
    String.UnicodeScalarView((0x7F...0x9F as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)))
  /// Each with a number, so that it has the category in front of it.
  static let names = [
    "airport_\u{1B}]0;owned\u{7}\u{1B}[2J_1.jpg", "airport_two\nlines\rhere\tand_2.jpg",
    "airport_\(directions)_3.jpg", "airport_\(controls)_4.jpg", "airport_\(controls1)_5.jpg",
    "airport_\u{2028}\u{2029}\u{FEFF}\u{E0041}_6.jpg", "airport_\"quoted\"\\back<&>_7.jpg",
    "-rf.jpg", "$(touch owned).jpg", ";touch owned;.jpg", "`touch owned`.jpg", "'.jpg",
    "airport_" + String(repeating: "x", count: 241) + "_8.jpg",
  ]
  static let caption = "planes \u{1B}[31m\u{9B}2J \(directions) on\na field\r\u{0}"

  /// Whether text may be sent to a terminal; `lines` allows line ends, `tabs` columns.
  private func expectSafe(_ text: String, _ what: String, escapes: Bool = false) {
    for scalar in text.unicodeScalars where scalar != "\n" && scalar != "\t" {
      let category = scalar.properties.generalCategory
      let isSafe = ![.control, .format, .lineSeparator, .paragraphSeparator].contains(category)
      if isSafe || (escapes && scalar == "\u{1B}") { continue }
      Issue.record("\(what): U+\(String(scalar.value, radix: 16)) in \(text.debugDescription)")
      return
    }
  }

  /// A folder of pictures with hostile names, their captions and a collection.
  private func withCollection(_ body: (Workshop) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try FileManager.default.createDirectory(
        at: workshop.pictures, withIntermediateDirectories: true)
      var lines: [String] = []
      for (place, name) in Self.names.enumerated() {
        try workshop.write(
          [UInt8](try Fixture.picture(place, side: 32)), to: "pictures/\(name)")
        let entry =
          ["filename": "airport/\(name)", "captions": [Self.caption, name]] as [String: Any]
        let line = try JSONSerialization.data(withJSONObject: entry)
        lines.append(String(decoding: line, as: UTF8.self))
      }
      try Data(lines.joined(separator: "\n").utf8)
        .write(to: URL(fileURLWithPath: workshop.captions))
      let made = try workshop.index("--verbose")
      try #require(made.status == 0, "\(made.stderr)")
      expectSafe(made.stdout + made.stderr, "index")
      try body(workshop)
    }
  }

  @Test func whatIsPrintedIsTextAndJSONGivesNamesBack() throws {
    try withCollection { workshop in
      let source = ["--collection", workshop.collection]
      let count = Self.names.count
      let search = ["search", "planes"] + source + ["-k", "100"]
      for form in [[], ["--preview"]] {
        let result = try workshop.program(search + form)
        #expect(result.status == 0)
        expectSafe(result.stdout + result.stderr, "search \(form)")
      }
      #expect(try workshop.program(search).stdout.split(separator: "\n").count == count)
      let json = try workshop.program(search + ["--json"])
      expectSafe(json.stdout, "--json")
      let rows = try JSONLines(json.stdout).objects
      let paths = rows.compactMap { $0["path"] as? String }
      #expect(Set(paths.map { URL(fileURLWithPath: $0).lastPathComponent }) == Set(Self.names))
      // Byte for byte: a String of Swift calls texts equal that only look so.
      let bytes = Set(paths.map { Array($0.utf8) })
      for name in Self.names {
        #expect(bytes.contains { $0.suffix(name.utf8.count).elementsEqual(name.utf8) })
      }
      #expect(
        rows.allSatisfy {
          ($0["caption"] as? String) == Self.caption.replacing("\0", with: "\u{FFFD}")
        })
      // For scripts the bytes as they are.
      let zeros = try workshop.program(search + ["--print0"]).stdout
      #expect(Set(zeros.split(separator: "\0").map(String.init)) == Set(paths))
      for path in paths.prefix(7) {
        for arguments in [["similar", path] + source, ["classify", path], ["embed", path]] {
          let plain = try workshop.program(arguments)
          #expect(plain.status == 0, "\(arguments): \(plain.stderr)")
          expectSafe(plain.stdout + plain.stderr, arguments[0])
          let object = try workshop.program(arguments + ["--json"])
          expectSafe(object.stdout + object.stderr, arguments[0] + " --json")
          _ = try JSONLines(object.stdout)
        }
      }
    }
  }

  @Test func errorsAndFindingsAreTextToo() throws {
    try withCollection { workshop in
      for name in Self.names.prefix(7) {
        try Data("no picture".utf8).write(to: workshop.pictures.appendingPathComponent(name))
        let path = workshop.path("pictures/\(name)")
        for arguments in [
          ["embed", path], ["info", "--image", path], ["info", "--model", path],
          ["search", "x", "--collection", path], ["check", path], ["check", path + "-none"],
          ["convert", path, path], ["index", path, "--into", path], ["explore", "--" + name],
          ["--" + name], [name], ["evaluate", "--images", path, "--captions", path],
          ["index", "pictures", "--captions", path, "--into", path], ["train", path],
          ["pull", name], ["explore", "--collection", path, "--script", path],
          ["search", "x", "--category", name, "--collection", workshop.collection],
        ] {
          let result = try workshop.program(arguments)
          #expect(result.status == 2, "\(arguments): \(result.status) \(result.stderr)")
          expectSafe(result.stdout + result.stderr, arguments[0])
        }
      }
      let index = try workshop.index("--verbose")
      #expect(index.stderr.contains("7 unreadable"))
      expectSafe(index.stdout + index.stderr, "index")
      var file = try Data(contentsOf: URL(fileURLWithPath: workshop.collection))
      while let place = file.range(of: Data("lines\rhere".utf8)) { file[place.lowerBound] = 0x4C }
      try file.write(to: URL(fileURLWithPath: workshop.collection))
      for more in [[], ["--json"]] {
        let found = try workshop.program(["check", workshop.collection] + more)
        #expect(found.status == 1)
        expectSafe(found.stdout + found.stderr, "check")
      }
    }
  }

  @Test func aCollectionOfAHostileNameIsText() throws {
    try withCollection { workshop in
      let name = workshop.path("c\u{1B}[2J\u{202E}\n';touch owned;'.sqlite")
      try FileManager.default.copyItem(atPath: workshop.collection, toPath: name)
      for arguments in [
        ["info", "--collection", name], ["doctor", "--collection", name], ["check", name],
        ["index", "pictures", "--into", name],
      ] {
        let result = try workshop.program(arguments)
        #expect(result.status == 0, "\(result.stderr)")
        expectSafe(result.stdout + result.stderr, arguments[0])
      }
      var file = try Data(contentsOf: URL(fileURLWithPath: name))
      let place = try #require(file.range(of: Data("planes ".utf8)))
      file[place.lowerBound] ^= 1
      try file.write(to: URL(fileURLWithPath: name))
      // The line that may be copied into a shell is one word there.
      let check = try workshop.program("check", name)
      #expect(check.stderr.contains(#"␊'\'';touch owned;'\''.sqlite' --repair"#), "\(check.stderr)")
    }
  }

  // MARK: Names that are no text, or too long

  @Test func aNameThatIsNotUTF8IsToldAndLeftOut() throws {
    try Workshop.withPictures { workshop in
      let picture = [UInt8](try Fixture.picture(3))
      for name in [[0x63, 0x61, 0x66, 0xE9], [0xFF, 0xFE, 0x1B, 0x5B, 0x6D], [0xED, 0xA0, 0x80]] {
        let path =
          Array(workshop.pictures.path.utf8) + [0x2F] + name.map { UInt8($0) }
          + Array("_1.jpg".utf8)
        let file = open(path.map { CChar(bitPattern: $0) } + [0], O_CREAT | O_WRONLY, 0o600)
        try #require(file >= 0)
        #expect(write(file, picture, picture.count) == picture.count)
        close(file)
      }
      let made = try workshop.index("--json", "--verbose")
      #expect(made.status == 2)
      let report = try JSONLines(made.stdout).first
      #expect(report["unreadable"] as? Int == 3)
      #expect(report["embedded"] as? Int == 12)
      #expect(made.stderr.contains(#"/caf\xE9_1.jpg: its name is not UTF-8; rename it"#))
      #expect(made.stderr.contains(#"/\xFF\xFE␛[m_1.jpg: its name"#))
      expectSafe(made.stderr, "index")
      // Nothing of the others is taken for vanished.
      let again = try JSONLines(try workshop.index("--json").stdout).first
      #expect(again["unchanged"] as? Int == 12 && again["removed"] as? Int == 0)
      #expect(again["unreadable"] as? Int == 3)
      // As an argument it is a file that is not there.
      let script = #""$0" embed "$(printf 'pictures/caf\351_1.jpg')""#
      let result = try run(
        ["-c", script, Places.executable.path], executable: URL(fileURLWithPath: "/bin/sh"),
        directory: workshop.folder)
      #expect(result.status == 2)
      expectSafe(result.stderr, "embed")
    }
  }

  @Test func pathsAsLongAsTheSystemTakesThemAreRead() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try FileManager.default.createDirectory(
        at: workshop.pictures, withIntermediateDirectories: true)
      let picture = try Fixture.picture(3)
      // Folders of 255 bytes, then one that leaves the longest name just enough room: 4,095 bytes.
      var path = try #require(realpath(workshop.pictures.path, nil).map { String(cString: $0) })
      while path.utf8.count + 256 < 4095 - 300 {
        path += "/" + String(repeating: "d", count: 255)
      }
      path += "/" + String(repeating: "e", count: 4095 - 256 - path.utf8.count - 1)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let longest = path + "/" + String(repeating: "n", count: 251) + ".jpg"
      #expect(longest.utf8.count == 4095)
      try picture.write(to: URL(fileURLWithPath: workshop.path("pictures/port_1.jpg")))
      let file = open(longest, O_CREAT | O_WRONLY, 0o600)
      try #require(file >= 0)
      #expect(picture.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == picture.count)
      close(file)
      // One more byte of folder, and the same file has no path; it was made from inside.
      let script = """
        cd '\(path)' && mkdir -p \(String(repeating: "f", count: 240)) && cd f* \
        && printf x > \(String(repeating: "g", count: 240)).jpg
        """
      let made = try run(["-c", script], executable: URL(fileURLWithPath: "/bin/sh"))
      try #require(made.status == 0, "\(made.stderr)")
      let arguments = [
        "index", workshop.pictures.path, "--into", workshop.collection, "--model", Fixture.model,
        "--json", "--verbose",
      ]
      let result = try workshop.program(arguments)
      #expect(result.status == 2, "\(result.stderr)")
      let report = try JSONLines(result.stdout).first
      #expect(report["embedded"] as? Int == 2, "\(result.stdout)\(result.stderr)")
      #expect(report["unreadable"] as? Int == 1)
      #expect(result.stderr.contains("bytes, the system takes 4095; move it up"))
      let found = try workshop.program(
        "search", "a port", "--collection", workshop.collection, "-0")
      #expect(found.stdout.split(separator: "\0").contains { $0 == longest })
    }
  }

  // MARK: Files of evaluate

  @Test func tablesKeepTheirLinesAndColumns() throws {
    try withCollection { workshop in
      let model = try workshop.copyOfModel("m\u{202E}\u{1B}[1m")
      let out = workshop.path("out")
      let result = try workshop.program(
        "evaluate", "--images", workshop.pictures.path, "--captions", workshop.captions, "--model",
        model.path, "--tsv", out, "--svg", workshop.path("figure.svg"), "--per-category",
        "--confusion", "--label", "airport", "--label", "tab\there\u{202E}")
      #expect(result.status == 0, "\(result.stderr)")
      expectSafe(result.stdout + result.stderr, "evaluate")
      let files = try FileManager.default.contentsOfDirectory(atPath: out)
      #expect(files.count == 3)
      for name in files {
        let text = try String(contentsOfFile: "\(out)/\(name)", encoding: .utf8)
        expectSafe(text, name)
        let columns = Set(text.split(separator: "\n").map { $0.split(separator: "\t").count })
        #expect(columns.count == 1, "\(name): \(text)")
      }
      let svg = try String(contentsOfFile: workshop.path("figure.svg"), encoding: .utf8)
      expectSafe(svg, "SVG")
      #expect(XMLLike.isBalanced(svg))
    }
  }

  /// Enough of a reader to see that no name broke out of its text.
  private enum XMLLike {
    static func isBalanced(_ text: String) -> Bool {
      text.count { $0 == "<" } == text.count { $0 == ">" } && text.hasSuffix("</svg>\n")
    }
  }
}
