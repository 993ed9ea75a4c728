import Frame

/// Columns that a text takes.
func width(of text: String) -> Int { displayWidth(text) }

/// A number with this many digits after the point: `0.341`, `−0.012`; `–` for NaN and infinities.
package func fixed(_ value: Double, _ places: Int) -> String {
  guard value.isFinite, value.magnitude < 1e12 else { return "–" }
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  let units = Int((value.magnitude * Double(scale)).rounded())
  let sign = value < 0 && units > 0 ? "−" : ""
  guard places > 0 else { return "\(sign)\(units)" }
  let fraction = String(units % scale)
  return "\(sign)\(units / scale)." + String(repeating: "0", count: places - fraction.count)
    + fraction
}

/// `7 ms`, `1.2 s`
func duration(milliseconds: Double) -> String {
  if milliseconds < 0.95 { return "<1 ms" }
  return milliseconds < 1000
    ? "\(fixed(milliseconds, 0)) ms" : "\(fixed(milliseconds / 1000, 1)) s"
}

/// `11 kB`
func byteCount(_ bytes: Int64) -> String {
  bytes < 1000
    ? "\(bytes) B"
    : bytes < 1_000_000
      ? "\(fixed(Double(bytes) / 1e3, 0)) kB" : "\(fixed(Double(bytes) / 1e6, 1)) MB"
}

extension String {
  func padded(to columns: Int) -> String {
    let missing = columns - width(of: self)
    return missing > 0 ? self + String(repeating: " ", count: missing) : self
  }

  func leftPadded(to columns: Int) -> String {
    let missing = columns - width(of: self)
    return missing > 0 ? String(repeating: " ", count: missing) + self : self
  }

  /// Lines of whole words; a word longer than a line stays for the canvas to cut.
  func wrapped(to columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(whereSeparator: \.isWhitespace) {
      if line.isEmpty {
        line = String(word)
      } else if width(of: line) + 1 + width(of: String(word)) <= columns {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
