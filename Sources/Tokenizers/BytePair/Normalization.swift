import Foundation

/// Text as CLIP's vocabulary was trained on it.
enum Normalization {
  /// NFC, then every scalar by itself to lower case. No word's end is looked at: a final Σ becomes σ.
  /// (White space is not collapsed, since words end at any of it.)
  static func scalars(of text: String) -> [Unicode.Scalar] {
    let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in (isASCII ? text : composed(text)).unicodeScalars {
      if scalar.isASCII {
        let isCapital = (0x41...0x5A).contains(scalar.value)
        result.append(
          isCapital ? Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value | 0x20)) : scalar)
      } else {
        result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return result
  }

  private static func composed(_ text: String) -> String {
    let (scalars, isReordered) = ordered(Array(text.unicodeScalars))
    guard isReordered else { return text.precomposedStringWithCanonicalMapping }
    return CodePoints.text(scalars).precomposedStringWithCanonicalMapping
  }

  /// NFC.
  static func composed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    // Below U+0300 nothing is composed with anything.
    guard text.contains(where: { $0.value >= 0x300 }) else { return text }
    return Array(
      CodePoints.text(ordered(text).scalars).precomposedStringWithCanonicalMapping.unicodeScalars)
  }

  /// Foundation's sorting of combining marks is quadratic, minutes for a megabyte of them; it
  /// has nothing left to do where they are in their canonical order already, and putting them there
  /// changes no result.
  private static func ordered(_ text: [Unicode.Scalar]) -> (
    scalars: [Unicode.Scalar], isReordered: Bool
  ) {
    var scalars = text
    var isReordered = false
    var start = 0
    while start < scalars.count {
      var end = start
      var isSorted = true
      var last: UInt8 = 0
      while end < scalars.count {
        let order = combiningClass(scalars[end])
        if order == 0 { break }
        isSorted = isSorted && order >= last
        last = order
        end += 1
      }
      if !isSorted {
        sortMarks(&scalars, start..<end)
        isReordered = true
      }
      start = max(end, start + 1)
    }
    return (scalars, isReordered)
  }

  /// A stable sort by combining class, which is a byte: one bucket per class.
  private static func sortMarks(_ scalars: inout [Unicode.Scalar], _ range: Range<Int>) {
    var buckets = [[Unicode.Scalar]](repeating: [], count: 256)
    for scalar in scalars[range] { buckets[Int(combiningClass(scalar))].append(scalar) }
    scalars.replaceSubrange(range, with: buckets.joined())
  }

  private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    scalar.value < 0x300 ? 0 : scalar.properties.canonicalCombiningClass.rawValue
  }
}
