import Foundation
import Imaging

// Zero-shot classification (Radford et al. 2021), for every family and every caller.

/// Why labels cannot be told apart.
public enum ZeroShotError: Error, Sendable, Equatable {
  /// A label without a prompt has no vector.
  case noTemplates
}

extension EmbeddingModel {
  /// A unit vector per label, `[labels.count, embeddingWidth]`: of its prompt, or the mean of its
  /// prompts' vectors made a unit vector again, as in the notebooks of Radford et al.
  /// - Throws: ``ZeroShotError`` where there is no template.
  public func labelVectors(_ labels: [String], _ templates: [PromptTemplate] = [.aerial]) throws
    -> EmbeddingMatrix
  {
    guard !templates.isEmpty else { throw ZeroShotError.noTemplates }
    guard templates.count != 1 else { return try embed(texts: templates[0].prompts(for: labels)) }
    let width = embeddingWidth
    var sums = [Float](repeating: 0, count: labels.count * width)
    for template in templates {
      let found = try embed(texts: template.prompts(for: labels))
      for index in sums.indices { sums[index] += found.values[index] }
    }
    for label in labels.indices {
      let row = label * width..<(label + 1) * width
      let length = sums[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in row { sums[index] /= max(length, 1e-12) }
    }
    return EmbeddingMatrix(count: labels.count, width: width, values: sums)
  }

  /// `logit_scale · cosine`, transformers' `logits_per_image`: `[images.count, texts.count]`, row by row.
  public func logits(images: EmbeddingMatrix, texts: EmbeddingMatrix) -> [Float] {
    cosines(images, texts).map { $0 * logitScale }
  }

  /// One prompt per label, softmax of the logits.
  /// - Returns: per image the probability of each label, in the order of `labels`.
  public func classify(
    _ images: [Pixels], labels: [String], template: PromptTemplate = .aerial
  ) throws -> [[Float]] {
    try classify(try embed(images: images), labels: labels, template: template)
  }

  /// As ``classify(_:labels:template:)-([Pixels],_,_)``, of pictures that are embedded already.
  public func classify(
    _ images: EmbeddingMatrix, labels: [String], template: PromptTemplate = .aerial
  ) throws -> [[Float]] {
    let scores = logits(images: images, texts: try labelVectors(labels, [template]))
    return (0..<images.count).map {
      softmax(scores[$0 * labels.count..<($0 + 1) * labels.count])
    }
  }
}

/// Cosines of unit vectors: `[a.count, b.count]`, row by row.
public func cosines(_ a: EmbeddingMatrix, _ b: EmbeddingMatrix) -> [Float] {
  precondition(a.width == b.width, "vectors of \(a.width) and \(b.width) numbers")
  var products: [Float] = []
  products.reserveCapacity(a.count * b.count)
  for i in 0..<a.count {
    for j in 0..<b.count {
      var sum: Float = 0
      for index in 0..<a.width {
        sum += a.values[i * a.width + index] * b.values[j * b.width + index]
      }
      products.append(sum)
    }
  }
  return products
}

/// Probabilities that sum to 1, in the order of the logits.
public func softmax(_ logits: some Collection<Float>) -> [Float] {
  guard let largest = logits.max() else { return [] }
  let exponentials = logits.map { Foundation.exp($0 - largest) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}
