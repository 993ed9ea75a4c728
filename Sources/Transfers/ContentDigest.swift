import CCrypto
import Foundation

/// What a file's bytes must add up to: the names under which the hub keeps contents.
package enum ContentDigest: Sendable, Hashable {
  /// SHA-256 of the bytes: large files (Git LFS).
  case sha256(String)
  /// SHA-1 of `blob LENGTH\0` and the bytes: what git calls a blob.
  case gitBlob(String)

  /// From hexadecimal digits: 64 are SHA-256, 40 a git blob.
  package init?(_ text: String) {
    let digits = text.lowercased()
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    switch digits.utf8.count {
    case 64: self = .sha256(digits)
    case 40: self = .gitBlob(digits)
    default: return nil
    }
  }

  package var digits: String {
    switch self {
    case .sha256(let digits), .gitBlob(let digits): digits
    }
  }

  package var name: String {
    switch self {
    case .sha256: "sha256"
    case .gitBlob: "git blob sha1"
    }
  }
}

/// A digest in the making.
package final class RunningDigest {
  private let context: OpaquePointer

  /// - Parameters:
  ///   - kind: which digest; its digits do not matter.
  ///   - count: of all bytes, which git hashes first.
  package init(_ kind: ContentDigest, count: Int) throws(TransferError) {
    guard let context = EVP_MD_CTX_new() else { throw Self.failure }
    self.context = context
    let isReady =
      switch kind {
      case .sha256: EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      case .gitBlob: EVP_DigestInit_ex(context, EVP_sha1(), nil) == 1
      }
    guard isReady else { throw Self.failure }
    if case .gitBlob = kind { try add(Array("blob \(count)\u{0}".utf8)) }
  }

  deinit { EVP_MD_CTX_free(context) }

  package func add(_ bytes: [UInt8]) throws(TransferError) {
    guard EVP_DigestUpdate(context, bytes, bytes.count) == 1 else { throw Self.failure }
  }

  /// Ends it; hexadecimal, in lower case.
  package func digits() throws(TransferError) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { throw Self.failure }
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self)
  }

  private static var failure: TransferError {
    TransferError("libcrypto", .refused("has no such digest"))
  }
}
