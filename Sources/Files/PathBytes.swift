/// A path, or a part of one, as the file system knows it: bytes, and nothing is equal but equal bytes.
///
/// Swift's `String` takes canonically equal texts for one (`é` as U+00E9 and as e + U+0301), which on
/// Linux are two files. Dictionaries and sets of paths are keyed by this, never by `String`.
package struct PathBytes: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// `nil` where the bytes are no UTF-8.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// To be shown: what is no UTF-8 becomes U+FFFD.
  package var description: String { String(decoding: bytes, as: UTF8.self) }

  /// What stands between slashes, without empty parts: `a//b/` is `a`, `b`.
  package var components: [PathBytes] {
    bytes.split(separator: 0x2F).map { PathBytes($0) }
  }

  /// The last component; empty where there is none.
  package var name: PathBytes {
    var end = bytes.endIndex
    while end > 0, bytes[end - 1] == 0x2F { end -= 1 }
    let start = bytes[..<end].lastIndex(of: 0x2F).map { $0 + 1 } ?? 0
    return PathBytes(bytes[start..<end])
  }

  /// Whether it lies below a folder whose path has no slash at its end.
  package func isBelow(_ folder: PathBytes) -> Bool {
    if folder.bytes == [0x2F] { return bytes.count > 1 && bytes[0] == 0x2F }
    return bytes.count > folder.bytes.count + 1 && bytes[folder.bytes.count] == 0x2F
      && bytes.starts(with: folder.bytes)
  }

  /// In the order of their bytes, which for UTF-8 is that of their scalars.
  package static func < (left: PathBytes, right: PathBytes) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  package func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(bytes.count)
  }
}
