/// A colour as a view asks for it; the terminal maps it to what it has.
public enum Color: Sendable, Hashable {
  /// The terminal's own foreground or background.
  case standard
  /// One of the sixteen named colours, 0…15.
  case named(UInt8)
  /// Red, green, blue, 0…255.
  case rgb(UInt8, UInt8, UInt8)
}

/// How a cell looks.
public struct Style: Sendable, Hashable {
  public var foreground: Color
  public var background: Color
  public var bold: Bool
  public var dim: Bool
  public var underline: Bool
  public var reverse: Bool

  public init(
    foreground: Color = .standard, background: Color = .standard, bold: Bool = false,
    dim: Bool = false, underline: Bool = false, reverse: Bool = false
  ) {
    self.foreground = foreground
    self.background = background
    self.bold = bold
    self.dim = dim
    self.underline = underline
    self.reverse = reverse
  }

  public static let plain = Style()
}

/// One place on the screen.
public struct Cell: Sendable, Hashable {
  /// One grapheme as it is sent: never a control character. Empty for the second half of a wide one.
  public var glyph: String
  public var style: Style

  public init(_ glyph: String, _ style: Style = .plain) {
    self.glyph = glyph
    self.style = style
  }

  public static let blank = Cell(" ")
}

extension Style {
  public static let strong = Style(bold: true)
  public static let faint = Style(dim: true)
  public static let reversed = Style(reverse: true)

  /// The same look with another foreground.
  public func foreground(_ color: Color) -> Style { with { $0.foreground = color } }
  /// The same look on another background.
  public func background(_ color: Color) -> Style { with { $0.background = color } }
  public func bold(_ isOn: Bool = true) -> Style { with { $0.bold = isOn } }
  public func dim(_ isOn: Bool = true) -> Style { with { $0.dim = isOn } }
  public func underline(_ isOn: Bool = true) -> Style { with { $0.underline = isOn } }
  public func reverse(_ isOn: Bool = true) -> Style { with { $0.reverse = isOn } }

  private func with(_ change: (inout Style) -> Void) -> Style {
    var style = self
    change(&style)
    return style
  }
}
