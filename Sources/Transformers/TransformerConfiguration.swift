import Compute

/// Sizes of one transformer.
public struct TransformerConfiguration: Sendable, Equatable {
  public let width: Int
  public let intermediateWidth: Int
  public let layers: Int
  public let heads: Int
  public let layerNormEpsilon: Float
  public let activation: Activation

  package init(
    width: Int, intermediateWidth: Int, layers: Int, heads: Int, layerNormEpsilon: Float,
    activation: Activation
  ) {
    self.width = width
    self.intermediateWidth = intermediateWidth
    self.layers = layers
    self.heads = heads
    self.layerNormEpsilon = layerNormEpsilon
    self.activation = activation
  }

  public var headWidth: Int { width / heads }
}
