/// `1,027`
package func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// Amounts of bytes in words, in powers of 1000.
package enum ByteCount {
  /// `605.2 MB`
  package static func text(_ bytes: Int) -> String {
    let units = ["kB", "MB", "GB", "TB"]
    guard bytes >= 1000 else { return "\(bytes) bytes" }
    var value = Double(bytes) / 1000
    var place = 0
    // What would be rounded to 1000.0 is one of the next unit.
    while value >= 999.95, place + 1 < units.count {
      value /= 1000
      place += 1
    }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[place])"
  }
}
