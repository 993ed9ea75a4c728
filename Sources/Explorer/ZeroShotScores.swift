import Models
import Foundation

/// Cosines of a model's images with its category prompts, and what follows from them.
struct ZeroShotScores: Sendable {
  let categories: [String]
  /// Share of images whose best prompt is that of their own category.
  let accuracy: CategoryAccuracy
  /// Row of each image.
  private let rows: [Int64: Int]
  /// `[images, categories]`
  private let scores: [Float]
  /// Best category of each row.
  private let best: [Int]
  private let logitScale: Float

  /// - Parameters:
  ///   - categories: those that a model decides between.
  ///   - own: those of the images, as they are listed; some or all of `categories`.
  ///   - vectors: `[ids.count, width]`, unit length.
  ///   - prompts: `[categories.count, width]`, unit length.
  ///   - labels: the category of each image that has one.
  init(
    categories: [String], own: [String], ids: [Int64], labels: [Int64: String],
    vectors: EmbeddingMatrix,
    prompts: EmbeddingMatrix, logitScale: Float
  ) {
    self.categories = categories
    self.logitScale = logitScale
    let isWhole =
      !categories.isEmpty && vectors.count == ids.count && prompts.count == categories.count
      && prompts.width == vectors.width
    let scores = isWhole ? Self.products(vectors, prompts) : []
    self.scores = scores
    let count = isWhole ? ids.count : 0
    rows = Dictionary(
      zip(ids.prefix(count), 0..<count), uniquingKeysWith: { first, _ in first })
    var best: [Int] = []
    best.reserveCapacity(count)
    for row in 0..<count {
      let range = row * categories.count..<(row + 1) * categories.count
      let top = range.max { scores[$0] < scores[$1] } ?? range.lowerBound
      best.append(top - range.lowerBound)
    }
    self.best = best
    accuracy =
      categories.count > 1
      ? Self.accuracy(categories, own, ids: ids.prefix(count), labels: labels, best: best)
      : CategoryAccuracy(byCategory: [:], overall: 0)
  }

  /// `vectors · promptsᵀ`, `[vectors.count, prompts.count]`.
  private static func products(_ vectors: EmbeddingMatrix, _ prompts: EmbeddingMatrix) -> [Float] {
    let width = vectors.width
    var products = [Float](repeating: 0, count: vectors.count * prompts.count)
    let (a, b) = (vectors.values.span, prompts.values.span)
    for row in 0..<vectors.count {
      for prompt in 0..<prompts.count {
        // Eight sums side by side, so that the compiler can use vector registers.
        var sums = SIMD8<Float>(repeating: 0)
        var index = 0
        let (left, right) = (row * width, prompt * width)
        while index + 8 <= width {
          var (x, y) = (SIMD8<Float>(), SIMD8<Float>())
          for lane in 0..<8 {
            x[lane] = a[left + index + lane]
            y[lane] = b[right + index + lane]
          }
          sums.addProduct(x, y)
          index += 8
        }
        var sum = sums.sum()
        while index < width {
          sum += a[left + index] * b[right + index]
          index += 1
        }
        products[row * prompts.count + prompt] = sum
      }
    }
    return products
  }

  private static func accuracy(
    _ categories: [String], _ own: [String], ids: ArraySlice<Int64>, labels: [Int64: String],
    best: [Int]
  ) -> CategoryAccuracy {
    var hits: [String: Int] = [:]
    var counts: [String: Int] = [:]
    // Behind the images' own those that some were taken for.
    let known = Set(own)
    let taken = Set(zip(ids, best).filter { labels[$0.0] != nil }.map(\.1)).sorted()
      .map { categories[$0] }
    let names = own + taken.filter { !known.contains($0) }
    let places = Dictionary(
      zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    var confusion = Array(
      repeating: Array(repeating: 0, count: names.count), count: names.count)
    for (id, best) in zip(ids, best) {
      guard let label = labels[id] else { continue }
      counts[label, default: 0] += 1
      if let row = places[label], let column = places[categories[best]] {
        confusion[row][column] += 1
      }
      if categories[best] == label { hits[label, default: 0] += 1 }
    }
    let all = counts.values.reduce(0, +)
    return CategoryAccuracy(
      byCategory: counts.reduce(into: [:]) {
        $0[$1.key] = Double(hits[$1.key] ?? 0) / Double($1.value)
      },
      overall: all == 0 ? 0 : Double(hits.values.reduce(0, +)) / Double(all),
      confusion: Confusion(categories: names, counts: confusion))
  }

  /// Cosine of an image with a category's prompt.
  func score(of image: Int64, category: Int) -> Float? {
    guard let row = rows[image], categories.indices.contains(category) else { return nil }
    return scores[row * categories.count + category]
  }

  /// Softmax of `logitScale · cosine` over the categories.
  func probability(of image: Int64, category: Int) -> Float {
    guard let row = rows[image], let own = score(of: image, category: category) else { return 0 }
    let all = scores[row * categories.count..<(row + 1) * categories.count]
    let top = all.max() ?? 0
    let sum = all.reduce(Float(0)) { $0 + exp(logitScale * ($1 - top)) }
    return exp(logitScale * (own - top)) / sum
  }

  /// What the model takes an image for.
  func verdict(on image: Int64) -> String? {
    rows[image].map { categories[best[$0]] }
  }
}
