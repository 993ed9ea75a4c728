import CLIP
import Compute

/// Where the parameters of one residual attention block begin in the vector.
struct BlockPlaces: Sendable {
  let norm1Scale, norm1Shift: Int
  /// Key, value and query weights, `[3 · width, width]` together, and their biases.
  let attentionWeight, attentionBias: Int
  let outWeight, outBias: Int
  let norm2Scale, norm2Shift: Int
  let expandWeight, expandBias: Int
  let contractWeight, contractBias: Int

  init(_ layout: ParameterLayout, _ block: String) {
    norm1Scale = layout.start("\(block).layer_norm1.weight")
    norm1Shift = layout.start("\(block).layer_norm1.bias")
    attentionWeight = layout.start("\(block).self_attn.k_proj.weight")
    attentionBias = layout.start("\(block).self_attn.k_proj.bias")
    outWeight = layout.start("\(block).self_attn.out_proj.weight")
    outBias = layout.start("\(block).self_attn.out_proj.bias")
    norm2Scale = layout.start("\(block).layer_norm2.weight")
    norm2Shift = layout.start("\(block).layer_norm2.bias")
    expandWeight = layout.start("\(block).mlp.fc1.weight")
    expandBias = layout.start("\(block).mlp.fc1.bias")
    contractWeight = layout.start("\(block).mlp.fc2.weight")
    contractBias = layout.start("\(block).mlp.fc2.bias")
  }
}

/// Sizes of one tower and where its parameters begin.
struct TowerPlaces: Sendable {
  let sizes: TransformerConfiguration
  let blocks: [BlockPlaces]
  /// The layer norm behind the pooled row.
  let normScale, normShift: Int
  /// `[projectionWidth, width]`
  let projection: Int
  let projectionWidth: Int
  let isCausal: Bool
  /// The lowest block whose gradient is wanted; `blocks.count` for none.
  let lowestBlock: Int
  /// Whether the gradient of what is below the blocks is wanted.
  let stemIsTrained: Bool

  static func text(
    _ layout: ParameterLayout, _ configuration: CLIPConfiguration, frozen: LayerPatterns
  ) -> TowerPlaces {
    TowerPlaces(
      layout, configuration.text, tower: "text_model", norm: "text_model.final_layer_norm",
      projection: "text_projection.weight", width: configuration.projectionWidth, isCausal: true,
      frozen)
  }

  static func vision(
    _ layout: ParameterLayout, _ configuration: CLIPConfiguration, frozen: LayerPatterns
  ) -> TowerPlaces {
    TowerPlaces(
      layout, configuration.vision, tower: "vision_model", norm: "vision_model.post_layernorm",
      projection: "visual_projection.weight", width: configuration.projectionWidth,
      isCausal: false, frozen)
  }

  private init(
    _ layout: ParameterLayout, _ sizes: TransformerConfiguration, tower: String, norm: String,
    projection: String, width: Int, isCausal: Bool, _ frozen: LayerPatterns
  ) {
    self.sizes = sizes
    blocks = (0..<sizes.layers).map { BlockPlaces(layout, "\(tower).encoder.layers.\($0)") }
    normScale = layout.start("\(norm).weight")
    normShift = layout.start("\(norm).bias")
    self.projection = layout.start(projection)
    projectionWidth = width
    self.isCausal = isCausal
    func isTrained(_ prefix: String) -> Bool {
      layout.entries.contains { $0.name.hasPrefix(prefix) && !frozen.matches($0.name) }
    }
    stemIsTrained = isTrained("\(tower).embeddings.") || isTrained("\(tower).pre_layrnorm.")
    lowestBlock =
      stemIsTrained
      ? 0
      : (0..<sizes.layers).first { isTrained("\(tower).encoder.layers.\($0).") } ?? sizes.layers
  }
}

/// How the rows of a piece belong to its pictures or texts.
struct Sequences: Sendable {
  /// The first row of each item and, last, the number of rows.
  let starts: [Int]
  /// The row of each item that is pooled.
  let pooled: [Int]

  /// - Parameter pooledAtEnd: texts pool their last row, pictures their first.
  init(lengths: [Int], pooledAtEnd: Bool) {
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    self.starts = starts
    pooled = lengths.indices.map { pooledAtEnd ? starts[$0 + 1] - 1 : starts[$0] }
  }

  var count: Int { pooled.count }
  var rowCount: Int { starts[starts.count - 1] }
  func rows(_ items: Range<Int>) -> Range<Int> {
    starts[items.lowerBound]..<starts[items.upperBound]
  }
  func length(_ item: Int) -> Int { starts[item + 1] - starts[item] }

  /// Floats between rows of an item's attention matrix: whole vector registers.
  func stride(_ item: Int) -> Int { (length(item) + 15) & ~15 }

  /// Cuts all items into runs of about `rows` rows each, as many as a multiple of `multiple`.
  func runs(rows: Int, multiple: Int) -> [Range<Int>] {
    guard count > 0 else { return [] }
    let wanted = (rowCount + rows - 1) / rows
    let parts = min(count, (wanted + multiple - 1) / multiple * multiple)
    var runs: [Range<Int>] = []
    var first = 0
    for part in 1...parts {
      let goal = rowCount * part / parts
      var end = first
      while end < count, starts[end + 1] <= goal || end == first { end += 1 }
      if part == parts { end = count }
      if end > first { runs.append(first..<end) }
      first = end
      if first == count { break }
    }
    return runs
  }
}
