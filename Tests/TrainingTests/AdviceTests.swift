import Foundation
import Synchronization
import TestSupport
import Testing
import Training

/// What a run says of its data, of its loss, and of what it was good for.
@Suite struct AdviceTests {
  private func notes(_ recipe: Recipe) throws -> [String] {
    let notes = Mutex<[String]>([])
    _ = try TrainingRun(recipe, resuming: false) { event in
      if case .note(let text) = event { notes.withLock { $0.append(text) } }
    }
    return notes.withLock { $0 }
  }

  private func failure(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  /// The settings that the refusal says would do.
  private func settings(_ body: () throws -> Void) -> [String] {
    do {
      try body()
    } catch let error as RunError {
      if case .settings(let settings) = error.wayOut { return settings }
    } catch let error as RecipeError {
      return error.settings
    } catch {}
    return []
  }

  private func write(_ lines: [String], _ workshop: TrainingWorkshop, _ name: String) throws {
    try lines.joined(separator: "\n").write(
      toFile: workshop.path(name), atomically: true, encoding: .utf8)
  }

  @Test("settings that do not fit small data come with settings that do, and these work")
  func fitting() throws {
    try TrainingWorkshop.run { workshop in
      for (place, wrong) in [
        ["batch=64"], ["accumulation=4"], ["batch=64", "warmup_steps=100", "epochs=1"],
        ["warmup_steps=100"], ["negatives=local", "batch=32", "group=16"],
        ["batch=32", "accumulation=2", "epochs=10", "warmup_steps=30"],
      ].enumerated() {
        func run(_ more: [String]) throws {
          _ = try workshop.recipe("out-\(place)-\(more.count)")
          _ = try notes(Recipe(contentsOf: workshop.path("recipe.toml"), settings: wrong + more))
        }
        let settings = settings { try run([]) }
        #expect(!settings.isEmpty, "\(wrong)")
        #expect(failure { try run(settings) } == "", "\(wrong): \(settings)")
      }
    }
  }

  @Test("captions that are cut are counted, and those that are all equal told")
  func captions() throws {
    try TrainingWorkshop.run { workshop in
      let long = Array(repeating: "river", count: 30).joined(separator: " ")
      try write(
        (1...6).map {
          "{\"filename\": \"photos/port_\($0).jpg\", \"captions\": [\"a port\", \"\($0 > 4 ? long : "port \($0)")\"]}"
        }, workshop, "long.jsonl")
      let cut = try notes(
        workshop.recipe(
          "a", "batch=4", "warmup_steps=0", "data.0.captions=\(workshop.path("long.jsonl"))"))
      #expect(
        cut.contains { $0.hasPrefix("2 of 12 captions are longer than 16 tokens") }, "\(cut)")
      #expect(cut.contains { $0.hasPrefix("max_length is 32, and the model reads 16 tokens") })
      #expect(cut.contains { $0.hasPrefix("an epoch has only 6 pairs") })
      try write(
        (1...6).map { "{\"filename\": \"photos/port_\($0).jpg\", \"captions\": [\"a port\"]}" },
        workshop, "equal.jsonl")
      let equal = try notes(
        workshop.recipe(
          "b", "batch=4", "warmup_steps=0", "data.0.captions=\(workshop.path("equal.jsonl"))"))
      #expect(equal.contains { $0.hasPrefix("all captions are equal") }, "\(equal)")
      #expect(!equal.contains { $0.contains("are cut") && $0.hasPrefix("2 of") })
      let negatives = try notes(workshop.recipe("c", "equal_captions=negatives"))
      #expect(negatives.contains { $0.contains("set equal_captions = \"positives\"") })
    }
  }

  @Test("not one usable pair: a path that was tried, and why")
  func noPair() throws {
    try TrainingWorkshop.run { workshop in
      let photos = workshop.path("photos")
      func words(_ lines: [String], images: String? = nil, _ more: String...) throws -> String {
        try write(lines, workshop, "some.jsonl")
        _ = try workshop.recipe("none")
        return failure {
          _ = try notes(
            Recipe(
              contentsOf: workshop.path("recipe.toml"),
              settings: [
                "data.0.captions=\(workshop.path("some.jsonl"))",
                "data.0.images=\(images ?? photos)",
              ] + more))
        }
      }
      func line(_ name: String, _ caption: String = "a port", _ split: String = "") -> String {
        "{\"filename\": \"\(name)\", \"captions\": [\"\(caption)\"]\(split)}"
      }
      let prefix = "\(workshop.path("some.jsonl")): not one usable pair: "
      let absent = try words([line("gone_1.jpg")])
      #expect(absent.hasPrefix(prefix), "\(absent)")
      #expect(absent.contains("and there is no ") && absent.contains("/photos/gone_1.jpg"))
      #expect(
        try words([line("port_1.jpg", "a port", ", \"split\": \"val\"")], "data.0.split=train")
          .hasSuffix("its entry does not have the split train; they have valid (1)"))
      #expect(
        try words([line("port_1.jpg", " ")]).contains("1 picture is there, such as "))
      #expect(
        try words([line("port_1.jpg")], images: workshop.path("tiny")).contains(
          "there is no picture below "))
      #expect(try words([""]).contains("some.jsonl: holds no captions"))
      try FileManager.default.createDirectory(
        atPath: workshop.path("photos/ships"), withIntermediateDirectories: true)
      try FileManager.default.createDirectory(
        atPath: workshop.path("photos/boats"), withIntermediateDirectories: true)
      for folder in ["ships", "boats"] {
        try FileManager.default.copyItem(
          atPath: workshop.path("photos/port_1.jpg"),
          toPath: workshop.path("photos/\(folder)/IMG_1.jpg"))
      }
      #expect(try words([line("IMG_1.jpg")]).contains("could be any of 2 pictures below "))
      #expect(
        try words([line("docks/IMG_1.jpg")]).contains("a picture of that name is "))
    }
  }

  @Test(
    "with fewer than two categories there is no accuracy, the best is by loss, and it is said why")
  func oneCategory() throws {
    try TrainingWorkshop.run { workshop in
      for name in try workshop.names("photos") where !name.hasPrefix("beach") {
        try FileManager.default.removeItem(atPath: workshop.path("photos/\(name)"))
      }
      let evaluations = Mutex<[RunEvent.Evaluation]>([])
      let notes = Mutex<[String]>([])
      let run = try TrainingRun(
        workshop.recipe("run", "batch=3", "piece=3", "best_by=accuracy"), resuming: false
      ) { event in
        if case .evaluated(let found) = event { evaluations.withLock { $0.append(found) } }
        if case .note(let text) = event { notes.withLock { $0.append(text) } }
      }
      try run.train { false }
      let found = evaluations.withLock { $0 }
      #expect(found.count == 3 && found.allSatisfy { $0.accuracy == nil })
      #expect(
        notes.withLock { $0 }.contains(
          "valid: folders and names of the pictures tell one category alone, beach: accuracy is not "
            + "measured; the best is the one of the lowest valid loss"), "\(notes.withLock { $0 })")
      var lowest = Double.infinity
      for one in found {
        #expect(one.isBest == (one.loss < lowest))
        lowest = min(lowest, one.loss)
      }
    }
  }

  @Test("a loss near a guess says too high where it began lower, and both where it did not")
  func lossNearAGuess() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe("run", "batch=16", "epochs=20", "learning_rate=0.01")
      var high = LossWatch(recipe, categories: 4, first: 1.2)
      #expect(high.words(2.7, step: 20, steps: 100, recipe: recipe) == nil)
      let words = high.words(2.75, step: 60, steps: 100, recipe: recipe)
      #expect(
        words
          == "the loss is 2.75 at step 60, and guessing among 16 pairs gives 2.77; it began lower, at 1.20: "
          + "learning_rate (now 0.01) is too high and destroys what the model knew; try a tenth of it, and a "
          + "longer warmup_steps")
      #expect(high.words(2.75, step: 70, steps: 100, recipe: recipe) == nil, "once is enough")
      #expect(high.words(2.75, step: 100, steps: 100, recipe: recipe) != nil)
      var level = LossWatch(recipe, categories: 4, first: 2.8)
      let both = level.words(2.76, step: 100, steps: 100, recipe: recipe)
      #expect(both?.contains("it began at 2.80: nothing is learned yet") == true)
      #expect(both?.contains("too low") == true && both?.contains("so high") == true)
      var falling = LossWatch(recipe, categories: 4, first: 2.8)
      #expect(falling.words(2.1, step: 100, steps: 100, recipe: recipe) == nil)
    }
  }
}
