/// What a caption file says of one image.
public struct CaptionedImage: Sendable, Equatable {
  /// As it stands in the file, e.g. `rsicd_images/airport_1.jpg`.
  public let filename: String
  /// Without blank ones.
  public let captions: [String]
  /// One of `train`, `valid` and `test`, or another name as it stands in the file.
  public let split: String?

  public init(filename: String, captions: [String], split: String?) {
    self.filename = filename
    self.captions = captions
    self.split = split
  }

  /// Last component of ``filename``.
  public var name: String { String(filename.split(separator: "/").last ?? "") }
}

/// Why a caption file, or a line of it, was refused.
public struct CaptionFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  /// From 1; `nil` where the whole file is meant.
  public let line: Int?
  public let problem: String
  /// Whether naming the columns would help, since the table's header does not show them.
  public var wantsColumns = false

  public var description: String {
    line.map { "\(file), line \($0): \(problem)" } ?? "\(file): \(problem)"
  }
}

/// The lines of caption files that were left out: how many, and the first of them for the messages.
public struct BadCaptionLines: Sendable, Equatable {
  public private(set) var count = 0
  public private(set) var first: [CaptionFileError] = []
  private static let most = 20

  public init() {}

  mutating func add(_ error: CaptionFileError) {
    count += 1
    if first.count < Self.most { first.append(error) }
  }

  mutating func add(_ others: BadCaptionLines) {
    count += others.count
    first += others.first.prefix(Self.most - first.count)
  }
}

/// What a user says about a table of captions beyond its header.
public struct CaptionLayout: Sendable, Equatable {
  /// The separator of columns, one ASCII character; `nil` to find it from the header.
  public var separator: UInt8?
  /// The column, or the JSON field, that names the picture.
  public var imageColumn: String?
  /// The one with the caption.
  public var textColumn: String?

  public init(separator: UInt8? = nil, imageColumn: String? = nil, textColumn: String? = nil) {
    self.separator = separator
    self.imageColumn = imageColumn
    self.textColumn = textColumn
  }

  /// `,` and the like, or `\t` and `tab`; `nil` for what cannot separate columns.
  public static func separator(_ text: String) -> UInt8? {
    if text == "\\t" || text.lowercased() == "tab" { return 0x09 }
    guard text.utf8.count == 1, let byte = text.utf8.first, byte == 0x09 || byte > 0x20,
      byte < 0x7F, byte != 0x22
    else { return nil }
    return byte
  }
}
