import Imaging

extension CLIPModel {
  /// The original's template of a category's prompt.
  public static let template = "An aerial photograph of {category}"

  /// A prompt per label: `{category}` of the template replaced.
  public static func prompts(for labels: [String], template: String = template) -> [String] {
    labels.map { template.replacing("{category}", with: $0) }
  }

  /// `logit_scale · cosine`, transformers' `logits_per_image`: `[images.count, texts.count]`, row by row.
  public func logits(images: EmbeddingMatrix, texts: EmbeddingMatrix) -> [Float] {
    cosines(images, texts).map { $0 * logitScale }
  }

  /// Zero-shot classification: one prompt per label, softmax of the logits.
  /// - Parameter template: `{category}` is replaced with each label.
  /// - Returns: per image the probability of each label, in the order of `labels`.
  public func classify(
    _ images: [Pixels], labels: [String], template: String = template
  ) throws -> [[Float]] {
    try classify(try embed(images: images), labels: labels, template: template)
  }

  /// As ``classify(_:labels:template:)-([Pixels],_,_)``, of pictures that are embedded already.
  public func classify(
    _ images: EmbeddingMatrix, labels: [String], template: String = template
  ) throws -> [[Float]] {
    let texts = try embed(texts: Self.prompts(for: labels, template: template))
    let scores = logits(images: images, texts: texts)
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
  let exponentials = logits.map { exponential($0 - largest) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}
