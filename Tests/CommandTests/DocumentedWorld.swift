import Foundation
import LoopbackHub
import TestSupport

/// A folder with everything that the documents speak of, made from drawn scenes, and hubs with the
/// repositories that they pull from.
///
///     work/      where the examples are run: pictures, captions, collections, recipes, assets
///     shared/    pictures and captions where the recipes of the shipped models look for them
///     home/      the user's home
struct DocumentedWorld {
  let folder: URL
  let hubs: [LoopbackHub]

  /// Photographs that examples name, and the scenes that stand for them.
  private static let photographs = [
    "airport_12.jpg": "airport_1.jpg", "airport_348.jpg": "airport_2.jpg",
    "port_1.jpg": "port_1.jpg", "port_2.jpg": "port_2.jpg", "photo.jpg": "airport_3.jpg",
    "river_1.jpg": "river_1.jpg",
  ]
  private static let models = [
    "work/runs/a/best", "work/runs/b/best", "work/runs/clip-mini/final",
    "home/models/clip-rsicd-v2",
  ]

  /// - Parameter models: Folders of the working folder that are models in these examples.
  init(in folder: URL, models: [String] = []) throws {
    self.folder = folder
    hubs = try Self.hubs()
    try makeFolders(models)
    try makePictures()
    for (collection, pictures) in [("rsicd", "rsicd_images"), ("images", "photos")] {
      try must(
        "clip-rsicd index \(pictures) --captions \(pictures)/captions.jsonl "
          + "--into \(collection).sqlite")
    }
  }

  func place(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// Runs a line in a shell, as if it had been pasted.
  func paste(_ line: String) throws -> CommandResult {
    try run(
      ["-c", line.replacing("/media/stick", with: place("media/stick").path)],
      executable: URL(fileURLWithPath: "/bin/sh"), environment: environment(for: line),
      directory: place("work"))
  }

  func environment(for line: String) -> [String: String] {
    var values = [
      "PATH": place("bin").path + ":/usr/bin:/bin", "HOME": place("home").path,
      "HF_ENDPOINT": "http://127.0.0.1:1",
    ]
    if let hub = hubs.first(where: { line.contains($0.id) }) { values["HF_ENDPOINT"] = hub.address }
    return values
  }

  private func must(_ line: String) throws {
    let result = try paste(line)
    guard result.status == 0 else { throw Workshop.Failure(text: "\(line): \(result.stderr)") }
  }

  private static func hubs() throws -> [LoopbackHub] {
    let folder = URL(fileURLWithPath: Places.model("rsicd-mini"))
    var model: [String: LoopbackHub.File] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
      model[name] = LoopbackHub.File(bytes: bytes, isLarge: name.hasSuffix(".safetensors"))
    }
    let weights = LoopbackHub.File(bytes: LoopbackHub.noise(1000), isLarge: true)
    return [
      try LoopbackHub("flax-community/clip-rsicd-v2", files: model),
      try LoopbackHub("openai/clip-vit-base-patch32", files: model),
      try LoopbackHub("chendelong/RemoteCLIP", files: ["RemoteCLIP-ViT-B-32.pt": weights]),
      try LoopbackHub("Zilun/GeoRSCLIP", files: ["ckpt/RS5M_ViT-B-32.pt": weights]),
      try LoopbackHub(
        "arampacha/rsicd", kind: "datasets", files: ["data/train.parquet": weights]),
    ]
  }

  private func makeFolders(_ models: [String]) throws {
    let files = FileManager.default
    for name in [
      "bin", "home/models", "media/stick", "work/runs/a", "work/runs/b", "work/runs/clip-mini",
      "shared/data",
    ] {
      try files.createDirectory(at: place(name), withIntermediateDirectories: true)
    }
    try files.createSymbolicLink(
      at: place("work/assets"),
      withDestinationURL: Places.package.appendingPathComponent("assets"))
    try files.createSymbolicLink(
      at: place("bin/clip-rsicd"), withDestinationURL: Places.executable)
    for name in Self.models + models.map({ "work/\($0)" }) {
      try files.copyItem(at: URL(fileURLWithPath: Places.model("rsicd-mini")), to: place(name))
    }
    try files.copyItem(
      at: Places.fixtures.appendingPathComponent("cases/bands-of-three/bgr.tif"),
      to: place("work/scene.tif"))
    for name in ["tile.tif", "yard.tif", "tile_20200815.tif", "tile_20210820.tif"] {
      try FileManager.default.copyItem(
        at: Places.fixtures.appendingPathComponent("scenes/tiled.tif"), to: place("work/\(name)"))
    }
    try Data("airport\nport\nstorage tanks\n".utf8).write(to: place("work/my-classes.txt"))
    try makeRecipes()
  }

  /// The recipes as they are, but for the length of the run.
  private func makeRecipes() throws {
    let files = FileManager.default
    let recipes = Places.package.appendingPathComponent("recipes")
    try files.copyItem(at: recipes, to: place("work/recipes"))
    for name in try files.contentsOfDirectory(atPath: recipes.path) where name.hasSuffix(".toml") {
      let text = try String(contentsOf: recipes.appendingPathComponent(name), encoding: .utf8)
      let short = text.replacing(/(?m)^epochs = [0-9]+/, with: "steps = 2")
        .replacing(/(?m)^warmup_steps = .*$/, with: "warmup_steps = 1")
        .replacing(/batch = [0-9]+/, with: "batch = 16")
        .replacing(/scenes = [0-9]+/, with: "scenes = 1")
        .replacing(/seeds = \[.*\]/, with: "seeds = [1000, 1000]")
      try Data(short.utf8).write(to: place("work/recipes/\(name)"))
    }
    try files.copyItem(at: place("work/recipes/my-photos.toml"), to: place("work/mine.toml"))
  }

  private func makePictures() throws {
    let files = FileManager.default
    for (days, into) in [
      (["20200815"], "before"), (["20210820"], "after"), (["20200815", "20210820"], "tiles"),
    ] {
      let names = days.map { "tile_\($0).tif" }.joined(separator: " ")
      try must("clip-rsicd index --scenes \(names) --pixels 64 --into \(into).sqlite")
    }
    for (name, seed) in [("rsicd_images", 2), ("photos", 3)] {
      try must("clip-rsicd scenes --into \(name) --count 3 --seed \(seed)")
    }
    for copy in ["work/RSICD_images", "work/flickr8k", "shared/data/rsicd"] {
      try files.copyItem(at: place("work/rsicd_images"), to: place(copy))
    }
    for (copy, scene) in Self.photographs {
      try files.copyItem(at: place("work/rsicd_images/\(scene)"), to: place("work/\(copy)"))
    }
    let scenes = try JSONLines(
      String(contentsOf: place("work/rsicd_images/captions.jsonl"), encoding: .utf8)
    ).objects
    let tested = scenes.map { $0.merging(["split": "test"]) { $1 } }
    for name in ["test_rsicd", "test_flickr8k", "photos"] {
      try write(tested, to: "work/\(name).jsonl")
    }
    for name in ["train_rsicd", "textaug_train_rsicd", "valid_rsicd"] {
      try write(scenes, to: "shared/data/rsicd/\(name).jsonl")
    }
    try write([Self.dataset(tested)], to: "work/dataset_rsicd.json")
    try write(scenes.filter { "\($0)".contains("_1.jpg") }, to: "work/photos/valid.jsonl")
    try write(scenes.filter { !"\($0)".contains("_1.jpg") }, to: "work/photos/train.jsonl")
    let splits = ["1": "val", "2": "test", "3": "train"]
    let rows = scenes.flatMap { line -> [String] in
      let name = line["filename"] as? String ?? ""
      let split = splits[String(name.dropLast(4).suffix(1))] ?? ""
      return (line["captions"] as? [String] ?? []).map { "\(name),\"\($0)\",\(split)" }
    }
    try Data((["filepath,title,split"] + rows).joined(separator: "\n").utf8)
      .write(to: place("work/photos/captions.csv"))
  }

  /// Captions in the form in which RSICD comes.
  private static func dataset(_ lines: [[String: Any]]) -> [String: Any] {
    let images = lines.map { line -> [String: Any] in
      let captions = line["captions"] as? [String] ?? []
      return [
        "filename": line["filename"] ?? "", "split": "test",
        "sentences": captions.map { ["raw": $0] },
      ]
    }
    return ["dataset": "RSICD", "images": images]
  }

  private func write(_ objects: [[String: Any]], to name: String) throws {
    let lines = try objects.map {
      String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: place(name))
  }
}
