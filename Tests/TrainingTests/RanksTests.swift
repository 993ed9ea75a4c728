import Compute
import Foundation
import Synchronization
import TestSupport
import Testing
import Training

/// Ranks that share a run, here as threads: shares, losses, gradients, and ends that all agree on.
///
/// Sums over ranks come in another order than those of one process, so figures are equal to about 1e-6
/// of their size and drift apart as rounding errors do: after 6 steps less than 1e-4.
@Suite struct RanksTests {
  private static let tolerance = 1e-4

  /// What one rank told and how it ended.
  struct Told: Sendable {
    var points: [RunEvent.Point] = []
    var evaluations: [RunEvent.Evaluation] = []
    var notes: [String] = []
    var error: String?
    var isSilent = false
  }

  /// Trains a recipe on so many ranks, each with one thread.
  /// - Parameter isCancelled: given the rank and the points that the first one told.
  private func train(
    _ recipe: Recipe, ranks count: Int, resuming: Bool = false,
    isCancelled: @escaping @Sendable (_ rank: Int, _ points: Int) -> Bool = { _, _ in false }
  ) -> [Told] {
    let points = Mutex(0)
    let results = ThreadRanks.run(count) { ranks -> Told in
      let told = Mutex(Told())
      do {
        let run = try TrainingRun(recipe, resuming: resuming, ranks: ranks) { event in
          told.withLock { told in
            switch event {
            case .step(let point): told.points.append(point)
            case .evaluated(let evaluation): told.evaluations.append(evaluation)
            case .note(let text): told.notes.append(text)
            default: break
            }
          }
          if case .step = event { points.withLock { $0 += 1 } }
        }
        try run.train { isCancelled(ranks.rank, points.withLock { $0 }) }
      } catch {
        let isSilent = (error as? RunEnded).map { $0.cause == nil } ?? false
        told.withLock { ($0.error, $0.isSilent) = ("\(error)", isSilent) }
      }
      return told.withLock { $0 }
    }
    return results.compactMap { try? $0.get() }
  }

  private func expectSame(_ found: Told?, _ expected: Told?, from step: Int = 1) {
    #expect(found?.error == nil)
    let pairs = zip(found?.points ?? [], (expected?.points ?? []).dropFirst(step - 1))
    #expect(found?.points.count == (expected?.points.count ?? 0) - step + 1)
    for (one, other) in pairs {
      #expect(one.step == other.step)
      #expect(
        abs(one.loss - other.loss) < Self.tolerance * other.loss,
        "step \(one.step): \(one.loss), \(other.loss)")
      #expect(
        abs(one.gradientNorm - other.gradientNorm) < 10 * Self.tolerance * other.gradientNorm)
      #expect(one.learningRate == other.learningRate)
    }
  }

  @Test(
    "two and four ranks have the loss curve of one",
    arguments: [2, 3, 4],
    [
      ["threads=1"], ["threads=1", "negatives=local", "group=2", "equal_captions=negatives"],
      [
        "threads=1", "accumulation=2", "piece=1", "category_loss=0.5", "optimiser=adafactor",
        "epochs=4",
      ],
    ])
  func curve(ranks: Int, settings: [String]) throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("one")
      let file = workshop.path("recipe.toml")
      let one = train(try Recipe(contentsOf: file, settings: settings), ranks: 1)
      _ = try workshop.recipe("many")
      let many = train(try Recipe(contentsOf: file, settings: settings), ranks: ranks)
      #expect(one.first?.points.count ?? 0 >= 2)
      expectSame(many.first, one.first)
      let losses = (many.first?.evaluations.map(\.loss), one.first?.evaluations.map(\.loss))
      for (found, expected) in zip(losses.0 ?? [], losses.1 ?? []) {
        #expect(abs(found - expected) < 1e-3)
      }
      // The first alone writes and tells.
      #expect(
        many.dropFirst().allSatisfy { $0.points.isEmpty && $0.notes.isEmpty && $0.error == nil })
      let names = try workshop.names("many").filter { !$0.hasPrefix("events.") }
      #expect(names == (try workshop.names("one").filter { !$0.hasPrefix("events.") }))
      #expect(try workshop.names("many").filter { $0.hasPrefix("events.") }.count == 1)
    }
  }

  @Test("a run goes on with another number of ranks", arguments: [(4, 1), (2, 3)])
  func resumed(first: Int, then: Int) throws {
    try TrainingWorkshop.run { workshop in
      let whole = train(try workshop.recipe("whole"), ranks: 1)
      let recipe = try workshop.recipe("parts")
      // Whichever rank is asked to stop, all stop after the same step.
      let stopped = train(recipe, ranks: first) { rank, points in rank == first - 1 && points >= 2 }
      #expect(stopped.allSatisfy { $0.error == "CancellationError()" })
      let step = try #require(stopped.first?.points.last?.step)
      #expect(try workshop.names("parts").contains("ckpt-interrupted"))
      let rest = train(recipe, ranks: then, resuming: true)
      expectSame(rest.first, whole.first, from: step + 1)
    }
  }

  @Test("same ranks, stopped and resumed: the same bytes")
  func bytes() throws {
    try TrainingWorkshop.run { workshop in
      _ = train(try workshop.recipe("whole", "threads=1"), ranks: 2)
      let recipe = try workshop.recipe("parts", "threads=1")
      _ = train(recipe, ranks: 2) { _, points in points >= 4 }
      #expect(try workshop.names("parts").contains("ckpt-interrupted"))
      let rest = train(recipe, ranks: 2, resuming: true)
      #expect(rest.allSatisfy { $0.error == nil })
      for name in ["final/model.safetensors", "ckpt-2/trainer/optimiser.safetensors"] {
        #expect(try workshop.bytes("whole/\(name)") == workshop.bytes("parts/\(name)"), "\(name)")
      }
    }
  }

  @Test("what one rank cannot do ends all, and one tells it")
  func failures() throws {
    try TrainingWorkshop.run { workshop in
      let many = train(try workshop.recipe("a"), ranks: 9)
      #expect(
        many.map(\.error).first
          == "9 ranks, and a batch has 8 pairs: start at most as many ranks as pairs")
      #expect(many.dropFirst().allSatisfy { $0.isSilent })
      let local = train(try workshop.recipe("b", "negatives=local", "group=4"), ranks: 3)
      #expect(local.first?.error?.hasPrefix("3 ranks, and a batch has 2 groups of 4") == true)
      #expect(local.dropFirst().allSatisfy { $0.isSilent })
      // Only the first rank looks at the folder.
      let folder = train(try workshop.recipe("tiny/config.json/run"), ranks: 2)
      #expect(folder.first?.error?.contains("cannot be made") == true)
      #expect(folder.last?.isSilent == true)
    }
  }

  @Test("ranks that see other data are told apart before the first step")
  func otherData() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe()
      let other = try workshop.recipe(
        "run", "data.0.captions=\(workshop.path("valid.jsonl"))", "epochs=4")
      let seed = try workshop.recipe("run", "seed=4")
      for (second, words) in [
        (other, "rank 1 has other settings than rank 0"), (seed, "rank 1 has other settings"),
      ] {
        let ends = ThreadRanks.run(2) { ranks in
          try TrainingRun(ranks.rank == 0 ? recipe : second, resuming: false, ranks: ranks) { _ in }
            .train { false }
        }
        let errors = ends.map { end -> String in
          if case .failure(let error) = end { "\(error)" } else { "" }
        }
        #expect(errors[0].contains(words), "\(errors)")
        #expect(errors[1] == "another rank ended the run")
      }
    }
  }

  @Test("a loss that is no number ends all ranks; one tells it")
  func notANumber() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe(
        "run", "epochs=40", "learning_rate=9", "weight_decay=10", "schedule=constant", "clip=0",
        "save_every_epochs=40")
      let ends = train(recipe, ranks: 2)
      #expect(ends.first?.error?.contains("no finite number at step") == true)
      #expect(ends.last?.isSilent == true)
    }
  }

  @Test("pictures that vanish end all ranks after the same step, saved")
  func vanished() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe("run", "cache_mib=0", "epochs=20", "save_every_epochs=20")
      let photos = (workshop.path("photos"), workshop.path("away"))
      let ends = train(recipe, ranks: 2) { rank, points in
        if rank == 0, points == 2 {
          try? FileManager.default.moveItem(atPath: photos.0, toPath: photos.1)
        }
        return false
      }
      let told = try #require(ends.first { !$0.isSilent }?.error)
      #expect(told.contains("vanished or cannot be read"))
      #expect(told.contains("; saved at step "))
      #expect(ends.filter(\.isSilent).count == 1)
      #expect(try workshop.names("run").contains("ckpt-interrupted"))
      try FileManager.default.moveItem(atPath: photos.1, toPath: photos.0)
      let rest = train(recipe, ranks: 1, resuming: true) { _, points in points >= 1 }
      #expect(rest.first?.points.count == 1)
    }
  }

  @Test("shares are whole units, one behind the other, and as even as can be")
  func shares() {
    for (whole, unit) in [(8, 1), (10, 1), (64, 8), (12, 4), (7, 7)] {
      for count in 1...(whole / unit) {
        let all = (0..<count).map { BatchShare(of: whole, unit: unit, rank: $0, count: count) }
        #expect(all.flatMap { Array($0.pairs) } == Array(0..<whole))
        let sizes = all.map(\.pairs.count)
        #expect(sizes.allSatisfy { $0 % unit == 0 && $0 > 0 })
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= unit)
      }
    }
  }

  @Test(
    "processors that a process is bound to are counted",
    arguments: [
      ("Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2),
      ("Cpus_allowed:\tff,000000f1", 13),
      ("Cpus_allowed:\t0", nil), ("Name:\tx", nil),
    ])
  func processors(status: String, count: Int?) {
    #expect(Processors.allowed(byStatus: status) == count)
    #expect(Processors.allowed >= 1)
  }
}
