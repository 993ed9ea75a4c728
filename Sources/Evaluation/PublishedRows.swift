/// One row of a table of models: the share of images whose category is within the first k.
public struct AccuracyRow: Sendable, Equatable {
  public let model: String
  /// Share of hits, 0…1, for each of ``ZeroShotAccuracy/ks``.
  public let accuracy: [Double]
  /// `nil` for a published row, the number of images for one measured here.
  public let count: Int?

  public init(model: String, accuracy: [Double], count: Int?) {
    self.model = model
    self.accuracy = accuracy
    self.count = count
  }
}

/// The table of the original project: openai/clip-vit-base-patch32 and nine fine-tuned runs on RSICD's
/// test images, as published.
public enum PublishedRows {
  public static let all: [AccuracyRow] = [
    row("baseline", 0.572, 0.745, 0.837, 0.939),
    row("bs128x8-lr1e-4-augs/ckpt-2", 0.819, 0.950, 0.974, 0.994),
    row("bs128x8-lr1e-4-imgaugs/ckpt-2", 0.812, 0.942, 0.970, 0.991),
    row("bs128x8-lr1e-4-imgaugs-textaugs/ckpt-4", 0.843, 0.958, 0.977, 0.993),
    row("bs128x8-lr5e-5-imgaugs-textaugs/ckpt-8", 0.831, 0.959, 0.977, 0.994),
    row("bs128x8-lr5e-5-imgaugs/ckpt-4", 0.746, 0.906, 0.956, 0.989),
    row("bs128x8-lr5e-5-imgaugs-textaugs-2/ckpt-4", 0.811, 0.945, 0.972, 0.993),
    row("bs128x8-lr5e-5-imgaugs-textaugs-3/ckpt-5", 0.823, 0.946, 0.971, 0.992),
    row("bs128x8-lr5e-5-wd02/ckpt-4", 0.820, 0.946, 0.965, 0.990),
    row("bs128x8-lr5e-6-adam/ckpt-1", 0.883, 0.968, 0.982, 0.998),
  ]

  private static func row(_ model: String, _ accuracy: Double...) -> AccuracyRow {
    AccuracyRow(model: model, accuracy: accuracy, count: nil)
  }
}
