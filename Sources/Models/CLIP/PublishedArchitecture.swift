import Compute

/// A vision transformer with its text tower, as OpenCLIP publishes its configuration under a name.
///
/// A state dict alone tells all sizes but two: how many heads there are, and which activation stands
/// between the layers. Widths and depths are as good as a name for the first; the second is ambiguous
/// wherever a model has a twin with `-quickgelu` at its end.
package struct PublishedArchitecture: Sendable, Equatable {
  /// As `open_clip.create_model` takes it: `ViT-B-32`, `ViT-B-32-quickgelu`.
  package let name: String
  package let imageSize: Int
  package let patchSize: Int
  package let vision: Tower
  package let text: Tower
  package let projectionWidth: Int
  package let activation: Activation

  package struct Tower: Sendable, Equatable {
    package let width: Int
    package let intermediateWidth: Int
    package let layers: Int
    package let headWidth: Int

    /// - Parameter wide: columns between the two layers; four times the width by default.
    init(_ width: Int, layers: Int, headWidth: Int = 64, wide: Int? = nil) {
      self.width = width
      self.layers = layers
      self.headWidth = headWidth
      intermediateWidth = wide ?? 4 * width
    }
  }

  private init(
    _ name: String, _ imageSize: Int, patch: Int, _ vision: Tower, _ text: Tower, projection: Int,
    isQuick: Bool = false
  ) {
    self.name = name + (isQuick ? Self.quickEnding : "")
    self.imageSize = imageSize
    patchSize = patch
    self.vision = vision
    self.text = text
    projectionWidth = projection
    activation = isQuick ? .quickGELU : .gelu
  }

  static let quickEnding = "-quickgelu"

  /// Those of open_clip 3.3's model_configs that are a vision transformer with a class token and OpenAI's
  /// text tower. Widths between the layers are theirs: `int(width * mlp_ratio)`.
  package static let all: [PublishedArchitecture] = {
    let base = Tower(512, layers: 12)
    let middle = Tower(640, layers: 12)
    let large = Tower(768, layers: 12)
    let huge = Tower(1024, layers: 24)
    let giant = Tower(1280, layers: 32)
    let small = Tower(384, layers: 12)
    let alternative = Tower(256, layers: 10)
    let b = Tower(768, layers: 12)
    let plus = Tower(896, layers: 12)
    let l = Tower(1024, layers: 24)
    let h = Tower(1280, layers: 32, headWidth: 80)
    let bigG = Tower(1664, layers: 48, headWidth: 104, wide: 8192)
    var found: [PublishedArchitecture] = []
    func add(
      _ name: String, _ image: Int, patch: Int, _ vision: Tower, _ text: Tower, _ projection: Int,
      hasQuickTwin: Bool = false
    ) {
      for isQuick in hasQuickTwin ? [false, true] : [false] {
        found.append(
          .init(
            name, image, patch: patch, vision, text, projection: projection, isQuick: isQuick))
      }
    }
    add("ViT-B-32", 224, patch: 32, b, base, 512, hasQuickTwin: true)
    add("ViT-B-32-256", 256, patch: 32, b, base, 512)
    add("ViT-B-16", 224, patch: 16, b, base, 512, hasQuickTwin: true)
    add("ViT-B-16-plus", 224, patch: 16, plus, middle, 640)
    add("ViT-B-16-plus-240", 240, patch: 16, plus, middle, 640)
    add("ViT-B-32-plus-256", 256, patch: 32, plus, middle, 640)
    add("ViT-L-14", 224, patch: 14, l, large, 768, hasQuickTwin: true)
    add("ViT-L-14-280", 280, patch: 14, l, large, 768)
    add("ViT-L-14-336", 336, patch: 14, l, large, 768, hasQuickTwin: true)
    add("ViT-L-16", 224, patch: 16, l, large, 768)
    add("ViT-L-16-320", 320, patch: 16, l, large, 768)
    add("ViT-H-14", 224, patch: 14, h, huge, 1024, hasQuickTwin: true)
    add("ViT-H-14-378", 378, patch: 14, h, huge, 1024, hasQuickTwin: true)
    add("ViT-H-16", 224, patch: 16, h, huge, 1024)
    add(
      "ViT-g-14", 224, patch: 14, Tower(1408, layers: 40, headWidth: 88, wide: 6144), huge, 1024)
    add("ViT-bigG-14", 224, patch: 14, bigG, giant, 1280, hasQuickTwin: true)
    add(
      "ViT-e-14", 224, patch: 14, Tower(1792, layers: 56, headWidth: 112, wide: 15_360),
      Tower(1280, layers: 36), 1280)
    add("ViT-M-16", 224, patch: 16, Tower(512, layers: 12), base, 512)
    add("ViT-M-32", 224, patch: 32, Tower(512, layers: 12), base, 512)
    add("ViT-M-32-alt", 224, patch: 32, Tower(512, layers: 12), small, 384)
    add("ViT-S-16", 224, patch: 16, Tower(384, layers: 12), small, 384)
    add("ViT-S-32", 224, patch: 32, Tower(384, layers: 12), small, 384)
    add("ViT-S-16-alt", 224, patch: 16, Tower(384, layers: 12), alternative, 256)
    add("ViT-S-32-alt", 224, patch: 32, Tower(384, layers: 12), alternative, 256)
    return found
  }()

  /// By its name, also in OpenAI's spelling: `ViT-B/32`.
  package init?(named name: String) {
    let wanted = name.replacing("/", with: "-").lowercased()
    guard let found = Self.all.first(where: { $0.name.lowercased() == wanted }) else { return nil }
    self = found
  }

  /// The sizes that weights show.
  struct Sizes: Sendable, Equatable {
    let imageSize: Int
    let patchSize: Int
    let visionWidth: Int
    let visionWide: Int
    let visionLayers: Int
    let textWidth: Int
    let textWide: Int
    let textLayers: Int
    let projectionWidth: Int
  }

  /// What of the weights' sizes is not this model's, in words; empty where all is. Pictures of another
  /// size and longer texts only need other positions, so they make no other model.
  func differences(from sizes: Sizes) -> [String] {
    let pairs = [
      ("patches of", sizes.patchSize, patchSize),
      ("vision width", sizes.visionWidth, vision.width),
      ("vision layers", sizes.visionLayers, vision.layers),
      ("vision width between the layers", sizes.visionWide, vision.intermediateWidth),
      ("text width", sizes.textWidth, text.width),
      ("text layers", sizes.textLayers, text.layers),
      ("text width between the layers", sizes.textWide, text.intermediateWidth),
      ("width of the shared space", sizes.projectionWidth, projectionWidth),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1), not \($0.2)" }
  }

  /// The published models of these sizes: those of the same picture size where there are any.
  static func fitting(_ sizes: Sizes) -> [PublishedArchitecture] {
    let fitting = all.filter { $0.differences(from: sizes).isEmpty }
    let exact = fitting.filter { $0.imageSize == sizes.imageSize }
    if !exact.isEmpty { return exact }
    // At a size that no model has, the one with a twin shows that both activations are in use.
    let twins = fitting.filter { $0.name.hasSuffix(quickEnding) }.map {
      String($0.name.dropLast(quickEnding.count))
    }
    let shortest = fitting.filter { twins.contains($0.name) || $0.name.hasSuffix(quickEnding) }
      .min { $0.name.count < $1.name.count }
    guard let shortest else { return Array(fitting.prefix(1)) }
    return fitting.filter {
      $0.name == shortest.name || $0.name == shortest.name + quickEnding
    }
  }
}
