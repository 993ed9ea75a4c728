import Models
import Checkpoints
import Foundation
import Imaging
import Synchronization
import TestSupport
import Testing
import Training

@Suite struct TrainingRunTests {
  /// What a run told, and the runs themselves.
  final class Told: Sendable {
    let events = Mutex<[RunEvent]>([])
    let notes = Mutex<[String]>([])

    func hear(_ event: RunEvent) {
      events.withLock { $0.append(event) }
      if case .note(let text) = event { notes.withLock { $0.append(text) } }
    }

    var points: [RunEvent.Point] {
      events.withLock { $0 }.compactMap { if case .step(let point) = $0 { point } else { nil } }
    }
    var evaluations: [RunEvent.Evaluation] {
      events.withLock { $0 }.compactMap {
        if case .evaluated(let found) = $0 { found } else { nil }
      }
    }
  }

  /// - Parameter stopAfter: steps after which the run is interrupted.
  @discardableResult
  private func train(_ recipe: Recipe, resuming: Bool = false, stopAfter: Int = .max) throws -> Told
  {
    let told = Told()
    let run = try TrainingRun(recipe, resuming: resuming) { told.hear($0) }
    try run.train { told.points.count >= stopAfter }
    return told
  }

  private func failure(_ body: () throws -> Void) throws -> String {
    do {
      try body()
    } catch let error as RunError {
      return "\(error)" + (error.wayOut.map { " (\($0))" } ?? "")
    } catch {
      return "\(error)"
    }
    throw Missing()
  }

  struct Missing: Error {}

  @Test("a run leaves checkpoints that the engine reads, the best, the final and its curve")
  func whole() throws {
    try TrainingWorkshop.run { workshop in
      let told = try train(workshop.recipe())
      #expect(told.points.map(\.step) == Array(1...6))
      #expect(told.points.allSatisfy { $0.loss.isFinite && $0.gradientNorm > 0 })
      #expect(told.points[0].learningRate < told.points[1].learningRate)
      #expect(told.points[5].learningRate < told.points[2].learningRate)
      let evaluations = told.evaluations
      // Before the first step it is the model that the run starts from.
      #expect(evaluations.map(\.step) == [0, 3, 6])
      #expect(evaluations.allSatisfy { $0.count == 12 && $0.accuracy?.count == 4 })
      let names = try workshop.names("run").filter { !$0.hasPrefix("events.") }
      #expect(names == [".lock", "best", "ckpt-1", "ckpt-2", "final", "log.jsonl"])
      for name in ["ckpt-1", "best", "final"] {
        let model = try CLIPModel(contentsOf: workshop.path("run/\(name)"))
        #expect(try model.embed(texts: ["a port"]).values.allSatisfy(\.isFinite))
      }
      let lines = try String(contentsOfFile: workshop.path("run/log.jsonl"), encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 9)
      #expect(lines[0].contains("\"eval_recall\":") && lines[1].contains("\"train_loss\":"))
      #expect(lines[4].contains("\"eval_accuracy\":"))
    }
  }

  @Test("the loss over categories teaches them where captions do not name them")
  func categories() throws {
    try TrainingWorkshop.run { workshop in
      let lines = try String(contentsOfFile: workshop.path("train.jsonl"), encoding: .utf8)
      try lines.replacing(/"captions": \[.*\]/, with: "\"captions\": [\"something\"]")
        .write(toFile: workshop.path("train.jsonl"), atomically: true, encoding: .utf8)
      func accuracy(_ output: String, _ weight: Double) throws -> Double {
        let told = try train(
          workshop.recipe(
            output, "epochs=60", "batch=12", "piece=12", "augmentation={}", "patch_dropout=0",
            "ema=0", "learning_rate=5e-3", "category_loss=\(weight)", "eval_every=120",
            "equal_captions=positives"))
        return try #require(told.evaluations.last?.accuracy?[0])
      }
      let (with, without) = (try accuracy("with", 1), try accuracy("without", 0))
      #expect(with > 0.6 && with > without + 0.2, "\(with), without \(without)")
    }
  }

  @Test("a few pictures are learned by heart")
  func overfitted() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe(
        "run", "epochs=40", "batch=12", "piece=12", "augmentation={}", "patch_dropout=0", "ema=0",
        "data.0.caption_choice=first", "data.0.category_caption=0", "save_every_epochs=40",
        "learning_rate=5e-3")
      let told = try train(recipe)
      let first = try #require(told.points.first?.loss)
      let last = try #require(told.points.last?.loss)
      // Six pictures share each caption, so that not even a perfect model comes below log 3.
      #expect(last < 0.6 * first, "\(first) → \(last)")
    }
  }

  @Test(
    "stopped and resumed, a run ends with the same bytes as one that never stopped",
    arguments: [1, 3, 4])
  func resumed(_ steps: Int) throws {
    try TrainingWorkshop.run { workshop in
      let whole = try train(workshop.recipe("whole"))
      #expect(throws: CancellationError.self) {
        try train(workshop.recipe("parts"), stopAfter: steps)
      }
      let rest = try train(workshop.recipe("parts"), resuming: true)
      #expect(rest.points.map(\.step) == Array(steps + 1...6))
      #expect(rest.points.map(\.loss) == whole.points.dropFirst(steps).map(\.loss))
      for name in [
        "final/model.safetensors", "best/model.safetensors", "ckpt-2/trainer/optimiser.safetensors",
        "ckpt-2/trainer/weights.safetensors", "ckpt-2/trainer/average.safetensors",
      ] {
        #expect(try workshop.bytes("whole/\(name)") == workshop.bytes("parts/\(name)"), "\(name)")
      }
      #expect(try workshop.names("parts").contains("ckpt-interrupted") == false)
      let log = try String(contentsOfFile: workshop.path("parts/log.jsonl"), encoding: .utf8)
      #expect(log.split(separator: "\n").count == 9)
    }
  }

  @Test("resuming what is finished, or has not begun, is no error")
  func resumedAtTheEnds() throws {
    try TrainingWorkshop.run { workshop in
      let told = try train(workshop.recipe(), resuming: true)
      #expect(told.points.count == 6)
      let final = try workshop.bytes("run/final/model.safetensors")
      #expect(try train(workshop.recipe(), resuming: true).points.isEmpty)
      #expect(try workshop.bytes("run/final/model.safetensors") == final)
    }
  }

  @Test("what a killed process left half written is cleared away and does no harm")
  func leftovers() throws {
    try TrainingWorkshop.run { workshop in
      #expect(throws: CancellationError.self) { try train(workshop.recipe(), stopAfter: 2) }
      let half = workshop.path("run/.unfinished-ckpt-1")
      try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: half + "/model.safetensors"))
      // One that is no whole checkpoint is not gone on from either.
      try FileManager.default.createDirectory(
        atPath: workshop.path("run/ckpt-9"), withIntermediateDirectories: true)
      let told = try train(workshop.recipe(), resuming: true)
      #expect(told.points.first?.step == 3)
      #expect(try workshop.names("run").contains(".unfinished-ckpt-1") == false)
    }
  }

  @Test("only so many checkpoints stay, and the best beside them")
  func limit() throws {
    try TrainingWorkshop.run { workshop in
      try train(workshop.recipe("run", "save_every=1", "save_total_limit=2"))
      let names = try workshop.names("run")
      #expect(names.filter { $0.hasPrefix("ckpt-") } == ["ckpt-5", "ckpt-6"])
      #expect(names.contains("best") && names.contains("final"))
    }
  }

  @Test(
    "weights are saved in the type that is asked for, and training goes on in f32",
    arguments: ["f16", "bf16"])
  func types(_ type: String) throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe("run", "save_type=\(type)", "ema=0")
      #expect(throws: CancellationError.self) { try train(recipe, stopAfter: 4) }
      try train(recipe, resuming: true)
      try train(workshop.recipe("whole", "ema=0"))
      let table = try SafetensorsReader.table(of: workshop.path("run/final/model.safetensors"))
      #expect(table.type(of: "logit_scale")?.rawValue == type.uppercased())
      let exact = try SafetensorsReader.table(of: workshop.path("whole/final/model.safetensors"))
      #expect(exact.type(of: "logit_scale") == .f32)
      #expect(exact.names == table.names)
      let wide = try workshop.bytes("run/ckpt-2/trainer/weights.safetensors")
      #expect(wide == (try workshop.bytes("whole/ckpt-2/model.safetensors")))
      let configuration = try String(
        contentsOfFile: workshop.path("run/final/config.json"), encoding: .utf8)
      #expect(configuration.contains(type == "f16" ? "\"float16\"" : "\"bfloat16\""))
      // transformers refuses a 1 where it expects 1.0.
      #expect(configuration.contains("\"initializer_factor\": 1.0"))
    }
  }

  @Test("accumulated gradients and Adafactor resume to the bit too")
  func others() throws {
    try TrainingWorkshop.run { workshop in
      let settings = [
        "optimiser=adafactor", "accumulation=2", "batch=4", "piece=2", "ema=0",
        "adafactor.min_dim_size_to_factor=16", "schedule=cosine",
      ]
      func recipe(_ output: String) throws -> Recipe {
        _ = try workshop.recipe(output)
        return try Recipe(contentsOf: workshop.path("recipe.toml"), settings: settings)
      }
      try train(recipe("whole"))
      #expect(throws: CancellationError.self) { try train(recipe("parts"), stopAfter: 2) }
      try train(recipe("parts"), resuming: true)
      #expect(
        try workshop.bytes("whole/final/model.safetensors")
          == workshop.bytes("parts/final/model.safetensors"))
    }
  }

  // MARK: What goes wrong

  @Test("a folder with checkpoints is not trained over by accident")
  func twice() throws {
    try TrainingWorkshop.run { workshop in
      try train(workshop.recipe("run", "epochs=1"))
      let words = try failure { try train(workshop.recipe()) }
      #expect(
        words.hasSuffix("/run holds checkpoints, up to step 3 (resumingOrOtherOutput)"), "\(words)")
    }
  }

  @Test("two runs in one folder: the second is refused")
  func locked() throws {
    try TrainingWorkshop.run { workshop in
      let first = try TrainingRun(workshop.recipe(), resuming: false) { _ in }
      let words = try failure { try train(workshop.recipe()) }
      #expect(words.contains("another run is writing to this folder"))
      withExtendedLifetime(first) {}
    }
  }

  @Test("a loss that is no number stops the run; the last checkpoint is intact")
  func notANumber() throws {
    try TrainingWorkshop.run { workshop in
      try train(workshop.recipe("run", "epochs=1"))
      let before = try workshop.bytes("run/ckpt-1/trainer/weights.safetensors")
      // Each step multiplies the weights by 1 − 9 · 10.
      let recipe = try workshop.recipe(
        "run", "epochs=40", "learning_rate=9", "weight_decay=10", "schedule=constant", "clip=0",
        "save_every_epochs=40")
      let words = try failure { try train(recipe, resuming: true) }
      #expect(words.contains("no finite number at step"))
      #expect(words.contains("ckpt-1 (step 3) is intact"))
      #expect(try workshop.bytes("run/ckpt-1/trainer/weights.safetensors") == before)
    }
  }

  @Test("a checkpoint of another size is refused by the tensor that differs")
  func otherSize() throws {
    try TrainingWorkshop.run { workshop in
      try train(workshop.recipe("run", "epochs=1"))
      let path = workshop.path("tiny/config.json")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacingOccurrences(of: "\"hidden_size\": 32", with: "\"hidden_size\": 48")
        .write(toFile: path, atomically: true, encoding: .utf8)
      let words = try failure { try train(workshop.recipe(), resuming: true) }
      #expect(words.contains("the checkpoint is of another size; choose another output folder"))
      #expect(try workshop.names("run").contains("ckpt-1"))
    }
  }

  @Test(
    "a batch larger than the data, and a data set without one usable pair, are told at the start")
  func tooLittle() throws {
    try TrainingWorkshop.run { workshop in
      let large = try failure { try train(workshop.recipe("a", "batch=25")) }
      #expect(
        large
          == "batch is 25, larger than the data: an epoch has 24 pairs "
          + #"(settings(["batch=8", "warmup_steps=0"]))"#)
      let accumulated = try failure { try train(workshop.recipe("b", "accumulation=4")) }
      #expect(
        accumulated
          == "batch · accumulation is 32, larger than the data: an epoch has 24 pairs "
          + #"(settings(["batch=8", "accumulation=1", "warmup_steps=0"]))"#)
      let empty = try failure {
        try train(workshop.recipe("c", "data.0.images=\(workshop.path("tiny"))"))
      }
      #expect(empty.contains("train.jsonl: not one usable pair"))
      let lines = try String(contentsOfFile: workshop.path("train.jsonl"), encoding: .utf8)
      try lines.split(separator: "\n").filter { $0.contains("beach_") }.joined(separator: "\n")
        .write(toFile: workshop.path("beaches.jsonl"), atomically: true, encoding: .utf8)
      let alone = try failure {
        try train(
          workshop.recipe(
            "e", "batch=4", "category_loss=1",
            "data.0.captions=[\"\(workshop.path("beaches.jsonl"))\"]"))
      }
      #expect(
        alone.hasPrefix(
          "category_loss is 1.0, but folders and names of the pictures tell 1 category,"))
      let warm = try failure { try train(workshop.recipe("d", "warmup_steps=6")) }
      #expect(
        warm
          == #"warmup_steps is 6, expected fewer than the run's 6 steps (settings(["warmup_steps=0"]))"#
      )
    }
  }

  @Test("one picture that vanishes is told and left out")
  func vanished() throws {
    try TrainingWorkshop.run { workshop in
      let told = Told()
      let run = try TrainingRun(workshop.recipe(), resuming: false) { told.hear($0) }
      let gone = workshop.path("photos/port_2.jpg")
      try FileManager.default.removeItem(atPath: gone)
      try run.train { false }
      #expect(told.points.count == 6)
      let notes = told.notes.withLock { $0 }.filter { $0.contains("port_2") }
      #expect(notes.count == 1)
      #expect(
        notes.first?.contains("port_2.jpg: cannot be read: No such file or directory") == true)
    }
  }

  @Test("pictures that all vanish stop the run, which is saved and goes on when they are back")
  func allVanished() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe("run", "cache_mib=0", "epochs=20", "save_every_epochs=20")
      let told = Told()
      let words = try failure {
        let run = try TrainingRun(recipe, resuming: false) { told.hear($0) }
        try run.train {
          if told.points.count == 2 {
            try? FileManager.default.moveItem(
              atPath: workshop.path("photos"), toPath: workshop.path("away"))
          }
          return false
        }
      }
      #expect(words.contains("vanished or cannot be read"))
      #expect(words.hasSuffix(" (resumingWithPictures)"), "\(words)")
      #expect(!words.contains("\n"))
      let saved = told.points.count
      try FileManager.default.moveItem(
        atPath: workshop.path("away"), toPath: workshop.path("photos"))
      #expect(throws: CancellationError.self) {
        try train(recipe, resuming: true, stopAfter: 1)
      }
      #expect(saved >= 2)
    }
  }

  @Test("a setting that changed since the checkpoint is named")
  func changed() throws {
    try TrainingWorkshop.run { workshop in
      try train(workshop.recipe("run", "epochs=1"))
      let told = try train(workshop.recipe("run", "beta2=0.99"), resuming: true)
      let notes = told.notes.withLock { $0 }
      #expect(
        notes.filter { $0.hasPrefix("changed") }
          == ["changed since the checkpoint at step 3: beta2, length"])
    }
  }
}
