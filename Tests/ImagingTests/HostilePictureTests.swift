import Texts
import RandomNumbers
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
      _ = try ImageReader().read(path)
      return nil
    } catch {
      #expect(error.name == path)
      return error.reason
    }
  }

  @Test func `each bad file has its own reason and its size has the same`() throws {
    func path(_ name: String) -> String { Self.folder.appendingPathComponent(name).path }
    #expect(reason(path("empty.jpg")) == .empty)
    #expect(
      reason(path("text_named.jpg"))
        == .unknownFormat(found: "a file that starts with \"this is \""))
    #expect(reason(path("truncated.jpg")) == .truncated)
    #expect(
      reason(path("header_30000x30000.jpg"))
        == .tooShort(bytes: 26_685, width: 30000, height: 30000))
    #expect(throws: ImageError(name: path("empty.jpg"), reason: .empty)) {
      try ImageReader().facts(of: path("empty.jpg"))
    }
    #expect(try ImageReader().facts(of: path("header_30000x30000.jpg")).width == 30000)
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
      try Data([0xFF, 0xD8, 0xFF]).write(to: huge)
      #expect(truncate(huge.path, ImageReader.byteLimit + 1) == 0)
      #expect(
        reason(huge.path)
          == .tooManyBytes(count: ImageReader.byteLimit + 1, limit: ImageReader.byteLimit))
    }
  }

  @Test func `gray and CMYK become RGB, EXIF orientation is ignored`() throws {
    let gray = try ImageReader().read(bytes("gray.jpg"), name: "gray").pixels
    #expect(gray.width == 180 && gray.height == 140)
    #expect((0..<180 * 140).allSatisfy { Set(gray.bytes[3 * $0..<3 * $0 + 3]).count == 1 })
    let rotated = try ImageReader().read(bytes("exif_orientation_6.jpg"), name: "rotated").pixels
    #expect(rotated.width == 220 && rotated.height == 120)
    #expect(
      try ImageReader().read(bytes("cmyk.jpg"), name: "cmyk", detail: .atLeast(70)).pixels.width
        == 80)
  }

  @Test func `beyond the pixel limit only what is scaled down is read, up to 16 times it`() throws {
    let file = try bytes("square_150.jpg")
    var reader = ImageReader()
    reader.pixelLimit = 22_500
    #expect(try reader.read(file, name: "").pixels.width == 150)
    reader.pixelLimit = 22_499
    // Its sides are too short to be reduced.
    #expect(
      throws: ImageError(
        name: "x", reason: .tooLarge(width: 150, height: 150, limit: 22_499))
    ) { try reader.read(file, name: "x") }
    #expect(try reader.read(file, name: "x", detail: .atLeast(1)).pixels.width == 19)
    reader.pixelLimit = 1_406
    #expect(
      throws: ImageError(
        name: "x", reason: .tooLarge(width: 150, height: 150, limit: 22_496))
    ) { try reader.read(file, name: "x", detail: .atLeast(1)) }
  }

  @Test func `a file that ends anywhere is truncated, never a picture`() throws {
    let file = try bytes("tiny_20x20.jpg")
    for count in 1..<file.count - 1 {
      #expect(throws: ImageError(name: "cut", reason: .truncated), "\(count) bytes") {
        try ImageReader().read(Array(file.prefix(count)), name: "cut")
      }
    }
  }

  @Test func `damaged and random bytes give a picture or an error`() throws {
    var generator = RandomNumbers(seed: 3)
    let files = try ["tiny_20x20.jpg", "one_pixel.jpg", "gray.jpg", "cmyk.jpg"].map(bytes)
    for round in 0..<400 {
      var file = files[round % files.count]
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        file[Int.random(in: 2..<file.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      var reader = ImageReader()
      reader.pixelLimit = 1_000_000
      if let picture = try? reader.read(file, name: "damaged").pixels {
        #expect(picture.bytes.count == 3 * picture.width * picture.height)
        #expect(picture.width * picture.height <= 1_000_000)
      }
    }
    for _ in 0..<400 {
      let count = Int.random(in: 0...300, using: &generator)
      let noise: [UInt8] = (0..<count).map { _ in .random(in: 0...255, using: &generator) }
      #expect(throws: ImageError.self) {
        try ImageReader().read([0xFF, 0xD8, 0xFF] + noise, name: "noise")
      }
      _ = try? ImageReader().read(noise, name: "noise")
    }
  }

  @Test func `a header behind a megabyte of profiles is found`() throws {
    let file = try bytes("square_150.jpg")
    let profile: [UInt8] = [0xFF, 0xE2, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 65533)
    let profiles = (0..<16).flatMap { _ in profile }
    try withTemporaryFolder { folder in
      let place = folder.appendingPathComponent("profiles.jpg")
      try Data(file.prefix(2) + profiles + file.dropFirst(2)).write(to: place)
      #expect(try ImageReader().facts(of: place.path).width == 150)
      #expect(try ImageReader().read(place.path) == ImageReader().read(file, name: "without"))
    }
  }

  @Test(arguments: [
    "\u{1B}[2J\u{1B}]0;title\u{7}.jpg", "two\nlines\r.jpg", "bidi\u{202E}gpj.exe", "c1\u{9B}31m",
    "line\u{2028}separator",
  ])
  func `no name reaches the terminal unescaped`(name: String) {
    let reasons: [ImageError.Reason] = [
      .unreadable(name), .empty, .unknownFormat(found: name), .truncated,
      .tooManyBytes(count: 2, limit: 1),
      .tooLarge(width: 3, height: 3, limit: 1), .invalid(name),
    ]
    for reason in reasons {
      let text = ImageError(name: name, reason: reason).description
      #expect(
        text.unicodeScalars.allSatisfy {
          let category = $0.properties.generalCategory
          return category != .control && category != .format && category != .lineSeparator
        }, "\(text.debugDescription)")
      // What stands for it is there: the name is shown, not shortened.
      #expect(text.hasPrefix(safeForTerminal(name)))
    }
  }

  @Test func `error texts say what is wrong`() {
    func text(_ reason: ImageError.Reason) -> String {
      ImageError(name: "port_7.jpg", reason: reason).description
    }
    #expect(
      text(.empty)
        == "port_7.jpg: the file is empty (0 bytes); a picture was expected; copy it again from its source"
    )
    #expect(
      text(.tooLarge(width: 30000, height: 30000, limit: 100_000_000))
        == "port_7.jpg: 30000 × 30000 pixels, more than the limit of 100000000"
    )
    #expect(
      text(.unreadable("Permission denied")) == "port_7.jpg: cannot be read: Permission denied")
    #expect(text(.truncated).contains("truncated"))
    #expect(
      text(.unknownFormat(found: "a GIF")).contains(
        "a GIF; expected a JPEG, PNG, TIFF, WebP or JPEG 2000"))
  }
}
