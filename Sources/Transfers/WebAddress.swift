import CCurl
import Foundation

/// An http or https address, taken apart by libcurl's own parser: what is compared here, say the host
/// that may see a token, is what will be connected to.
package struct WebAddress: Sendable, Equatable, CustomStringConvertible {
  /// The whole address in libcurl's normal form, without fragment.
  package let text: String
  package let scheme: String
  /// In lower case, an IPv6 address with its brackets.
  package let host: String
  package let port: Int

  private static let longest = 16 << 10

  /// - Throws: ``TransferError`` for another scheme, user names, controls and everything else odd.
  package init(_ text: String) throws(TransferError) {
    do throws(TransferError.Reason) {
      try self.init(parts: [text])
    } catch {
      throw TransferError(String(text.prefix(200)), error)
    }
  }

  /// The address that a `Location` header names, seen from this one. Errors do not repeat it: a signed
  /// address is a secret.
  package func following(_ location: String) throws(TransferError) -> WebAddress {
    do throws(TransferError.Reason) {
      return try WebAddress(parts: [text, location])
    } catch {
      throw TransferError("\(origin) sends on to what", error)
    }
  }

  /// Later parts are resolved against earlier ones.
  private init(parts: [String]) throws(TransferError.Reason) {
    guard let handle = curl_url() else { throw .badAddress("no memory") }
    defer { curl_url_cleanup(handle) }
    for part in parts {
      guard part.utf8.count <= Self.longest else {
        throw .badAddress("it has \(part.utf8.count) bytes")
      }
      guard !part.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == 0x5C }) else {
        throw .badAddress("it has spaces, controls or backslashes")
      }
      let code = curl_url_set(handle, CURLUPART_URL, part, UInt32(CURLU_DISALLOW_USER))
      guard code == CURLUE_OK else {
        throw .badAddress(String(cString: curl_url_strerror(code)))
      }
    }
    curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
    let scheme = Self.part(CURLUPART_SCHEME, of: handle)?.lowercased() ?? "none"
    guard scheme == "http" || scheme == "https" else {
      throw .badAddress("its scheme is \(scheme)")
    }
    guard let text = Self.part(CURLUPART_URL, of: handle),
      let host = Self.part(CURLUPART_HOST, of: handle)?.lowercased(), !host.isEmpty,
      let port = Self.part(CURLUPART_PORT, of: handle).flatMap({ Int($0) })
    else { throw .badAddress("it has no host") }
    (self.text, self.scheme, self.host, self.port) = (text, scheme, host, port)
  }

  private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    let flags = UInt32(CURLU_DEFAULT_PORT)
    let wanted = part == CURLUPART_PORT ? flags : 0
    guard curl_url_get(handle, part, &value, wanted) == CURLUE_OK, let value else { return nil }
    defer { curl_free(value) }
    return String(cString: value)
  }

  package var isEncrypted: Bool { scheme == "https" }

  /// Whether it is this machine that is asked.
  package var isLoopback: Bool {
    host == "localhost" || host == "[::1]"
      || (host.hasPrefix("127.") && host.split(separator: ".").count == 4
        && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) })
  }

  /// Same scheme, host and port: the web's notion of who may see what was meant for whom.
  package func hasOrigin(of other: WebAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  /// Scheme, host and port, for messages: signed addresses carry secrets behind.
  package var origin: String {
    let usual = scheme == "https" ? 443 : 80
    return "\(scheme)://\(host)" + (port == usual ? "" : ":\(port)")
  }

  package var description: String { origin }

  /// A text as a part of a path: all but letters, digits and `-._~` as `%XX`, and `/` where it may stay.
  package static func escaped(_ text: String, keepingSlashes: Bool = false) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      case 0x2F where keepingSlashes: bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
