import Imaging

extension ImagePreprocessing {
  /// preprocessor_config.json, in its new form (`"size": {"shortest_edge": 224}`) and its old one
  /// (`"size": 224`), with `CLIPImageProcessor`'s defaults for what it leaves out.
  /// - Parameters:
  ///   - side: the vision tower's `image_size`, which the result must have.
  ///   - object: in which the settings stand; `image_processor` in processor_config.json.
  /// - Throws: ``CLIPError`` that names the field, what was expected and what was found.
  public init(contentsOf path: String, side: Int, within object: String? = nil) throws {
    let whole = try JSONFile(path)
    let file = object.map { whole.object($0) } ?? whole
    guard try file.integer("resample", default: 3, in: 0...5) == 3 else {
      throw file.wrong("resample", "3 (bicubic), the only filter that CLIP models use here")
    }
    let factor = Float(try file.number("rescale_factor", default: 1.0 / 255, in: 1e-6...1e6))
    let normalization = Normalization(
      mean: try file.numbers(
        "image_mean", default: Self.openAIMean, count: 3),
      standardDeviation: try file.numbers(
        "image_std", default: Self.openAIDeviation, count: 3))
    do {
      try self.init(
        resize: try file.flag("do_resize", default: true) ? try Self.resize(file) : nil,
        crop: try file.flag("do_center_crop", default: true) ? try Self.crop(file) : nil,
        rescaleFactor: try file.flag("do_rescale", default: true) ? factor : nil,
        normalization: try file.flag("do_normalize", default: true) ? normalization : nil)
    } catch let error as ImageError {
      throw CLIPError(file: path, problem: "\(error.reason)")
    }
    guard output == Size(width: side, height: side) else {
      throw CLIPError(
        file: path,
        problem:
          "makes pictures of \(output.width) × \(output.height), config.json's image_size is "
          + "\(side); the two files do not belong together")
    }
  }

  private static func resize(_ file: JSONFile) throws -> Resize {
    guard file.isObject("size") else {
      return .shortestEdge(try file.integer("size", default: 224, in: 1...longestSide))
    }
    let size = file.object("size")
    if size.has("shortest_edge") {
      return .shortestEdge(try size.integer("shortest_edge", default: 224, in: 1...longestSide))
    }
    return .exact(try Self.size(size, in: file, named: "size"))
  }

  private static func crop(_ file: JSONFile) throws -> Size {
    guard file.isObject("crop_size") else {
      let side = try file.integer("crop_size", default: 224, in: 1...longestSide)
      return Size(width: side, height: side)
    }
    return try size(file.object("crop_size"), in: file, named: "crop_size")
  }

  private static func size(_ object: JSONFile, in file: JSONFile, named name: String) throws -> Size
  {
    guard object.has("width"), object.has("height") else {
      throw file.wrong(name, "a number, or an object with height and width")
    }
    return Size(
      width: try object.integer("width", default: 224, in: 1...longestSide),
      height: try object.integer("height", default: 224, in: 1...longestSide))
  }
}
