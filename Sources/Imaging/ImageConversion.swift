/// How samples become the 8-bit RGB that models read. It is part of what a vector is made from: vectors
/// of other settings than the default ones say so in their ``identity``.
public struct ImageConversion: Sendable, Equatable {
  /// How a picture of more than 8 bits becomes one of 8 bits.
  ///
  /// Satellite sensors deliver about 12 bits in files of 16, and a scene fills a small part of that: shown
  /// by its upper 8 bits it would be black. So its values are spread over 0…255 by two percentiles, and
  /// what falls outside is clipped. The bands share the bounds, so that a forest stays green and a lake
  /// blue; bounds of each band's own would turn both gray.
  public struct Stretch: Sendable, Equatable {
    /// In percent, 0 ≤ low < high ≤ 100.
    public let low: Double
    public let high: Double
    /// Each band has bounds of its own, which takes away haze and colour casts.
    public let eachBand: Bool
    package let levels: StretchLevels

    /// The two percentiles become 0 and 255.
    /// - Throws: ``ImageError`` where the percentiles are not 0 ≤ low < high ≤ 100.
    public init(low: Double, high: Double, eachBand: Bool = false) throws(ImageError) {
      guard low >= 0, low < high, high <= 100 else {
        throw ImageError(
          name: "stretch",
          reason: .invalid("percentiles \(low) and \(high), expected 0 ≤ low < high ≤ 100"))
      }
      self.init(uncheckedLow: low, high: high, eachBand: eachBand, .full)
    }

    private init(uncheckedLow: Double, high: Double, eachBand: Bool, _ levels: StretchLevels) {
      (low, self.high, self.eachBand, self.levels) = (uncheckedLow, high, eachBand, levels)
    }

    /// Gives the picture the brightness of an ordinary aerial photograph: see ``StretchLevels/natural``.
    public static let natural = Stretch(uncheckedLow: 2, high: 98, eachBand: false, .natural)
  }

  /// Turns and mirrors as EXIF says. Off for models, as in the reference (`CLIPImageProcessor` through
  /// Pillow ignores it), on for what people look at. The orientation of a TIFF is part of the picture,
  /// in Pillow too, and always applied.
  public var appliesEXIFOrientation = false
  /// `nil` takes the upper 8 of 16 bits.
  public var stretch: Stretch? = .natural
  /// Numbers from 1 of the bands that become red, green and blue, over all samples and pages of a TIFF;
  /// the first three where `nil`.
  public private(set) var bands: [Int]?

  public init() {}

  /// - Throws: ``ImageError`` where `bands` are not three numbers from 1.
  public mutating func choose(bands: [Int]?) throws(ImageError) {
    if let bands, bands.count != 3 || !bands.allSatisfy((1...4096).contains) {
      let list = bands.map(String.init).joined(separator: ",")
      throw ImageError(
        name: "bands", reason: .invalid("\"\(list)\", expected three numbers from 1, such as 4,3,2")
      )
    }
    self.bands = bands
  }

  /// What differs from the default settings, for a vector's fingerprint; empty where nothing does.
  public var identity: String {
    var parts: [String] = []
    if appliesEXIFOrientation { parts.append("exif-orientation") }
    if let bands { parts.append("bands=" + bands.map(String.init).joined(separator: ",")) }
    if stretch != .natural {
      parts.append("stretch=" + (stretch.map(Self.text) ?? "none"))
    }
    return parts.joined(separator: ";")
  }

  /// The settings with this ``identity``; `nil` where the text is not an identity.
  public init?(identity: some StringProtocol) {
    for part in identity.split(separator: ";", omittingEmptySubsequences: false) {
      let value = part.drop { $0 != "=" }.dropFirst()
      switch part.prefix(while: { $0 != "=" }) {
      case "" where identity.isEmpty: break
      case "exif-orientation" where value.isEmpty: appliesEXIFOrientation = true
      case "bands":
        do throws(ImageError) {
          try choose(bands: value.split(separator: ",").map { Int($0) ?? 0 })
        } catch { return nil }
      case "stretch":
        do throws(ImageError) { stretch = try Self.stretch(value) } catch { return nil }
      default: return nil
      }
    }
  }

  /// `natural`, `none`, `2,98` or `2,98,each`.
  /// - Throws: ``ImageError`` where the text is none of these.
  public static func stretch(_ text: some StringProtocol) throws(ImageError) -> Stretch? {
    if text == "none" { return nil }
    if text == "natural" { return .natural }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 && parts[2] == "each",
      let low = Double(parts[0]), let high = Double(parts[1])
    else {
      throw ImageError(
        name: "stretch",
        reason: .invalid(
          "\"\(text)\", expected natural, none, or two percentiles such as 2,98 or 2,98,each")
      )
    }
    return try Stretch(low: low, high: high, eachBand: parts.count == 3)
  }

  private static func text(_ stretch: Stretch) -> String {
    "\(number(stretch.low)),\(number(stretch.high))" + (stretch.eachBand ? ",each" : "")
  }

  static func number(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(value)
  }
}
