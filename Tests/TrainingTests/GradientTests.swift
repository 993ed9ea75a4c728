import RandomNumbers
import Transformers
import Models
import Foundation
import TestSupport
import Testing
import Training

/// The gradient against finite differences and against itself, on a small model from scratch.
@Suite struct GradientTests {
  private static func configuration(activation: String) throws -> CLIPConfiguration {
    let text = """
      {"model_type": "clip", "projection_dim": 24,
       "text_config": {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 2, "max_position_embeddings": 12, "vocab_size": 40,
        "hidden_act": "\(activation)", "eos_token_id": 39},
       "vision_config": {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 3, "image_size": 16, "patch_size": 4,
        "hidden_act": "\(activation)"}}
      """
    return try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("config.json")
      try Data(text.utf8).write(to: file)
      return try CLIPConfiguration(contentsOf: file.path)
    }
  }

  private static func model(_ activation: String = "quick_gelu", threads: Int = 2) throws
    -> TrainableModel
  {
    let model = try TrainableModel(
      configuration: configuration(activation: activation), seed: 3, threads: threads)
    // Larger than at the start of a training, so that every path carries something.
    var random = RandomNumbers(seed: 5)
    for index in model.values.indices {
      model.values[index] += Float(random.unit() - 0.5) * 0.3
    }
    model.values[0] = 1.5
    return model
  }

  private static func batch(_ count: Int) -> TrainingBatch {
    var random = RandomNumbers(seed: 11)
    let pixels = (0..<count * 3 * 16 * 16).map { _ in Float(random.unit() * 4 - 2) }
    let tokens = (0..<count).map { pair in
      [Int32(38)] + (0..<2 + pair % 7).map { _ in Int32(random.next() % 38) } + [39]
    }
    return TrainingBatch(
      pixels: pixels, tokens: tokens, imageKeys: (0..<count).map { $0 / 2 },
      captionKeys: (0..<count).map { $0 % 5 }, categories: (0..<count).map { $0 % 4 - 1 },
      prompts: [[38, 7, 39], [38, 8, 9, 39], [38, 7, 10, 11, 39]])
  }

  private static func gradient(
    _ model: TrainableModel, _ batch: TrainingBatch, _ settings: LossSettings = LossSettings()
  ) throws -> (values: [Float], loss: Float) {
    var gradient = [Float](repeating: 0, count: model.parameters.count)
    let loss = try model.addGradient(of: batch, settings: settings, seed: 7, to: &gradient)
    return (gradient, loss)
  }

  private static func distance(_ a: [Float], _ b: [Float]) -> Double {
    let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
    let size = b.reduce(0.0) { $0 + pow(Double($1), 2) }
    return (difference / size).squareRoot()
  }

  @Test(
    "each parameter's gradient is the slope of the loss",
    arguments: ["quick_gelu", "gelu"], [false, true])
  func finiteDifferences(activation: String, isWhole: Bool) throws {
    let model = try Self.model(activation)
    let batch = Self.batch(6)
    var settings = LossSettings(equalCaptionsArePositives: isWhole, patchDropout: 0.25)
    if isWhole { (settings.categoryWeight, settings.categorySmoothing) = (0.7, 0.1) }
    let start = model.values
    let gradient = try Self.gradient(model, batch, settings).values
    for entry in model.parameters.entries where !entry.name.hasSuffix("k_proj.bias") {
      // Along the gradient of this parameter alone the loss rises by its length.
      let slice = gradient[entry.range]
      let length = slice.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(length > 0, "\(entry.name)")
      let step = 4e-3 / max(1, length)
      func loss(_ sign: Double) throws -> Double {
        model.values = start
        for place in entry.range {
          model.values[place] += Float(sign * step * Double(gradient[place]) / length)
        }
        return Double(try Self.gradient(model, batch, settings).loss)
      }
      let slope = try (loss(1) - loss(-1)) / (2 * step)
      #expect(
        abs(slope - length) <= 0.02 * length + 1e-3, "\(entry.name): \(slope), not \(length)")
    }
  }

  @Test("gradient caching has the gradient of the whole batch", arguments: [1, 4, 5, 16])
  func cached(piece: Int) throws {
    let model = try Self.model()
    let batch = Self.batch(16)
    var settings = LossSettings(equalCaptionsArePositives: true, patchDropout: 0.5)
    settings.categoryWeight = 0.5
    let whole = try Self.gradient(model, batch, settings)
    settings.negatives = .global(piece: piece)
    let pieces = try Self.gradient(model, batch, settings)
    #expect(abs(whole.loss - pieces.loss) < 1e-6)
    #expect(Self.distance(pieces.values, whole.values) < 1e-5)
  }

  @Test("the loss over categories is the cross-entropy of zero-shot classification")
  func categories() throws {
    let model = try Self.model()
    let batch = Self.batch(8)
    var settings = LossSettings()
    let plain = try Self.gradient(model, batch, settings).loss
    settings.categoryWeight = 2
    let found = (try Self.gradient(model, batch, settings).loss - plain) / 2

    var asked = batch
    asked.tokens = (0..<8).map { batch.prompts[$0 % 3] }
    let vectors = try model.embeddings(of: asked)
    let width = model.configuration.projectionWidth
    let scale = exp(Double(model.values[0]))
    var expected = 0.0
    for (image, category) in batch.categories.enumerated() where category >= 0 {
      let logits = (0..<3).map { prompt in
        scale
          * (0..<width).reduce(0.0) {
            $0 + Double(vectors.images[image * width + $1])
              * Double(vectors.texts[prompt * width + $1])
          }
      }
      expected += (log(logits.reduce(0) { $0 + exp($1) }) - logits[category]) / 8
    }
    #expect(abs(Double(found) - expected) < 1e-5)
  }

  @Test("pairs of the same picture, and pairs of equal captions, are right for each other")
  func equalCaptions() throws {
    let model = try Self.model()
    let batch = Self.batch(6)
    var settings = LossSettings()
    settings.equalCaptionsArePositives = true
    let found = try Self.gradient(model, batch, settings).loss

    let vectors = try model.embeddings(of: batch)
    let width = model.configuration.projectionWidth
    let scale = exp(Double(model.values[0]))
    func logit(_ image: Int, _ text: Int) -> Double {
      let pairs = zip(
        vectors.images[image * width..<(image + 1) * width],
        vectors.texts[text * width..<(text + 1) * width])
      return scale * pairs.reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    let logits: [[Double]] = (0..<6).map { image in (0..<6).map { logit(image, $0) } }
    // Pictures 0 and 1, 2 and 3, 4 and 5 are the same; so are the captions of 0 and 5.
    let right = [[0, 1, 5], [0, 1], [2, 3], [2, 3], [4, 5], [0, 4, 5]]
    var expected = 0.0
    for (place, others) in right.enumerated() {
      let row = log(logits[place].reduce(0) { $0 + exp($1) })
      let column = log(logits.reduce(0) { $0 + exp($1[place]) })
      for other in others {
        let both = row - logits[place][other] + column - logits[other][place]
        expected += both / Double(12 * others.count)
      }
    }
    #expect(abs(Double(found) - expected) < 1e-5)
  }

  @Test("categories that do not fit the batch are refused")
  func wrongCategories() throws {
    let model = try Self.model()
    var batch = Self.batch(4)
    var settings = LossSettings()
    settings.categoryWeight = 1
    batch.categories[2] = 3
    #expect(throws: TrainingError.self) { try Self.gradient(model, batch, settings) }
    batch.categories = []
    #expect(throws: TrainingError.self) { try Self.gradient(model, batch, settings) }
  }

  @Test("mimetic weights: a token's query is nearest to its own key, and to its neighbours' places")
  func mimetic() throws {
    let model = try TrainableModel(
      configuration: Self.configuration(activation: "gelu"), seed: 3, weights: .mimetic, threads: 1)
    let width = 48
    func weight(_ name: String) throws -> [Float] {
      let entry = try #require(model.parameters["vision_model." + name])
      return Array(model.values[entry.range])
    }
    for block in 0..<2 {
      let prefix = "encoder.layers.\(block).self_attn."
      #expect(
        try weight(prefix + "q_proj.weight") == weight(prefix + "k_proj.weight"))
      let (value, out) = (
        try weight(prefix + "v_proj.weight"), try weight(prefix + "out_proj.weight")
      )
      // The trace of output · values is −0.4 of the width.
      let trace = (0..<width * width).reduce(0.0) {
        $0 + Double(out[$1]) * Double(value[$1 % width * width + $1 / width])
      }
      #expect(abs(trace + 0.4 * Double(width)) < 0.1)
    }
    let positions = try weight("embeddings.position_embedding.weight")
    func likeness(_ a: Int, _ b: Int) -> Float {
      (0..<width).reduce(0) {
        $0 + positions[(a + 1) * width + $1] * positions[(b + 1) * width + $1]
      }
    }
    #expect(likeness(5, 6) > likeness(5, 7))
    #expect(likeness(5, 9) > likeness(5, 13))
    #expect(abs(likeness(5, 6) - likeness(5, 9)) < 1e-4)
  }

  @Test("the local loss is the mean of its groups'")
  func local() throws {
    let model = try Self.model()
    let batch = Self.batch(8)
    let local = try Self.gradient(model, batch, LossSettings(negatives: .local(group: 4)))
    var sum = [Float](repeating: 0, count: model.parameters.count)
    var loss: Float = 0
    for part in [0..<4, 4..<8] {
      let half = TrainingBatch(
        pixels: Array(batch.pixels[part.lowerBound * 768..<part.upperBound * 768]),
        tokens: Array(batch.tokens[part]), imageKeys: Array(batch.imageKeys[part]),
        captionKeys: Array(batch.captionKeys[part]))
      let result = try Self.gradient(model, half)
      for index in sum.indices { sum[index] += result.values[index] / 2 }
      loss += result.loss / 2
    }
    #expect(abs(local.loss - loss) < 1e-6)
    #expect(Self.distance(local.values, sum) < 1e-5)
    #expect(
      abs(try model.loss(of: batch, settings: .init(negatives: .local(group: 4))) - loss) < 1e-6)
  }

  @Test("the same call gives the same bits, and adds to what is there")
  func deterministic() throws {
    let model = try Self.model()
    let batch = Self.batch(24)
    let settings = LossSettings(patchDropout: 0.3)
    var first = try Self.gradient(model, batch, settings).values
    #expect(try first == Self.gradient(model, batch, settings).values)
    #expect(try first == Self.gradient(Self.model(), batch, settings).values)
    let once = first
    _ = try model.addGradient(of: batch, settings: settings, seed: 7, to: &first)
    #expect(Self.distance(first, once.map { 2 * $0 }) < 1e-6)
    var other = [Float](repeating: 0, count: model.parameters.count)
    _ = try model.addGradient(of: batch, settings: settings, seed: 8, to: &other)
    #expect(other != once)
  }

  @Test(
    "what is frozen has no gradient, and the rest has the same one",
    arguments: [
      ["vision_model.*"], ["text_model.encoder.layers.0.*", "text_model.embeddings.*"],
      ["*", "!*projection*"],
      ["*.bias"],
    ])
  func frozen(patterns: [String]) throws {
    let model = try Self.model()
    let batch = Self.batch(6)
    let whole = try Self.gradient(model, batch).values
    model.frozen = LayerPatterns(patterns)
    let found = try Self.gradient(model, batch).values
    for entry in model.parameters.entries {
      let expected =
        model.frozen.matches(entry.name)
        ? Array(repeating: 0, count: entry.range.count) : Array(whole[entry.range])
      #expect(Array(found[entry.range]) == expected, "\(entry.name)")
    }
  }

  @Test("logit_scale is held to ln 100")
  func clamped() throws {
    let model = try Self.model()
    model.values[0] = 6
    _ = try Self.gradient(model, Self.batch(2))
    #expect(model.values[0] == Float(log(100.0)))
  }

  @Test("a batch that does not fit is refused")
  func refused() throws {
    let model = try Self.model()
    var batch = Self.batch(3)
    batch.tokens[1] = [40]
    #expect(throws: TrainingError.self) { try Self.gradient(model, batch) }
    batch = Self.batch(3)
    batch.pixels.removeLast()
    #expect(throws: TrainingError.self) { try Self.gradient(model, batch) }
    #expect(throws: TrainingError.self) {
      try Self.gradient(model, Self.batch(3), LossSettings(patchDropout: 1))
    }
  }

  @Test("a tiny set is learnt by heart: every text finds its picture, every picture its text")
  func overfits() throws {
    let model = try TrainableModel(
      configuration: Self.configuration(activation: "quick_gelu"), seed: 1, threads: 2)
    let batch = Self.batch(12)
    var settings = AdamW.Settings()
    settings.weightDecay = 0
    var optimiser = AdamW(model.parameters, settings, threads: 2)
    for _ in 0..<80 {
      var gradient = try Self.gradient(model, batch).values
      _ = GradientClipping.clip(&gradient, to: 1, model.team)
      optimiser.update(&model.values, gradient: gradient, learningRate: 2e-3)
    }
    let (images, texts) = try model.embeddings(of: batch)
    func row(_ values: [Float], _ index: Int) -> ArraySlice<Float> {
      values[index * 24..<(index + 1) * 24]
    }
    for index in 0..<12 {
      let byText = (0..<12).map {
        zip(row(texts, index), row(images, $0)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let byImage = (0..<12).map {
        zip(row(images, index), row(texts, $0)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(byText.firstIndex(of: byText.max() ?? 0) == index)
      #expect(byImage.firstIndex(of: byImage.max() ?? 0) == index)
    }
  }

  @Test("a new model is distributed as transformers initialises it")
  func initialisation() throws {
    let model = try TrainableModel(
      configuration: Self.configuration(activation: "gelu"), seed: 2, threads: 1)
    func deviation(_ name: String) throws -> Double {
      let entry = try #require(model.parameters[name])
      let sum = model.values[entry.range].reduce(0.0) { $0 + Double($1) * Double($1) }
      return (sum / Double(entry.range.count)).squareRoot()
    }
    let narrow = 1 / Double(48).squareRoot()
    let block = "vision_model.encoder.layers.1."
    for (name, wanted) in [
      (block + "self_attn.q_proj.weight", narrow / 2),
      (block + "self_attn.out_proj.weight", narrow),
      (block + "mlp.fc1.weight", 1 / Double(96).squareRoot()),
      (block + "mlp.fc2.weight", narrow / 2),
      ("text_model.embeddings.token_embedding.weight", 0.02), ("visual_projection.weight", narrow),
    ] {
      #expect(abs(try deviation(name) / wanted - 1) < 0.1, "\(name)")
    }
    #expect(try deviation(block + "layer_norm1.weight") == 1)
    #expect(try deviation(block + "mlp.fc1.bias") == 0)
  }

  @Test("an average follows the parameters, quickly at first")
  func average() {
    var average = MovingAverage(decay: 0.9, values: [1, 1])
    average.update([2, 0])
    #expect(abs(average.values[0] - 1.9) < 1e-6 && abs(average.values[1] - 0.1) < 1e-6)
  }
}
