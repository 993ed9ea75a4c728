import Imaging

extension ImagePreprocessing {
  /// OpenCLIP's `preprocess_cfg`: the shorter side to the model's, bicubic, centre crop; OpenAI's mean
  /// and deviation where it says none.
  /// - Parameters:
  ///   - path: open_clip_config.json; `nil` for OpenAI's own models.
  ///   - side: the vision tower's `image_size`.
  init(openCLIP path: String?, side: Int) throws {
    let settings = try path.map { try JSONFile($0).object("preprocess_cfg") }
    if let settings {
      for (name, wanted) in [("interpolation", "bicubic"), ("resize_mode", "shortest")]
      where try settings.text(name, default: wanted) != wanted {
        throw settings.wrong(name, "\(wanted), as in OpenAI's models")
      }
    }
    let normalization = Normalization(
      mean: try settings?.numbers("mean", default: Self.openAIMean, count: 3) ?? Self.openAIMean,
      standardDeviation: try settings?.numbers("std", default: Self.openAIDeviation, count: 3)
        ?? Self.openAIDeviation)
    do {
      try self.init(
        resize: .shortestEdge(side), crop: Size(width: side, height: side),
        normalization: normalization, library: .torchvision)
    } catch {
      throw CLIPError(file: path ?? "", problem: "\(error.reason)")
    }
  }

  static let openAIMean: [Float] = [0.481_454_66, 0.457_827_5, 0.408_210_73]
  static let openAIDeviation: [Float] = [0.268_629_54, 0.261_302_58, 0.275_777_11]
}
