import Foundation
import Imaging
import TestSupport
import Testing

/// Files that lie, and names that want to write on the terminal.
@Suite struct HostilePictureTests {
  static let folder = Places.fixtures.appendingPathComponent("images")

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(name)))
  }

  private func reason(_ path: String) -> ImageError.Reason? {
    do throws(ImageError) {
      _ = try JPEG.decode(contentsOf: path)
      return nil
    } catch {
      #expect(error.name == path)
      return error.reason
    }
  }

  @Test func `each bad file has its own reason and its size has the same`() throws {
    func path(_ name: String) -> String { Self.folder.appendingPathComponent(name).path }
    #expect(reason(path("empty.jpg")) == .empty)
    #expect(reason(path("text_named.jpg")) == .notJPEG)
    #expect(reason(path("truncated.jpg")) == .truncated)
    #expect(
      reason(path("header_30000x30000.jpg"))
        == .tooLarge(width: 30000, height: 30000, limit: 100_000_000))
    #expect(throws: ImageError(name: path("empty.jpg"), reason: .empty)) {
      try JPEG.size(contentsOf: path("empty.jpg"))
    }
    #expect(try JPEG.size(contentsOf: path("header_30000x30000.jpg")) == (30000, 30000))
  }

  @Test func `what is no regular file is refused without waiting`() throws {
    try withTemporaryFolder { folder in
      #expect(
        reason(folder.path) == .unreadable("a regular file was expected, this is a directory"))
      let pipe = folder.appendingPathComponent("pipe.jpg").path
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(reason(pipe) == .unreadable("a regular file was expected, this is a pipe"))
      #expect(reason(folder.path + "/absent") == .unreadable("No such file or directory"))
      #expect(reason("/dev/zero") == .unreadable("a regular file was expected, this is a device"))
      #expect(reason(folder.path + "\0.jpg") == .unreadable("the name holds a zero byte"))
      let huge = folder.appendingPathComponent("huge.jpg")
      try Data().write(to: huge)
      #expect(truncate(huge.path, JPEG.byteLimit + 1) == 0)
      #expect(
        reason(huge.path) == .tooManyBytes(count: JPEG.byteLimit + 1, limit: JPEG.byteLimit))
    }
  }

  @Test func `gray and CMYK become RGB, EXIF orientation is ignored`() throws {
    let gray = try JPEG.decode(bytes("gray.jpg"), name: "gray")
    #expect(gray.width == 180 && gray.height == 140)
    #expect((0..<180 * 140).allSatisfy { Set(gray.bytes[3 * $0..<3 * $0 + 3]).count == 1 })
    let rotated = try JPEG.decode(bytes("exif_orientation_6.jpg"), name: "rotated")
    #expect(rotated.width == 220 && rotated.height == 120)
    #expect(try JPEG.decode(bytes("cmyk.jpg"), name: "cmyk", atLeast: 70).width == 80)
  }

  @Test func `the pixel limit counts at any scale`() throws {
    let file = try bytes("square_150.jpg")
    #expect(try JPEG.decode(file, name: "", pixelLimit: 22_500).width == 150)
    #expect(
      throws: ImageError(
        name: "x", reason: .tooLarge(width: 150, height: 150, limit: 22_499))
    ) { try JPEG.decode(file, name: "x", atLeast: 1, pixelLimit: 22_499) }
  }

  @Test func `a file that ends anywhere is truncated, never a picture`() throws {
    let file = try bytes("tiny_20x20.jpg")
    for count in 1..<file.count - 1 {
      #expect(throws: ImageError(name: "cut", reason: .truncated), "\(count) bytes") {
        try JPEG.decode(Array(file.prefix(count)), name: "cut")
      }
    }
  }

  @Test func `damaged and random bytes give a picture or an error`() throws {
    var generator = SplitMix(state: 3)
    let files = try ["tiny_20x20.jpg", "one_pixel.jpg", "gray.jpg", "cmyk.jpg"].map(bytes)
    for round in 0..<400 {
      var file = files[round % files.count]
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        file[Int.random(in: 2..<file.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      if let picture = try? JPEG.decode(file, name: "damaged", pixelLimit: 1_000_000) {
        #expect(picture.bytes.count == 3 * picture.width * picture.height)
        #expect(picture.width * picture.height <= 1_000_000)
      }
    }
    for _ in 0..<400 {
      let count = Int.random(in: 0...300, using: &generator)
      let noise: [UInt8] = (0..<count).map { _ in .random(in: 0...255, using: &generator) }
      #expect(throws: ImageError.self) {
        try JPEG.decode([0xFF, 0xD8, 0xFF] + noise, name: "noise")
      }
      _ = try? JPEG.decode(noise, name: "noise")
    }
  }

  @Test func `a header behind a megabyte of profiles is found`() throws {
    let file = try bytes("square_150.jpg")
    let profile: [UInt8] = [0xFF, 0xE2, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 65533)
    let profiles = (0..<16).flatMap { _ in profile }
    try withTemporaryFolder { folder in
      let place = folder.appendingPathComponent("profiles.jpg")
      try Data(file.prefix(2) + profiles + file.dropFirst(2)).write(to: place)
      #expect(try JPEG.size(contentsOf: place.path) == (150, 150))
      #expect(
        try JPEG.decode(contentsOf: place.path) == JPEG.decode(file, name: "without profiles"))
    }
  }

  @Test(arguments: [
    "\u{1B}[2J\u{1B}]0;title\u{7}.jpg", "two\nlines\r.jpg", "bidi\u{202E}gpj.exe", "c1\u{9B}31m",
    "line\u{2028}separator",
  ])
  func `no name reaches the terminal unescaped`(name: String) {
    let reasons: [ImageError.Reason] = [
      .unreadable(name), .empty, .notJPEG, .truncated, .tooManyBytes(count: 2, limit: 1),
      .tooLarge(width: 3, height: 3, limit: 1), .invalid(name),
    ]
    for reason in reasons {
      let text = ImageError(name: name, reason: reason).description
      #expect(
        text.unicodeScalars.allSatisfy {
          let category = $0.properties.generalCategory
          return category != .control && category != .format && category != .lineSeparator
        }, "\(text.debugDescription)")
      #expect(text.contains("\\u{"))
    }
  }

  @Test func `error texts say what to do`() {
    func text(_ reason: ImageError.Reason) -> String {
      ImageError(name: "port_7.jpg", reason: reason).description
    }
    #expect(
      text(.empty)
        == "port_7.jpg: the file is empty (0 bytes); a JPEG was expected; copy it again from its source"
    )
    #expect(
      text(.tooLarge(width: 30000, height: 30000, limit: 100_000_000))
        == "port_7.jpg: 30000 × 30000 pixels, more than the limit of 100000000; scale it down first"
    )
    #expect(
      text(.unreadable("Permission denied")) == "port_7.jpg: cannot be read: Permission denied")
    #expect(text(.truncated).contains("truncated"))
    #expect(text(.notJPEG).contains("not a JPEG"))
  }
}
