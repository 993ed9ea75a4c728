import Foundation
import Transfers

/// A file of a repository at a commit.
struct RemoteFile: Sendable, Equatable {
  /// Its path in the repository.
  let name: String
  /// `nil` where the hub does not say.
  let size: Int?
  /// What its bytes must add up to.
  let digest: ContentDigest?
  /// What the hub calls these contents, a name in the cache: the digest's digits, if there is one.
  let tag: String
}

/// A repository's files at a commit, as `/api/models/ORG/NAME/revision/REVISION?blobs=true` lists them.
package struct RepositoryListing: Sendable {
  struct Entry: Sendable, Equatable {
    let name: String
    let size: Int?
    let digest: ContentDigest?
  }

  let commit: String
  let entries: [Entry]
  private let byName: [String: Int]

  static let mostFiles = 100_000
  static let mostBytes = 32 << 20
  /// No file is larger than a pebibyte.
  private static let largestFile = 1 << 50

  private struct Answer: Decodable {
    struct Sibling: Decodable {
      struct Large: Decodable {
        let sha256: String?
        let size: Int?
      }
      let rfilename: String
      let size: Int?
      let blobId: String?
      let lfs: Large?
    }
    let sha: String
    let siblings: [Sibling]
  }

  /// - Throws: ``HubError`` where it is not such a list.
  package init(_ json: [UInt8], of repository: HubRepository) throws(HubError) {
    let place = repository.text
    let answer: Answer
    do {
      answer = try JSONDecoder().decode(Answer.self, from: Data(json))
    } catch {
      throw HubError(place, .listing("it is not JSON with sha and siblings"))
    }
    guard HubRepository.isCommit(answer.sha) else {
      throw HubError(place, .listing("its sha is no commit"))
    }
    guard answer.siblings.count <= Self.mostFiles else {
      throw HubError(place, .tooManyFiles(limit: Self.mostFiles))
    }
    commit = answer.sha
    var entries: [Entry] = []
    var byName: [String: Int] = [:]
    for sibling in answer.siblings {
      let size = sibling.lfs?.size ?? sibling.size
      guard size.map({ (0...Self.largestFile).contains($0) }) ?? true else {
        throw HubError(place, .listing("a file has an impossible size"))
      }
      guard byName.updateValue(entries.count, forKey: sibling.rfilename) == nil else {
        throw HubError(place, .listing("a file is listed twice"))
      }
      // A large file's blobId is that of the pointer that git keeps in its place.
      let digits = sibling.lfs.map(\.sha256) ?? sibling.blobId
      entries.append(
        Entry(name: sibling.rfilename, size: size, digest: digits.flatMap { ContentDigest($0) }))
    }
    self.entries = entries
    self.byName = byName
  }

  func contains(_ name: String) -> Bool { byName[name] != nil }
  func entry(_ name: String) -> Entry? { byName[name].map { entries[$0] } }
}

/// Names of files that come from outside and become paths here.
enum SafeFileName {
  /// Own folder below `--into`, for what is not whole yet.
  static let workFolder = ".clip-rsicd-pull"

  /// Whether a path stays below the folder that it is put into.
  static func isSafe(_ name: String) -> Bool {
    guard (1...1024).contains(name.utf8.count),
      !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F || $0 == "\\" })
    else { return false }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      (1...255).contains(part.utf8.count) && part != "." && part != ".."
        && part.lowercased() != ".git" && part != workFolder
    }
  }
}
