import Transformers
import Models
import Foundation

/// The vision tower's attention at the start as it is found in trained models (Trockman and Kolter
/// 2023): queries · keys near a multiple of the identity, values · output near a negative one, and
/// positions whose likeness falls with distance.
///
/// The paper factorises αZ + βI by singular values. A Gaussian matrix times its own transpose is of that
/// form already, and of a head's rank.
enum MimeticInitialisation {
  /// β of the paper for queries and keys, and for values and output.
  private static let (attentionShare, outputShare) = (0.7, 0.4)
  /// The size of the positions beside that of the patches, whose rows have a deviation near 0.5.
  private static let positionAmplitude = 0.5

  /// Changes weights that are drawn already: keys become queries, output becomes values.
  static func apply(
    to values: inout [Float], _ configuration: CLIPConfiguration, _ named: CLIPParameters
  ) {
    let (width, table) = (configuration.vision.width, named.table)
    for attention in named.vision.blocks.map(\.attention) {
      let (query, key) = (
        table.start(attention.query.weight), table.start(attention.key.weight)
      )
      let (value, out) = (
        table.start(attention.value.weight), table.start(attention.output.weight)
      )
      scale(&values, query, width, to: attentionShare)
      scale(&values, value, width, to: outputShare)
      for row in 0..<width {
        for column in 0..<width {
          values[key + row * width + column] = values[query + row * width + column]
          values[out + column * width + row] = -values[value + row * width + column]
        }
      }
    }
    setPositions(&values, configuration, named)
  }

  /// Makes a drawn square matrix's deviation √(share / width), so that its product with its own
  /// transpose has `share` on the diagonal.
  private static func scale(_ values: inout [Float], _ start: Int, _ width: Int, to share: Double) {
    let range = start..<start + width * width
    let squares = values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
    let factor = Float((share / Double(width) / (squares / Double(width * width))).squareRoot())
    for place in range { values[place] *= factor }
  }

  /// Sines and cosines of row and column, as in MoCo v3 (Chen et al. 2021); the class token's place is
  /// left as it was drawn.
  private static func setPositions(
    _ values: inout [Float], _ configuration: CLIPConfiguration, _ named: CLIPParameters
  ) {
    let width = configuration.vision.width
    let side = configuration.imageSize / configuration.patchSize
    let frequencies = width / 4
    let start = named.table.start(named.patchPositions)
    for patch in 0..<side * side {
      let row = start + (patch + 1) * width
      for index in 0..<frequencies {
        let frequency = pow(10_000, -Double(index) / Double(frequencies))
        for (axis, place) in [patch / side, patch % side].enumerated() {
          let angle = Double(place) * frequency
          let first = row + axis * 2 * frequencies + 2 * index
          values[first] = Float(positionAmplitude * sin(angle))
          values[first + 1] = Float(positionAmplitude * cos(angle))
        }
      }
    }
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
