import Texts
import Metrics
import Foundation

/// The table of models as an SVG picture: for each model a bar for each k, published rows paler than
/// those measured here.
public struct ResultFigure: Sendable {
  public let rows: [AccuracyRow]
  /// What the picture is of, below the title.
  public let caption: String

  public init(rows: [AccuracyRow], caption: String) {
    self.rows = rows
    self.caption = caption
  }

  private static let (left, top, right) = (300, 64, 70)
  private static let (bar, gap, length) = (9, 14, 520)
  /// Letters of a name.
  private static let longest = 42
  private static let published = ["#b9c6d6", "#a3b4c9", "#8da2bb", "#7790ae"]
  private static let measured = ["#0b6e4f", "#2a9d6f", "#6bbf8f", "#a9d8b8"]

  /// A whole SVG document; names are escaped.
  public var svg: String {
    let group = ZeroShotAccuracy.ks.count * Self.bar
    let step = group + Self.gap
    let height = Self.top + rows.count * step + 46
    let width = Self.left + Self.length + Self.right
    let bottom = Self.top + rows.count * step
    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="white"/>
      <text x="16" y="24" font-size="16" fill="#222">Zero-shot accuracy within the first k</text>
      """,
      Self.text(16, 44, XMLText.escaped(caption), "fill=\"#555\""),
    ]
    for tenth in stride(from: 0, through: 10, by: 2) {
      let x = Self.left + Self.length * tenth / 10
      lines.append(
        "<line x1=\"\(x)\" y1=\"\(Self.top - 6)\" x2=\"\(x)\" y2=\"\(bottom)\" stroke=\"#ddd\"/>")
      lines.append(
        Self.text(x, bottom + 14, "\(tenth * 10) %", "fill=\"#555\" text-anchor=\"middle\""))
    }
    for (index, row) in rows.enumerated() { lines += bars(row, Self.top + index * step) }
    for (index, k) in ZeroShotAccuracy.ks.enumerated() {
      let x = Self.left + index * 90
      lines.append(
        "<rect x=\"\(x)\" y=\"\(bottom + 24)\" width=\"12\" height=\"9\" fill=\"\(Self.measured[index])\"/>"
          + "<rect x=\"\(x + 14)\" y=\"\(bottom + 24)\" width=\"12\" height=\"9\" fill=\"\(Self.published[index])\"/>"
      )
      lines.append(Self.text(x + 32, bottom + 33, "k = \(k)", "fill=\"#222\""))
    }
    let words =
      rows.contains { $0.count == nil }
      ? "green: measured here, grey: published" : "measured here"
    lines.append(Self.text(16, bottom + 33, words, "fill=\"#555\""))
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  private func bars(_ row: AccuracyRow, _ y: Int) -> [String] {
    let colors = row.count == nil ? Self.published : Self.measured
    let weight = row.count == nil ? "" : " font-weight=\"bold\""
    let middle = y + ZeroShotAccuracy.ks.count * Self.bar / 2 + 4
    var lines = [
      Self.text(
        Self.left - 10, middle, XMLText.escaped(Self.shortened(row.model)),
        "fill=\"#222\" text-anchor=\"end\"\(weight)")
    ]
    for (index, share) in row.accuracy.enumerated() {
      let width = Double(Self.length) * min(1, max(0, share))
      let top = y + index * Self.bar
      lines.append(
        "<rect x=\"\(Self.left)\" y=\"\(top)\" width=\"\(String(format: "%.1f", width))\" "
          + "height=\"\(Self.bar - 1)\" fill=\"\(colors[index])\"/>")
      lines.append(
        Self.text(
          Self.left + Int(width) + 5, top + Self.bar - 1, String(format: "%.3f", share),
          "fill=\"#333\" font-size=\"9\""))
    }
    return lines
  }

  private static func text(_ x: Int, _ y: Int, _ words: String, _ style: String) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" \(style)>\(words)</text>"
  }

  /// As much as there is room for left of the bars; the end of a name tells more than its start.
  private static func shortened(_ name: String) -> String {
    name.count <= longest ? name : "…" + name.suffix(longest - 1)
  }
}
