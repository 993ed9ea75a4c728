import Foundation
import Transfers

/// What the environment says about the hub, by the variables that huggingface_hub reads:
/// `HF_ENDPOINT`, `HF_TOKEN` (or the file `HF_TOKEN_PATH`, `$HF_HOME/token`), `HF_HOME`, `HF_HUB_CACHE`,
/// `HF_HUB_OFFLINE`; and `SSL_CERT_FILE`, `CURL_CA_BUNDLE` or `REQUESTS_CA_BUNDLE`.
public struct HubEnvironment: Sendable {
  /// Where the hub is, without a slash at its end.
  public let endpoint: String
  /// The folder that has `models--org--name`.
  public let cache: String
  public let isOffline: Bool
  /// A file of certificates to trust.
  let certificates: String?
  private let tokenText: String?
  private let tokenFile: String

  public init(_ variables: [String: String]) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { variables[$0] }.first { !$0.isEmpty }
    }
    let user = value("HOME") ?? NSHomeDirectory()
    func expanded(_ path: String) -> String {
      path == "~" || path.hasPrefix("~/") ? user + path.dropFirst() : path
    }
    var endpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    let caches = expanded(value("XDG_CACHE_HOME") ?? "\(user)/.cache")
    let home = expanded(value("HF_HOME") ?? "\(caches)/huggingface")
    cache = expanded(value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? "\(home)/hub")
    isOffline = ["1", "ON", "YES", "TRUE"].contains(value("HF_HUB_OFFLINE")?.uppercased() ?? "")
    certificates = value("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE").map(expanded)
    tokenText = value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
    tokenFile = expanded(value("HF_TOKEN_PATH") ?? "\(home)/token")
  }

  /// The user's token, if there is one.
  /// - Throws: ``HubError`` where it is none; it is not repeated there.
  func token() throws(HubError) -> HubToken? {
    if let tokenText { return try HubToken(tokenText, from: "HF_TOKEN") }
    guard let file = FileHandle(forReadingAtPath: tokenFile),
      let data = try? file.read(upToCount: HubToken.longest + 2)
    else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    return text.contains { !$0.isWhitespace } ? try HubToken(text, from: tokenFile) : nil
  }
}

/// A secret that goes into a header and nowhere else: printed, it is only a word.
struct HubToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  static let longest = 1024
  private let secret: String

  init(_ text: String, from place: String) throws(HubError) {
    secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...Self.longest).contains(secret.utf8.count),
      secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw HubError(
        place, .variable(expected: "a token of at most \(Self.longest) printable characters"))
    }
  }

  var header: (name: String, value: String) { ("Authorization", "Bearer \(secret)") }
  var description: String { "(token)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: [:]) }
}
