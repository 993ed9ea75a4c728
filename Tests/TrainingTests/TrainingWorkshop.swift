import Models
import Foundation
import Imaging
import TestSupport
import Training

/// A folder with a few pictures and captions, a tiny model to train, and recipes for it.
struct TrainingWorkshop {
  let folder: URL

  static let categories = ["beach", "forest", "port", "river"]
  static let perCategory = 6

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func run<Result>(_ body: (TrainingWorkshop) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let workshop = TrainingWorkshop(folder: folder)
      try workshop.makePictures()
      try workshop.makeModel()
      return try body(workshop)
    }
  }

  private func makePictures() throws {
    try FileManager.default.createDirectory(
      atPath: path("photos"), withIntermediateDirectories: true)
    var lines: [String] = []
    for (hue, category) in Self.categories.enumerated() {
      for number in 1...Self.perCategory {
        let name = "\(category)_\(number).jpg"
        try Data(JPEG.encode(Self.picture(hue: hue, shade: number)))
          .write(to: folder.appendingPathComponent("photos/\(name)"))
        let captions = [
          "a \(category) seen from above", "\(category) number \(number)",
          "a \(category) seen from above",
        ].map { "\"\($0)\"" }.joined(separator: ", ")
        lines.append("{\"filename\": \"photos/\(name)\", \"captions\": [\(captions)]}")
      }
    }
    lines.append("{\"filename\": \"photos/lost_1.jpg\", \"captions\": [\"not there\"]}")
    try lines.joined(separator: "\n").write(
      toFile: path("train.jsonl"), atomically: true, encoding: .utf8)
    let valid = stride(from: 0, to: 24, by: 2).map { lines[$0] }
    try valid.joined(separator: "\n").write(
      toFile: path("valid.jsonl"), atomically: true, encoding: .utf8)
  }

  static func picture(hue: Int, shade: Int) throws -> Pixels {
    try Pixels(
      width: 40, height: 36,
      bytes: (0..<40 * 36).flatMap { place -> [UInt8] in
        let stripe = (place % 40 / (2 + hue) + place / 40 / (2 + shade)) % 2 == 0
        return (0..<3).map { $0 == hue % 3 ? (stripe ? 220 : 140) : UInt8(30 * shade) }
      })
  }

  /// A directory to start from scratch with: a tower of one block each, of 32 pixels, and the shipped
  /// vocabulary.
  private func makeModel() throws {
    let source = URL(fileURLWithPath: Places.model("clip-mini"))
    let model = folder.appendingPathComponent("tiny")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    for name in ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"] {
      try FileManager.default.copyItem(
        at: source.appendingPathComponent(name), to: model.appendingPathComponent(name))
    }
    let tower =
      "\"hidden_size\": 32, \"intermediate_size\": 64, \"num_hidden_layers\": 1, \"num_attention_heads\": 2"
    try """
    {"architectures": ["CLIPModel"], "model_type": "clip", "initializer_factor": 1.0,
         "projection_dim": 16,
     "text_config": {\(tower), "max_position_embeddings": 16, "vocab_size": 4096,
      "bos_token_id": 4094, "eos_token_id": 4095, "pad_token_id": 4095},
     "vision_config": {\(tower), "image_size": 32, "patch_size": 16}}
    """.write(to: model.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
    let size = "{\"height\": 32, \"width\": 32}"
    try "{\"crop_size\": \(size), \"size\": {\"shortest_edge\": 32}}".write(
      to: model.appendingPathComponent("preprocessor_config.json"), atomically: true,
      encoding: .utf8)
  }

  /// A recipe of 6 steps in 2 epochs, with augmentation and everything else that draws numbers.
  func recipe(_ output: String = "run", _ settings: String...) throws -> Recipe {
    try """
    scratch = "\(path("tiny"))"
    output = "\(path(output))"
    epochs = 2
    seed = 3
    threads = 2
    batch = 8
    piece = 4
    learning_rate = 3e-3
    weight_decay = 0.1
    clip = 1.0
    warmup_steps = 2
    ema = 0.9
    patch_dropout = 0.25
    equal_captions = "positives"
    log_every = 1

    [[data]]
    captions = "\(path("train.jsonl"))"
    images = "\(folder.path)"
    captions_per_image = 1
    caption_choice = "random"
    category_caption = 0.2

    [valid]
    captions = "\(path("valid.jsonl"))"
    images = "\(folder.path)"

    [augmentation]
    resized_crop = [0.5, 1.0]
    horizontal_flip = 0.5
    quarter_turns = true
    brightness = 0.3
    """.write(toFile: path("recipe.toml"), atomically: true, encoding: .utf8)
    return try Recipe(contentsOf: path("recipe.toml"), settings: settings)
  }

  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }
}
