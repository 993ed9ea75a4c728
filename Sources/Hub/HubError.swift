import Transfers

/// Why a repository of the hub cannot be downloaded: what was asked for and what was found.
public struct HubError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    case notARepository
    case notARevision(String)
    case variable(expected: String)
    case offline
    case notCached(cache: String, kind: HubRepository.Kind, revisions: [String])
    case incomplete(folder: String, missing: String)
    case leadsOut(folder: String)
    case unauthorized(hasToken: Bool, page: String)
    case gated(page: String)
    case forbidden(page: String)
    case noRepository(kind: HubRepository.Kind, hasToken: Bool)
    case noRevision(String)
    case noFile
    case status(Int)
    case waitTooLong(seconds: Int, limit: Int)
    case tooManyRedirects(Int)
    case downgrade(to: String)
    case noTarget
    case listing(String)
    case tooManyFiles(limit: Int)
    case noWeights(found: [String])
    case noConfiguration
    /// The file that was named; what there is.
    case noSuchFile([String])
    /// Weights that only their names tell apart.
    case severalWeights([String])
    case fileName(String)
    case length(expected: Int, found: Int)
    case range
    case encoded(String)
    case digest(name: String, expected: String, found: String)
    case noSpace(needed: Int, free: Int, folder: String)
    case unwritable(String)
    case transfer(String)
  }

  /// The repository, with the file if one is to blame; or the environment variable.
  public let place: String
  public let reason: Reason

  public init(_ place: String, _ reason: Reason) {
    self.place = place
    self.reason = reason
  }

  public var description: String { "\(place): \(sentence)" }

  private var sentence: String {
    switch reason {
    case .notARepository:
      "is no name of a repository; expected ORG/NAME or ORG/NAME@REVISION, such as "
        + "flax-community/clip-rsicd-v2, of a model also ORG/NAME:FILE"
    case .notARevision(let text): "\(text) is no branch, tag or commit"
    case .variable(let expected): "expected \(expected)"
    case .offline: "HF_HUB_OFFLINE is set, so nothing is fetched"
    case .notCached(let cache, _, let revisions): notCached(cache, revisions)
    case .incomplete(let folder, let missing):
      "\(missing) is missing in \(folder)"
    case .leadsOut(let folder):
      "leads out of the cache \(folder) by a link"
    default: answer
    }
  }

  private func notCached(_ cache: String, _ revisions: [String]) -> String {
    let others = revisions.map { "@\($0)" }.joined(separator: ", ")
    return "there is no such folder, and it is not in the cache \(cache)"
      + (revisions.isEmpty ? "" : " (which has \(others))")
  }

  /// What the hub's answers mean.
  private var answer: String {
    switch reason {
    case .unauthorized(let hasToken, _):
      hasToken
        ? "the hub does not accept the token (401)"
        : "there is no such repository, or it is private (401)"
    case .gated: "access must be asked for (gated repository)"
    case .forbidden: "the hub refuses access (403)"
    case .noRepository(let kind, _):
      "there is no such \(kind == .model ? "model" : "data set") (404)"
    case .noRevision(let revision): "has no revision \(revision) (404)"
    case .noFile: "the hub lists it and does not have it (404)"
    case .status(let status): "the hub answers with status \(status)"
    case .waitTooLong(let seconds, let limit):
      "the hub asks to wait \(seconds) seconds, more than the \(limit) that are waited"
    case .tooManyRedirects(let count): "was sent on more than \(count) times, without end"
    case .downgrade(let origin):
      "was sent on from https to \(origin); refused, for anybody may listen there"
    case .noTarget: "was sent on without an address"
    default: content
    }
  }

  private func several(_ names: [String]) -> String {
    let shown = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " and more" : "")
    return "has several files of weights (\(shown))"
  }

  /// What is wrong with what was sent.
  private var content: String {
    switch reason {
    case .listing(let problem): "the hub's list of files cannot be used (\(problem))"
    case .tooManyFiles(let limit):
      "has more than \(limit) files, which is more than is handled here"
    case .noWeights(let found):
      "has no weights that can be read, expected model.safetensors, pytorch_model.bin, "
        + "flax_model.msgpack, their shards, open_clip's, or a .pt, .pth or .ckpt file; it has "
        + (found.isEmpty ? "no files" : found.joined(separator: ", "))
    case .noConfiguration:
      "has neither config.json nor open_clip_config.json; this is no CLIP model"
    case .severalWeights(let names): several(names)
    case .noSuchFile(let names):
      "is no file of the repository; "
        + (names.isEmpty ? "it has no weights" : "its weights are \(names.joined(separator: ", "))")
    case .fileName(let name):
      "a file is named \(name.debugDescription), which could leave the folder; nothing of it is fetched"
    case .length(let expected, let found):
      "has \(found) bytes, expected \(expected)"
    case .range: "the server sends another part than was asked for"
    case .encoded(let coding): "the server sends it as \(coding), expected it as it is"
    case .digest(let name, let expected, let found):
      "its \(name) is \(found), expected \(expected): what came is not what the hub has, and was thrown away"
    case .noSpace(let needed, let free, let folder):
      "needs \(needed) bytes in \(folder), where \(free) are free"
    case .unwritable(let words): "cannot be written: \(words)"
    case .transfer(let words): words
    default: "cannot be had"
    }
  }
}

extension HubError {
  /// A failure of an exchange or of the disk, in the words of what was being done.
  init(_ place: String, _ error: TransferError) {
    switch error.reason {
    case .unwritable(let words): self.init(error.place, .unwritable(words))
    default: self.init(place, .transfer("\(error)"))
    }
  }
}
