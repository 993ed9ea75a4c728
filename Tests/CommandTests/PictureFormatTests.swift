import Foundation
import TestSupport
import Testing

/// PNG, TIFF and WebP through the program: what is found, what is said, and which vectors belong together.
@Suite(.serialized) struct PictureFormatTests {
  /// A workshop whose pictures are those named, copied from the fixtures, under names of their own.
  private func withFixtures<Result>(
    _ names: [String: String], _ body: (Workshop) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try FileManager.default.createDirectory(
        at: workshop.pictures, withIntermediateDirectories: true)
      for (name, fixture) in names {
        try FileManager.default.copyItem(
          at: Places.fixtures.appendingPathComponent("formats/\(fixture)"),
          to: workshop.pictures.appendingPathComponent(name))
      }
      return try body(workshop)
    }
  }

  private func index(_ workshop: Workshop, _ more: String...) throws -> CommandResult {
    try workshop.program(
      [
        "index", workshop.pictures.path, "--into", workshop.collection, "--model",
        Places.model("rsicd-mini"),
      ] + more)
  }

  private func vector(_ workshop: Workshop, _ arguments: String...) throws -> [Double] {
    let result = try workshop.program(["embed", "--json"] + arguments)
    return try #require(
      JSONLines(result.stdout).first["embedding"] as? [Double], "\(result.stderr)")
  }

  private func score(_ workshop: Workshop, _ image: String) throws -> Double {
    let result = try workshop.program(
      "similar", image, "--collection", workshop.collection, "--json", "-k", "1")
    return try #require(JSONLines(result.stdout).first["score"] as? Double, "\(result.stderr)")
  }

  @Test func `index finds every format, by content, and says what it did and left`() throws {
    try withFixtures([
      "pond_1.png": "rgb8.png", "pond_2.TIF": "rgb16_strips.tif", "pond_3.webp": "lossless.webp",
      "pond_4.jpg": "palette8.tif", "pond_5.jp2": "rgb8.png", "pond_6": "rgb8.png",
      "pond_7.tiff": "hostile_float.tif",
    ]) { workshop in
      let first = try index(workshop, "--json")
      #expect(first.status == 0)
      let report = try JSONLines(first.stdout).first
      for (key, count) in [
        ("found", 6), ("embedded", 6), ("unreadable", 0), ("noted", 2), ("skipped", 1),
      ] { #expect(report[key] as? Int == count, "\(key)") }
      #expect(first.stderr.contains("pond_2.TIF: 16 bits a sample: "))
      #expect(
        first.stderr.contains(
          "skipped, not JPEG, PNG, TIFF, WebP or JPEG 2000 by name: 1 without ending\n"))

      // What could not be read may be readable now; the rest is left alone.
      try FileManager.default.removeItem(
        at: workshop.pictures.appendingPathComponent("pond_7.tiff"))
      try FileManager.default.copyItem(
        at: Places.fixtures.appendingPathComponent("formats/rgb8_lzw.tif"),
        to: workshop.pictures.appendingPathComponent("pond_7.tiff"))
      let second = try JSONLines(try index(workshop, "--json").stdout).first
      #expect(second["embedded"] as? Int == 1 && second["unchanged"] as? Int == 5)
    }
  }

  @Test func `a limit that was raised lets in what it kept out`() throws {
    try withFixtures(["pond_1.png": "rgb8.png"]) { workshop in
      let low = try index(workshop, "--max-pixels", "100", "--verbose", "--json")
      #expect(try JSONLines(low.stdout).first["unreadable"] as? Int == 1)
      #expect(low.stderr.contains("45 × 37 pixels, more than the limit of 100;"))
      let high = try index(workshop, "--json")
      #expect(try JSONLines(high.stdout).first["embedded"] as? Int == 1)
      #expect(
        try workshop.program("embed", "pictures/pond_1.png", "--max-pixels", "100").status == 2)
    }
  }

  @Test func `the way pictures are read belongs to their vectors`() throws {
    try withFixtures(["pond_1.png": "exif_6.png", "pond_2.webp": "lossless.webp"]) { workshop in
      let copy = workshop.path("copy.png")
      try FileManager.default.copyItem(
        atPath: workshop.path("pictures/pond_1.png"), toPath: copy)
      let turned = try vector(workshop, copy, "--exif-orientation")
      let stored = try vector(workshop, copy)
      #expect(zip(turned, stored).contains { abs($0 - $1) > 0.01 })

      let made = try index(workshop, "--exif-orientation", "--verbose")
      #expect(made.status == 0)
      #expect(made.stderr.contains("pond_1.png: turned by EXIF's orientation 6"))
      // Sentences and pictures are compared as if nothing were; the picture is read as the stored one.
      #expect(
        try workshop.program("search", "a pond", "--collection", workshop.collection).status == 0)
      #expect(abs(try score(workshop, copy) - 1) < 1e-4)
      let info = try workshop.program("info", "--collection", workshop.collection)
      #expect(info.stdout.contains("(exif-orientation)"))

      let other = try index(workshop)
      #expect(other.status == 2)
      #expect(other.stderr.contains("belong to other weights or settings"))
      #expect(try index(workshop, "--replace-model").status == 0)
      #expect(abs(try score(workshop, copy) - 1) < 1e-4)
      #expect(try index(workshop, "--exif-orientation").status == 2)
    }
  }

  @Test func `the explorer shows how 16 bits are shown`() throws {
    try withFixtures(["pond_1.tif": "rgb16_strips.tif"]) { workshop in
      #expect(try index(workshop).status == 0)
      try workshop.write(Array("size 100 30\nkey Enter\nframe\n".utf8), to: "keys")
      let shown = try workshop.program(
        "explore", "a pond", "--no-state", "--collection", workshop.collection, "--script",
        workshop.path("keys"))
      #expect(shown.stdout.contains("16 bits a sample: "), "\(shown.stdout)\(shown.stderr)")
    }
  }

  @Test(arguments: [
    ["--bands", "1,2"], ["--bands", "a,b,c"], ["--stretch", "98,2"], ["--stretch", "all"],
    ["--max-pixels", "0"],
  ])
  func `settings that make no sense are misuse`(settings: [String]) throws {
    let result = try run(["embed", "x.png"] + settings)
    #expect(result.status == 2)
    #expect(result.stderr.contains(settings[0]) && result.stderr.contains("expected"))
  }

  @Test func `info describes a picture`() throws {
    let path = Places.fixtures.appendingPathComponent("formats/bands5_16.tif").path
    let facts = try JSONLines(
      try run(["info", "--image", path, "--bands", "3,2,1", "--json"]).stdout
    ).first
    #expect(facts["format"] as? String == "TIFF")
    #expect(facts["width"] as? Int == 45 && facts["height"] as? Int == 37)
    #expect(facts["bits"] as? Int == 16 && facts["bands"] as? Int == 5)
    let notes = try #require(facts["notes"] as? [String])
    #expect(notes.count == 2 && notes[1] == "bands 3, 2, 1 of 5")
  }
}
