import Foundation
import FuzzTargets
import TestSupport
import Testing

/// The fuzzers' corpus and what they found, and changes of these, through every reader once more: a trap
/// ends the run of tests.
@Suite struct ReplayTests {
  private static func inputs(_ kind: String, _ target: FuzzTarget) throws -> [[UInt8]] {
    let folder = Places.package.appendingPathComponent("Fuzz/\(kind)/\(target.folder)")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))
    }
  }

  @Test(arguments: FuzzTarget.allCases)
  func `every input, found case and change of these is read or refused`(target: FuzzTarget) throws {
    let corpus = try Self.inputs("corpus", target)
    let found = try Self.inputs("found", target)
    #expect(!corpus.isEmpty, "\(target) has no seed")
    try withTemporaryFolder { folder in
      let reader = try FuzzReader(target, in: folder.path)
      let outcomes = corpus.map(reader.run)
      #expect(outcomes.contains(.read), "no input of the corpus is sound")
      for bytes in found { _ = reader.run(bytes) }
      var mutation = Mutation(seed: 4)
      var refused = 0
      let inputs = corpus + found
      let end = ContinuousClock.now + .seconds(1)
      for round in 0..<2000 where ContinuousClock.now < end {
        if reader.run(mutation.changed(inputs[round % inputs.count])) != .read { refused += 1 }
      }
      // Of a damaged EXIF block or world file nothing is refused: the picture is there without it.
      #expect(refused > 0 || target == .exif || target == .world)
    }
  }
}
