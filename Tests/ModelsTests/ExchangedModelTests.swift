import Models
import Checkpoints
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// A model's folder is exchanged, or written to, while it is opened: vectors and fingerprint must be of
/// the same bytes.
@Suite struct ExchangedModelTests {
  @Test("what is hashed is what was opened, though the name stands for another file by now")
  func exchangedFile() throws {
    try withTemporaryFolder { folder in
      let (one, other) = (folder.path + "/one", folder.path + "/other")
      try Data("the first".utf8).write(to: URL(fileURLWithPath: one))
      let first = try Fingerprint.sha256(of: [("a", one), ("b", one)])
      try OpenedFiles.reading {
        let mapped = try MappedFile(one)
        try Data("another".utf8).write(to: URL(fileURLWithPath: other))
        #expect(rename(other, one) == 0)
        #expect(try Fingerprint.sha256(of: [("a", one), ("b", one)]) == first)
        #expect(mapped.count == 9 && !mapped.hasChanged)
        #expect(OpenedFiles.changed() == nil)
      }
      #expect(try Fingerprint.sha256(of: [("a", one), ("b", one)]) != first)
    }
  }

  @Test("what was read is hashed as it was read, and a file written to is told")
  func writtenFile() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/settings"
      try Data("the first".utf8).write(to: URL(fileURLWithPath: path))
      let first = try Fingerprint.sha256(of: [("a", path)])
      try OpenedFiles.reading {
        #expect(try RegularFile.read(path, limit: 100).count == 9)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data("THE FIRST, and more".utf8))
        try file.close()
        #expect(try Fingerprint.sha256(of: [("a", path)]) == first)
        #expect(try RegularFile.read(path, limit: 100).count == 9)
        #expect(OpenedFiles.changed() == path)
      }
      #expect(OpenedFiles.changed() == nil)
    }
  }

  @Test("a model exchanged at any moment of its opening is one or the other, or refused")
  func exchangedModel() throws {
    try withTemporaryFolder { folder in
      let place = folder.path + "/model"
      // Both have the same files; the hub's cache changes models so, by a link.
      let models = ["rsicd-mini", "clip-mini"].map { Places.model($0) }
      func vector(_ model: CLIPModel) throws -> [Float] {
        try model.embed(texts: ["a port with many boats"]).values
      }
      var known: [String: [Float]] = [:]
      for path in models {
        let model = try CLIPModel(contentsOf: path, threads: 1)
        known[model.fingerprint] = try vector(model)
      }
      try #require(known.count == 2)
      symlink(models[0], place)
      let exchange = Exchange(of: place, models)
      defer { exchange.end() }
      for _ in 0..<60 {
        let model = try CLIPModel(contentsOf: place, threads: 1)
        // A mixture of both is neither, and has a fingerprint of its own.
        guard let expected = known[model.fingerprint] else { continue }
        #expect(try vector(model) == expected)
      }
    }
  }
}

/// A thread that lets a name stand for one folder and the other in turn, some hundred times a second.
private final class Exchange: Sendable {
  private let isEnding = Atomic(false)
  private let ended = DispatchSemaphore(value: 0)

  init(of place: String, _ folders: [String]) {
    Thread { [self] in
      var turn = 1
      while !isEnding.load(ordering: .relaxed) {
        symlink(folders[turn % 2], "\(place).next")
        rename("\(place).next", place)
        turn += 1
        usleep(useconds_t(500 + 137 * (turn % 29)))
      }
      ended.signal()
    }.start()
  }

  func end() {
    isEnding.store(true, ordering: .relaxed)
    ended.wait()
  }
}
