import Checkpoints
import Compute
import Foundation
import Imaging
import Models
import Synchronization
import TestSupport
import Testing
import Training
import Transformers

/// What a run computes and reports, against the same figures computed here from what it wrote.
@Suite struct RunFiguresTests {
  private typealias Told = TrainingRunTests.Told

  private func train(_ recipe: Recipe) throws -> Told {
    let told = Told()
    try TrainingRun(recipe, resuming: false) { told.hear($0) }.train { false }
    return told
  }

  private func floats(_ workshop: TrainingWorkshop, _ name: String, _ tensor: String) throws
    -> [Float]
  {
    let url = URL(fileURLWithPath: workshop.path(name))
    return try SafetensorsFixture(contentsOf: url).floats(tensor)
  }

  @Test("after the first step the average is a tenth of the start and nine tenths of the weights")
  func averageFollows() throws {
    try TrainingWorkshop.run { workshop in
      // A frozen run of one step holds the weights that the same seed starts from.
      _ = try train(
        workshop.recipe("start", "steps=1", "warmup_steps=0", "ema=0", "freeze=[\"*\"]"))
      _ = try train(workshop.recipe("run", "steps=1", "warmup_steps=0", "save_every=1"))
      let name = "text_projection.weight"
      let start = try floats(workshop, "start/final/model.safetensors", name)
      let weights = try floats(workshop, "run/ckpt-1/trainer/weights.safetensors", name)
      let average = try floats(workshop, "run/final/model.safetensors", name)
      #expect(weights != start)
      for (place, value) in average.enumerated() {
        #expect(abs(value - (0.1 * start[place] + 0.9 * weights[place])) < 1e-6)
      }
    }
  }

  @Test("logit_scale that a step throws above ln 100 is saved as ln 100")
  func scaleIsHeld() throws {
    try TrainingWorkshop.run { workshop in
      // A model that has learned its pairs gains by a higher scale, and the first step of Adam is as long as
      // the learning rate.
      let plain = [
        "batch=12", "piece=12", "augmentation={}", "patch_dropout=0", "ema=0", "warmup_steps=0",
        "schedule=constant", "data.0.caption_choice=first", "data.0.category_caption=0",
      ]
      _ = try workshop.recipe("learned")
      _ = try train(
        Recipe(
          contentsOf: workshop.path("recipe.toml"),
          settings: plain + ["epochs=30", "learning_rate=5e-3", "save_every_epochs=30"]))
      _ = try workshop.recipe("thrown")
      let file = workshop.path("recipe.toml")
      try String(contentsOfFile: file, encoding: .utf8)
        .replacing(/scratch = .*/, with: "model = \"\(workshop.path("learned/final"))\"")
        .write(toFile: file, atomically: true, encoding: .utf8)
      let thrown = plain + ["steps=1", "learning_rate=9", "freeze=[\"*\", \"!logit_scale\"]"]
      _ = try train(Recipe(contentsOf: file, settings: thrown))
      func scale(_ run: String) throws -> Float {
        try floats(workshop, "\(run)/final/model.safetensors", "logit_scale")[0]
      }
      #expect(try scale("learned") < 4)
      #expect(try scale("thrown") == Float(log(100.0)))
    }
  }

  /// With all pairs in one batch and weights that stay as they are, only what is drawn anew makes the second
  /// epoch's loss another one.
  @Test(
    "each epoch draws its own captions and changes of pictures",
    arguments: [
      ([], false), (["data.0.caption_choice=random"], true),
      (["augmentation.horizontal_flip=0.5", "augmentation.brightness=0.5"], true),
    ] as [([String], Bool)])
  func epochs(settings: [String], differ: Bool) throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("run")
      let still = [
        "batch=24", "piece=24", "warmup_steps=0", "learning_rate=1e-12", "weight_decay=0", "ema=0",
        "patch_dropout=0", "data.0.category_caption=0", "data.0.caption_choice=first",
        "augmentation={}", "equal_captions=negatives",
      ]
      let told = try train(
        Recipe(contentsOf: workshop.path("recipe.toml"), settings: still + settings))
      #expect(told.points.count == 2)
      let change = abs(told.points[0].loss - told.points[1].loss)
      #expect(differ ? change > 1e-4 : change < 1e-5, "\(change)")
    }
  }

  @Test("the curve has each log_every-th step, and the last")
  func curve() throws {
    try TrainingWorkshop.run { workshop in
      let told = try train(workshop.recipe("run", "log_every=4"))
      #expect(told.points.filter(\.isLogged).map(\.step) == [4, 6])
    }
  }

  @Test("the best is the most accurate, and among equals the one of the lower loss")
  func best() throws {
    try TrainingWorkshop.run { workshop in
      let told = try train(
        workshop.recipe("run", "epochs=8", "eval_every=2", "learning_rate=5e-3", "ema=0"))
      var best: RunEvent.Evaluation?
      var isEverMoreAccurate = false
      for found in told.evaluations {
        let mine = try #require(found.accuracy?[0])
        let theirs = best?.accuracy?[0] ?? -1
        #expect(
          found.isBest == (mine > theirs || mine == theirs && found.loss < (best?.loss ?? 0)),
          "step \(found.step)")
        if best != nil, mine > theirs { isEverMoreAccurate = true }
        if found.isBest { best = found }
      }
      #expect(isEverMoreAccurate)
    }
  }

  @Test("the loss on the valid split is its batches' mean by pairs, the last one of two pairs too")
  func validLoss() throws {
    try TrainingWorkshop.run { workshop in
      let told = try train(
        workshop.recipe("run", "steps=1", "warmup_steps=0", "ema=0", "batch=10", "piece=10"))
      let found = try #require(told.evaluations.last)
      let model = try CLIPModel(contentsOf: workshop.path("run/final"))
      let pairs = try String(contentsOfFile: workshop.path("valid.jsonl"), encoding: .utf8)
        .split(separator: "\n").map { line in
          let value = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
          let name = try #require(value?["filename"] as? String)
          return (name, try #require((value?["captions"] as? [String])?.first))
        }
      #expect(pairs.count == 12)
      let images = try model.embed(
        images: pairs.map { try ImageReader().read(workshop.path($0.0)).pixels })
      let texts = try model.embed(texts: pairs.map(\.1))
      let scale = exp(try floats(workshop, "run/final/model.safetensors", "logit_scale")[0])
      var expected = 0.0
      for part in [0..<10, 10..<12] {
        func logit(_ image: Int, _ text: Int) -> Double {
          let cosine = zip(images[row: image], texts[row: text]).reduce(Float(0)) {
            $0 + $1.0 * $1.1
          }
          return Double(scale * cosine)
        }
        let logits: [[Double]] = part.map { image in part.map { logit(image, $0) } }
        for place in part.indices.map({ $0 - part.lowerBound }) {
          let row = logits[place].reduce(0.0) { $0 + exp($1) }
          let column = logits.reduce(0.0) { $0 + exp($1[place]) }
          expected += (log(row) + log(column) - 2 * logits[place][place]) / 24
        }
      }
      #expect(abs(found.loss - expected) < 1e-4, "\(found.loss), not \(expected)")
    }
  }

  @Test("clipping makes a mean of several passes' sum, and its norm is the mean's")
  func clipping() {
    let team = Team(threads: 1)
    var gradient: [Float] = [6, 8]
    #expect(GradientClipping.clip(&gradient, to: 1, passes: 2, team) == 5)
    #expect(abs(gradient[0] - 0.6) < 1e-6 && abs(gradient[1] - 0.8) < 1e-6)
    gradient = [6, 8]
    #expect(GradientClipping.clip(&gradient, to: 0, passes: 2, team) == 5)
    #expect(gradient == [3, 4])
  }

  @Test("Adafactor keeps rows and columns of a matrix from the size on that the setting names")
  func factored() throws {
    for (side, isFactored) in [(127, false), (128, true)] {
      let optimiser = Adafactor(
        ParameterTable([Parameter("matrix.weight", [side, 140], .constant(0))]))
      let counts = optimiser.state.reduce(into: [:]) { $0[$1.name] = $1.values.count }
      #expect(counts["adafactor.rows"] == (isFactored ? side : 0))
      #expect(counts["adafactor.columns"] == (isFactored ? 140 : 0))
      #expect(counts["adafactor.squares"] == (isFactored ? 0 : side * 140))
    }
  }

  @Test("a name is near with two changes, in a long one with a third of its letters, else not")
  func nearestName() {
    let known = ["search", "similar", "augmentation.horizontal_flip"]
    #expect(NearestName.of("serach", among: known) == "search")
    #expect(NearestName.of("sech", among: known) == "search")
    #expect(NearestName.of("sec", among: known) == nil)
    #expect(NearestName.of("augmentation.horzntl_flp", among: known) == known[2])
    #expect(NearestName.of("classify", among: known) == nil)
  }
}
