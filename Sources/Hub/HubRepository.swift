import Transfers

/// A repository of the hub at a revision.
///
///     flax-community/clip-rsicd-v2          the model at its branch main
///     openai/clip-vit-base-patch32@refs/pr/8 the model as a pull request has it
///     Zilun/GeoRSCLIP:ckpt/RS5M_ViT-B-32.pt  one file of weights, and what lies beside it
public struct HubRepository: Sendable, Equatable {
  public enum Kind: String, Sendable { case model, dataset }

  public let kind: Kind
  public let organization: String
  public let name: String
  /// A branch, a tag or a commit.
  public let revision: String
  /// The path of one file of weights; `nil` for the model that the repository is.
  public let file: String?

  /// - Parameter text: `ORG/NAME` or `ORG/NAME@REVISION`, of a model also with `:PATH` behind it.
  /// - Throws: ``HubError`` where it is not that.
  public init(_ text: String, kind: Kind) throws(HubError) {
    let named = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    file = named.count == 2 ? String(named[1]) : nil
    if let file {
      guard kind == .model else { throw HubError(String(text.prefix(200)), .notARepository) }
      guard SafeFileName.isSafe(file) else {
        throw HubError(String(named[0].prefix(200)), .fileName(String(file.prefix(200))))
      }
    }
    let halves = named[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ Self.isName($0) }) else {
      throw HubError(String(text.prefix(200)), .notARepository)
    }
    self.kind = kind
    organization = String(parts[0])
    name = String(parts[1])
    revision = halves.count == 2 ? String(halves[1]) : "main"
    guard Self.isRevision(revision) else {
      throw HubError("\(parts[0])/\(parts[1])", .notARevision(String(revision.prefix(200))))
    }
  }

  /// `ORG/NAME`
  public var id: String { "\(organization)/\(name)" }
  /// `ORG/NAME`, with the revision where it is not main: what `pull` and `--model` take.
  public var text: String {
    (revision == "main" ? id : "\(id)@\(revision)") + (file.map { ":\($0)" } ?? "")
  }

  /// The hub's rule for names.
  private static func isName(_ text: Substring) -> Bool {
    guard (1...96).contains(text.utf8.count), let first = text.utf8.first,
      let last = text.utf8.last
    else { return false }
    return text.utf8.allSatisfy { isLetter($0) || [0x2D, 0x2E, 0x5F].contains($0) }
      && ![first, last].contains { $0 == 0x2D || $0 == 0x2E }
      && !text.contains("--") && !text.contains("..")
  }

  /// A revision becomes a part of an address and of a path.
  static func isRevision(_ text: String) -> Bool {
    guard (1...200).contains(text.utf8.count) else { return false }
    return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.utf8.first else { return false }
      return first != 0x2E && first != 0x2D
        && part.utf8.allSatisfy { isLetter($0) || [0x2B, 0x2D, 0x2E, 0x5F].contains($0) }
        && !part.contains("..")
    }
  }

  /// Forty hexadecimal digits.
  static func isCommit(_ text: String) -> Bool {
    text.utf8.count == 40
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// Its folder in the cache, as huggingface_hub names it: `models--org--name`.
  var folderName: String { "\(kind.rawValue)s--\(organization)--\(name)" }

  /// The path of its list of files at a revision.
  var listingPath: String {
    "/api/\(kind.rawValue)s/\(id)/revision/\(WebAddress.escaped(revision))?blobs=true"
  }

  /// The path of one of its files at a commit.
  func path(of file: String, commit: String) -> String {
    (kind == .dataset ? "/datasets" : "")
      + "/\(id)/resolve/\(WebAddress.escaped(commit))/\(WebAddress.escaped(file, keepingSlashes: true))"
  }
}
