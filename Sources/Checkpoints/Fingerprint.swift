import CCrypto
import Files
import Foundation

/// SHA-256 of files, for telling one model from another.
public enum Fingerprint {
  /// Bytes hashed at a time: pages of the mapping are released to the system's cache as it goes.
  private static let piece = 1 << 20

  /// Hexadecimal SHA-256 over the contents of files that exist, each with its label and length in
  /// front, so that bytes cannot move from one file to the next unnoticed. Within
  /// `OpenedFiles.reading` it is what was read and mapped that is hashed, whatever the names stand for
  /// by now.
  /// - Parameter files: `(label, path)` in a fixed order; the path `nil` stands for a missing file.
  public static func sha256(of files: [(label: String, path: String?)]) throws(CheckpointError)
    -> String
  {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var succeeded = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    for (label, path) in files {
      let read = path.flatMap { OpenedFiles.bytes(of: $0) }
      let file: MappedFile?
      if read == nil, let path { file = try MappedFile(path) } else { file = nil }
      let count = read?.count ?? file?.count
      let front = Array("\(label)\u{0}\(count.map { String($0) } ?? "absent")\u{0}".utf8)
      succeeded = succeeded && EVP_DigestUpdate(context, front, front.count) == 1
      if let read { succeeded = succeeded && EVP_DigestUpdate(context, read, read.count) == 1 }
      guard let file else { continue }
      for start in stride(from: 0, to: file.count, by: piece) {
        file.withBytes(start..<min(start + piece, file.count)) { bytes in
          succeeded = succeeded && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
        }
      }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    succeeded = succeeded && EVP_DigestFinal_ex(context, &digest, nil) == 1
    guard succeeded else {
      throw CheckpointError(
        file: files.first?.path ?? "", reason: .unreadable("SHA-256 is not available in libcrypto"))
    }
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
