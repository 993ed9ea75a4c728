import Files
import Glibc

/// The names in a folder: those that are UTF-8, and those that are other bytes, which no `String` holds
/// and under which nothing could be opened again.
package struct FolderListing {
  /// Without `.` and `..`, in the order of their bytes.
  package private(set) var names: [String] = []
  /// Names that are not UTF-8, for a person: each byte that is not ASCII as `\xE9`.
  package private(set) var otherNames: [String] = []

  /// - Throws: ``RegularFile/Failure`` with what the system says.
  package init(_ path: String) throws(RegularFile.Failure) {
    guard let folder = opendir(path) else { throw .system(String(cString: strerror(errno))) }
    defer { closedir(folder) }
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        guard errno == 0 else { throw .system(String(cString: strerror(errno))) }
        break
      }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if let name = String(validating: bytes, as: UTF8.self) {
        if name != ".", name != ".." { names.append(name) }
      } else {
        otherNames.append(Self.shown(bytes))
      }
    }
    // Compared by bytes: as Swift strings, two names may be equal that are two files.
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    otherNames.sort()
  }

  private static func shown(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      byte < 0x80
        ? String(Character(Unicode.Scalar(byte)))
        : "\\x" + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
