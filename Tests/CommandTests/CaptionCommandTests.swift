import Foundation
import TestSupport
import Testing

/// What captions, splits and categories come to in the program itself; the layouts are those of
/// `../shared/cases`.
@Suite struct CaptionCommandTests {
  /// Small pictures, each of a colour of its own, and texts beside them.
  private func workshop<Result>(
    _ pictures: [String], _ texts: [String: String] = [:], _ body: (Workshop) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      for (place, name) in pictures.enumerated() {
        try make(workshop.path(name), Data(Workshop.picture(hue: place % 3, shade: place)))
      }
      for (name, text) in texts { try make(workshop.path(name), Data(text.utf8)) }
      return try body(workshop)
    }
  }

  private func make(_ path: String, _ data: Data) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  private func lines(_ entries: [(String, String)], split: String? = nil) -> String {
    entries.map { name, caption in
      "{\"filename\": \"\(name)\", \"captions\": [\"\(caption)\"]"
        + (split.map { ", \"split\": \"\($0)\"" } ?? "") + "}"
    }.joined(separator: "\n")
  }

  /// The figures of `index --json`.
  private func index(_ workshop: Workshop, _ arguments: String...) throws -> [String: Any] {
    let result = try workshop.program(
      ["index"] + arguments + ["--into", "\(UUID().uuidString).sqlite", "--json"])
    #expect(result.status == 0, "\(result.stderr)")
    return try JSONLines(result.stdout).first
  }

  @Test("a training split takes its own pictures, and captions of absent ones fall to none")
  func otherFolder() throws {
    let pictures = ["airport", "port"].flatMap { ["photos/\($0)/001.jpg", "photos/\($0)/002.jpg"] }
    try workshop(
      pictures,
      [
        "train.jsonl": lines([("airport/001.jpg", "airport 001"), ("port/002.jpg", "port 002")]),
        "missing.jsonl": lines([("beach/001.jpg", "a beach")]),
      ]
    ) { workshop in
      let train = try index(
        workshop, "photos", "--captions", "train.jsonl", "--split", "train")
      #expect(train["found"] as? Int == 2 && train["captioned"] as? Int == 2)
      let missing = try index(workshop, "photos", "--captions", "missing.jsonl")
      #expect(missing["found"] as? Int == 4 && missing["captioned"] as? Int == 0)
      #expect(missing["absent"] as? Int == 1)
    }
  }

  @Test("evaluate measures the picture at the name, not one of that name at the top")
  func evaluateByPath() throws {
    try workshop(
      ["photos/001.jpg", "photos/airport/001.jpg", "photos/port/001.jpg"],
      ["c.jsonl": lines([("airport/001.jpg", "an airport"), ("port/001.jpg", "a port")])]
    ) { workshop in
      // Unreadable if it were taken.
      try Data([0]).write(to: URL(fileURLWithPath: workshop.path("photos/001.jpg")))
      let result = try workshop.program(
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", "photos", "--captions",
        "c.jsonl", "--json")
      #expect(result.status == 0, "\(result.stderr)")
      #expect(try JSONLines(result.stdout).first["count"] as? Int == 2)
    }
  }

  @Test("captions on several lines and in several files are one picture's, in index and evaluate")
  func captionALine() throws {
    let first = [("airport_1.jpg", "a runway"), ("port_1.jpg", "boats")]
    let second = [("airport_1.jpg", "two planes"), ("port_1.jpg", "a pier")]
    try workshop(
      ["photos/airport_1.jpg", "photos/port_1.jpg"],
      [
        "lines.jsonl": lines([first[0], second[0], first[1], second[1]]), "a.jsonl": lines(first),
        "b.jsonl": lines(second),
        "lists.jsonl": """
        {"filename": "airport_1.jpg", "captions": ["a runway", "two planes"]}
        {"filename": "port_1.jpg", "captions": ["boats", "a pier"]}
        """,
      ]
    ) { workshop in
      let forms = [["lists.jsonl"], ["lines.jsonl"], ["a.jsonl", "b.jsonl"]]
      let figures = try forms.map { files in
        let result = try workshop.program(
          ["evaluate", "--model", Places.model("rsicd-mini"), "--images", "photos", "--json"]
            + files.flatMap { ["--captions", $0] })
        #expect(result.status == 0, "\(result.stderr)")
        let collection = files.joined() + ".sqlite"
        let made = try workshop.program(
          ["index", "photos", "--into", collection] + files.flatMap { ["--captions", $0] })
        #expect(made.status == 0, "\(made.stderr)")
        let found = try workshop.program(
          "search", "\"two planes\" runway", "--collection", collection, "--json")
        return [result.stdout, found.stdout]
      }
      #expect(figures[0] == figures[1] && figures[0] == figures[2])
      #expect(figures[0][0].contains("\"texts\":4"))
    }
  }

  @Test("val, valid, validation and dev are one split, in every form")
  func splits() throws {
    let document =
      #"{"images": [{"filename": "port_1.jpg", "split": "val", "sentences": [{"raw": "boats"}]}]}"#
    try workshop(
      ["photos/port_1.jpg"],
      ["a.jsonl": lines([("port_1.jpg", "boats")], split: "val"), "dataset.json": document]
    ) { workshop in
      for (file, split) in [("a.jsonl", "valid"), ("dataset.json", "val"), ("a.jsonl", "dev")] {
        let found = try index(workshop, "photos", "--captions", file, "--split", split)
        #expect(found["found"] as? Int == 1)
      }
    }
  }

  @Test("byte order marks in captions and labels, and UTF-16, are read")
  func marks() throws {
    let mark = "\u{FEFF}"
    try workshop(
      ["photos/port_1.jpg"],
      [
        "dataset.json": mark
          + #"{"images": [{"filename": "port_1.jpg", "sentences": [{"raw": "boats"}]}]}"#,
        "labels.txt": mark + "port\nairport\n",
      ]
    ) { workshop in
      let line = Array((mark + lines([("port_1.jpg", "boats")]) + "\r\n").utf16)
      try Data(line.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        .write(to: URL(fileURLWithPath: workshop.path("utf16.jsonl")))
      for file in ["dataset.json", "utf16.jsonl"] {
        #expect(try index(workshop, "photos", "--captions", file)["captioned"] as? Int == 1)
      }
      let result = try workshop.program(
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", "photos", "--captions",
        "dataset.json", "--labels", "labels.txt", "--per-category", "--json")
      #expect(result.stdout.contains("\"name\":\"port\",\"count\":1"), "\(result.stderr)")
    }
  }

  @Test("categories are those of class folders, told by index")
  func categories() throws {
    let names = [
      "ground_track_field/ground_track_field_001", "agricultural/agricultural00",
      "airplane/airplane001", "commercial_area/commercial_area_1", "solar panel/0001",
      "storage tanks/0003", "mission/DJI_0001", "mission/IMG_0002",
    ]
    try workshop(names.map { "photos/\($0).jpg" }) { workshop in
      let result = try workshop.program("index", "photos", "--into", "x.sqlite")
      #expect(result.stderr.contains("7 categories from folders"))
      for name in ["storage tanks", "StorageTanks", "storage_tanks", "ground track field"] {
        let found = try workshop.program(
          "search", "tanks", "--collection", "x.sqlite", "--category", name, "--json")
        #expect(found.status == 0 && found.stdout.split(separator: "\n").count == 1)
      }
      let none = try workshop.program(
        "search", "tanks", "--collection", "x.sqlite", "--category", "dji")
      #expect(none.status == 2)
    }
  }

  @Test("a broken line costs that line, is told, and the exit code says so")
  func brokenLine() throws {
    let text = lines([("port_1.jpg", "boats")]) + "\n{\"filename\": \"\\ud83d.jpg\"\n"
    try workshop(["photos/port_1.jpg"], ["c.jsonl": text]) { workshop in
      let result = try workshop.program(
        "index", "photos", "--captions", "c.jsonl", "--into", "x.sqlite")
      #expect(result.status == 2)
      #expect(result.stdout.contains("1 embedded"))
      #expect(result.stderr.contains("1 caption entry left out: c.jsonl, line 2"))
    }
  }
}
