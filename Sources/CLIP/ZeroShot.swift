import Imaging

extension CLIPModel {
  /// The original's template of a category's prompt.
  public static let template = "An aerial photograph of {category}"

  /// A prompt per label: `{category}` of the template replaced, by the label's words.
  public static func prompts(for labels: [String], template: String = template) -> [String] {
    labels.map { prompt(for: $0, template: template) }
  }

  /// The prompt of one label, whose name may be a folder's or a file's: what stands for a blank there
  /// becomes one, as captions have it.
  ///
  ///     storage_tanks, StorageTanks  →  An aerial photograph of storage tanks, … Storage Tanks
  public static func prompt(for label: String, template: String = template) -> String {
    template.replacing("{category}", with: words(of: label))
  }

  private static func words(of label: String) -> String {
    var words = ""
    var last: Character = " "
    for character in label {
      if character == "_" {
        if last != " " { words.append(" ") }
        last = " "
        continue
      }
      if last.isLowercase, character.isUppercase { words.append(" ") }
      words.append(character)
      last = character
    }
    while words.last == " " { words.removeLast() }
    return words.isEmpty ? label : words
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
