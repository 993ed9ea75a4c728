import CLIP
import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  /// A stream of its own for each part of what a seed decides.
  package init(_ seed: UInt64, stream: UInt64) {
    var mixed = SplitMix64(seed ^ (stream &* 0xD134_2543_DE82_EF95))
    state = mixed.next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< 1
  package mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

  /// Standard normal numbers, two at a time (Box and Muller 1958).
  mutating func normals() -> (Double, Double) {
    let radius = (-2 * log(1 - unit())).squareRoot()
    let angle = 2 * Double.pi * unit()
    return (radius * cos(angle), radius * sin(angle))
  }
}

/// How the weights of a run from scratch are drawn.
public enum InitialWeights: String, Sendable, CaseIterable {
  /// As transformers draws them.
  case transformers
  /// The vision tower's attention begins as that of trained models looks (Trockman and Kolter 2023,
  /// "Mimetic Initialization of Self-Attention Layers"): tokens look at their like and at their
  /// neighbours. Worth several epochs where pictures are few.
  case mimetic
}

/// Parameters to train from scratch, distributed as `CLIPPreTrainedModel._init_weights` of
/// transformers leaves them for initializer_factor 1, initializer_range 0.02 and
/// logit_scale_init_value 2.6592.
enum Initialisation {
  static func values(
    _ configuration: CLIPConfiguration, _ layout: ParameterLayout, seed: UInt64,
    _ weights: InitialWeights = .transformers
  ) -> [Float] {
    var values = [Float](repeating: 0, count: layout.count)
    for (index, entry) in layout.entries.enumerated() {
      switch distribution(of: entry.name, configuration) {
      case .constant(let value):
        for place in entry.range { values[place] = value }
      case .normal(let deviation):
        var random = SplitMix64(seed, stream: UInt64(index))
        var place = entry.range.lowerBound
        while place < entry.range.upperBound {
          let (first, second) = random.normals()
          values[place] = Float(first * deviation)
          if place + 1 < entry.range.upperBound { values[place + 1] = Float(second * deviation) }
          place += 2
        }
      }
    }
    if weights == .mimetic { MimeticInitialisation.apply(to: &values, configuration, layout) }
    return values
  }

  private enum Distribution {
    case constant(Float)
    case normal(deviation: Double)
  }

  private static func distribution(of name: String, _ configuration: CLIPConfiguration)
    -> Distribution
  {
    if name == "logit_scale" { return .constant(2.6592) }
    if name.hasSuffix(".bias") { return .constant(0) }
    let isText = name.hasPrefix("text_")
    let sizes = isText ? configuration.text : configuration.vision
    let narrow = 1 / Double(sizes.width).squareRoot()
    let deep = 1 / Double(2 * sizes.layers).squareRoot()
    if name.hasSuffix("_projection.weight") { return .normal(deviation: narrow) }
    if name.hasSuffix("class_embedding") { return .normal(deviation: narrow) }
    if name.contains(".embeddings.") { return .normal(deviation: 0.02) }
    if name.hasSuffix("out_proj.weight") { return .normal(deviation: narrow) }
    if name.contains(".self_attn.") { return .normal(deviation: narrow * deep) }
    if name.hasSuffix("fc1.weight") {
      return .normal(deviation: 1 / Double(2 * sizes.width).squareRoot())
    }
    if name.hasSuffix("fc2.weight") { return .normal(deviation: narrow * deep) }
    return .constant(1)
  }
}
