import Foundation
import TestSupport
import Testing

/// Hostile names and captions in the explorer, in a real terminal; and the viewer that is started for
/// a file.
@Suite(.serialized, .enabled(if: Tmux.isInstalled)) struct HostileScreenTests {
  typealias Fixture = CollectionFixture

  private func withExplorer(
    _ names: [String], environment: [String: String] = [:],
    prepare: (URL) throws -> Void = { _ in },
    _ body: (URL, Tmux) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
      var lines: [String] = []
      for (place, name) in names.enumerated() {
        try Fixture.picture(place).write(to: pictures.appendingPathComponent(name))
        let line = try JSONSerialization.data(withJSONObject: [
          "filename": name, "captions": [HostileNamesTests.caption],
        ])
        lines.append(String(decoding: line, as: UTF8.self))
      }
      let captions = folder.appendingPathComponent("captions.jsonl")
      try Data(lines.joined(separator: "\n").utf8).write(to: captions)
      let collection = folder.appendingPathComponent("c.sqlite").path
      let made = try run([
        "index", pictures.path, "--captions", captions.path, "--into", collection, "--model",
        Fixture.model,
      ])
      try #require(made.status == 0, "\(made.stderr)")
      try prepare(folder)
      var values = environment
      values["PATH"] = "\(folder.path)/bin:/usr/bin:/bin"
      let tmux = try Tmux(columns: 100, rows: 30, environment: values)
      try tmux.command("cd '\(folder.path)'")
      try tmux.record(into: folder.appendingPathComponent("sent"))
      try tmux.command(
        "'\(Places.executable.path)' explore --no-state --collection c.sqlite; echo \"left:$?\"")
      try tmux.wait { $0.contains("Search") && $0.contains(" 1 ") }
      try body(folder, tmux)
    }
  }

  @Test func nothingButTheExplorersOwnSequencesIsSent() throws {
    try withExplorer(HostileNamesTests.names) { folder, tmux in
      try tmux.press("Escape")
      for _ in HostileNamesTests.names {
        try tmux.press("Enter")
        try tmux.wait { $0.contains("planes") }
        try tmux.press("Escape", "j")
      }
      try tmux.press("3", "Enter", "j", "j")
      try tmux.press("2")
      try tmux.wait { $0.contains("Compare") }
      try tmux.press("q")
      try tmux.wait { $0.contains("left:0") }
      #expect(try !tmux.value("pane_title").contains("owned"))
      let sent = try Data(contentsOf: folder.appendingPathComponent("sent"))
      let text = String(decoding: sent, as: UTF8.self)
      #expect(text.contains("airport_"))
      // Curses' own: ESC, what moves within a line, and SI, which ends a style.
      let own: Set<UInt32> = [0x1B, 0x08, 0x09, 0x0A, 0x0D, 0x0F]
      let foreign = text.unicodeScalars.filter { scalar in
        if scalar.value < 0x20 { return !own.contains(scalar.value) }
        return [.control, .format, .lineSeparator, .paragraphSeparator].contains(
          scalar.properties.generalCategory)
      }
      #expect(foreign.isEmpty, "\(Set(foreign.map { String($0.value, radix: 16) }))")
      #expect(!text.contains("\u{1B}]0;owned") && !text.contains("\u{1B}[31m\u{9B}"))
    }
  }

  @Test func theViewerGetsThePathAndNoShell() throws {
    let names = [
      "$(touch owned).jpg", "-rf.jpg", ";touch owned;.jpg", "`touch owned`.jpg", "a b'\n.jpg",
    ]
    try withExplorer(
      names,
      prepare: { folder in
        let bin = folder.appendingPathComponent("bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        let viewer = bin.appendingPathComponent("xdg-open")
        try """
        #!/bin/sh
        printf '%s\\0' "$#" "$@" >> '\(folder.path)/opened'
        """.write(to: viewer, atomically: true, encoding: .utf8)
        chmod(viewer.path, 0o755)
      }
    ) { folder, tmux in
      let opened = folder.appendingPathComponent("opened")
      func arguments() -> [String] {
        ((try? Data(contentsOf: opened)) ?? Data()).split(separator: 0)
          .map { String(decoding: $0, as: UTF8.self) }
      }
      try tmux.press("Escape")
      for count in 1...names.count {
        try tmux.press("o")
        try tmux.wait { _ in arguments().count == 2 * count }
        try tmux.press("j")
      }
      let all = arguments()
      #expect(stride(from: 0, to: all.count, by: 2).allSatisfy { all[$0] == "1" })
      let root = try #require(realpath(folder.path, nil).map { String(cString: $0) })
      #expect(
        Set(stride(from: 1, to: all.count, by: 2).map { all[$0] })
          == Set(names.map { "\(root)/pictures/\($0)" }))
      // What is no picture any more, as a starter of programs, is not handed on.
      for name in names {
        try Data("[Desktop Entry]\nExec=touch owned\n".utf8)
          .write(to: folder.appendingPathComponent("pictures/\(name)"))
      }
      try tmux.press("o")
      try tmux.wait { $0.contains(": not a pic") }
      #expect(arguments().count == all.count)
      try tmux.press("q")
      try tmux.wait { $0.contains("left:0") }
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("owned").path))
    }
  }
}
