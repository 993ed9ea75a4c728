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
    // Tenths of the unit, rounded before the next unit is asked for: never "1000.0 kB".
    var tenths = (Double(bytes) / 100).rounded()
    var place = 0
    while tenths >= 10_000, place + 1 < units.count {
      tenths = (tenths / 1000).rounded()
      place += 1
    }
    return "\(Int(tenths) / 10).\(Int(tenths) % 10) \(units[place])"
  }
}
