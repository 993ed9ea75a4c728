import Compute
import Synchronization

/// Recall@k between images and texts: how often what belongs together is found within the first k.
///
/// Image to text: an image counts where one of its texts is within the first k of all texts (Karpathy and
/// Fei-Fei 2015). Text to image: a text counts where one of its images is. Scores within ``tie`` of each
/// other are equal, and ``Ties`` says which of two equal ones ranks first, by default the earlier, so that
/// a repeated text has a place of its own and rounding decides nothing.
public struct RetrievalRecall: Sendable, Equatable {
  /// The k of the literature on captions.
  public static let ks = [1, 5, 10]
  /// Cosines that differ by less are equal.
  public static let tie: Float = 1e-6

  /// Which of several equal scores ranks first: equal captions of several images, equal pictures,
  /// sentences that a tokenizer cuts alike. Published figures differ by it.
  public enum Ties: String, Sendable, CaseIterable {
    /// The earlier one, as a stable sort has it.
    case first
    /// A right one: the most that an order of equal scores can give.
    case best
    /// A wrong one: the least.
    case worst
  }

  public let imageCount: Int
  public let textCount: Int
  /// Shares 0…1 for each of ``ks``.
  public let imageToText: [Double]
  public let textToImage: [Double]

  /// The mean of the six shares, by which models are often compared (rsum / 6).
  public var mean: Double {
    let all = imageToText + textToImage
    return all.reduce(0, +) / Double(all.count)
  }

  /// Counts ranks in blocks: the memory is that of the vectors and of one block a thread, whatever the
  /// number of pairs.
  /// - Parameters:
  ///   - images: unit vectors `[owners' images, width]`; `texts`: `[owners.count, width]`.
  ///   - owners: for each text, the images that it belongs to, at least one.
  ///   - isCancelled: asked before each block, from any thread.
  /// - Throws: `CancellationError`, `ComputeError`.
  public init(
    images: [Float], texts: [Float], width: Int, owners: [[Int]], threads: Int,
    ties: Ties = .first, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let (imageCount, textCount) = (images.count / width, texts.count / width)
    precondition(textCount == owners.count, "\(textCount) texts, \(owners.count) owners")
    var ranks = RankCounts(
      images: images, texts: texts, width: width, owners: owners, imageCount: imageCount,
      ties: ties)
    try ranks.count(threads: threads, isCancelled)
    self.imageCount = imageCount
    self.textCount = textCount
    imageToText = Self.shares(zip(ranks.ofImages, ranks.textsOf).filter { !$1.isEmpty }.map(\.0))
    textToImage = Self.shares(ranks.ofTexts)
  }

  private static func shares(_ ranks: [Int32]) -> [Double] {
    ks.map { k in
      ranks.isEmpty ? 0 : Double(ranks.count { $0 < k }) / Double(ranks.count)
    }
  }
}

/// How many others rank before the best right answer, for each image and each text.
private struct RankCounts {
  let images: [Float]
  let texts: [Float]
  let width: Int
  let owners: [[Int]]
  let ties: RetrievalRecall.Ties
  /// The texts of each image.
  let textsOf: [[Int32]]
  private(set) var ofImages: [Int32]
  private(set) var ofTexts: [Int32]

  /// The best right answer of each image and each text: its score and its place.
  private var bestOfImages: [Answer]
  private var bestOfTexts: [Answer]

  private struct Answer: Sendable {
    var score: Float = -.infinity
    var place: Int32 = .max

    /// Among equal ones the first is kept, so that no right answer ranks before another.
    mutating func offer(_ score: Float, _ place: Int) {
      if score > self.score + RetrievalRecall.tie || self.place == .max {
        (self.score, self.place) = (score, Int32(place))
      }
    }

    /// Equal answers at places before this one rank before it.
    func limit(_ ties: RetrievalRecall.Ties) -> Int {
      switch ties {
      case .first: Int(place)
      case .best: .min
      case .worst: .max
      }
    }

    /// Whether another answer ranks before this one.
    @inline(__always)
    func isBehind(_ other: Float, _ otherPlace: Int, _ limit: Int) -> Bool {
      other > score + RetrievalRecall.tie
        || (other >= score - RetrievalRecall.tie && otherPlace < limit)
    }
  }

  /// Images and texts of a block: 256 × 1,024 scores are 1 MiB, which stays in the cache.
  private static let (imagesPerBlock, textsPerBlock) = (256, 1024)

  init(
    images: [Float], texts: [Float], width: Int, owners: [[Int]], imageCount: Int,
    ties: RetrievalRecall.Ties
  ) {
    self.ties = ties
    self.images = images
    self.texts = texts
    self.width = width
    self.owners = owners
    ofImages = Array(repeating: 0, count: imageCount)
    ofTexts = Array(repeating: 0, count: owners.count)
    bestOfImages = Array(repeating: Answer(), count: imageCount)
    bestOfTexts = Array(repeating: Answer(), count: owners.count)
    var textsOf = [[Int32]](repeating: [], count: imageCount)
    for (text, its) in owners.enumerated() {
      for image in its {
        textsOf[image].append(Int32(text))
        let score = Self.score(images, image, texts, text, width)
        bestOfImages[image].offer(score, text)
        bestOfTexts[text].offer(score, image)
      }
    }
    self.textsOf = textsOf
  }

  private static func score(
    _ images: [Float], _ image: Int, _ texts: [Float], _ text: Int, _ width: Int
  ) -> Float {
    var score: Float = 0
    for index in 0..<width {
      score += images[image * width + index] * texts[text * width + index]
    }
    return score
  }

  mutating func count(threads: Int, _ isCancelled: @escaping @Sendable () -> Bool) throws {
    let team = Team(threads: threads)
    let parts = max(
      1, min(threads, (ofImages.count + Self.imagesPerBlock - 1) / Self.imagesPerBlock))
    let counted = Counted(images: ofImages.count, texts: ofTexts.count)
    let ranks = self
    try team.forEach(parts) { part in
      let range = ranks.ofImages.count * part / parts..<ranks.ofImages.count * (part + 1) / parts
      let found = try ranks.counts(of: range, isCancelled)
      counted.add(found.images, range, found.texts)
    }
    (ofImages, ofTexts) = counted.values
    if ties == .worst { leaveOutRightAnswers() }
  }

  /// Where wrong answers come first among equal scores, everything equal to the best right answer was
  /// counted: that answer itself, and other right ones, which do not push it back.
  private mutating func leaveOutRightAnswers() {
    for (text, its) in owners.enumerated() {
      for image in its {
        let score = Self.score(images, image, texts, text, width)
        if bestOfImages[image].isBehind(score, 0, .max) {
          ofImages[image] = max(0, ofImages[image] - 1)
        }
        if bestOfTexts[text].isBehind(score, 0, .max) {
          ofTexts[text] = max(0, ofTexts[text] - 1)
        }
      }
    }
  }

  /// What ranks before the right answers of some images, and what these images add to the texts' ranks.
  private func counts(of range: Range<Int>, _ isCancelled: @Sendable () -> Bool) throws -> (
    images: [Int32], texts: [Int32]
  ) {
    let limitsOfTexts = bestOfTexts.map { $0.limit(ties) }
    var byImages = [Int32](repeating: 0, count: range.count)
    var byTexts = [Int32](repeating: 0, count: owners.count)
    let block = FloatBlock(count: Self.imagesPerBlock * Self.textsPerBlock)
    try Floats.lend(images) { images in
      try Floats.lend(texts) { texts in
        for row in stride(from: range.lowerBound, to: range.upperBound, by: Self.imagesPerBlock) {
          let rows = row..<min(row + Self.imagesPerBlock, range.upperBound)
          for column in stride(from: 0, to: owners.count, by: Self.textsPerBlock) {
            let columns = column..<min(column + Self.textsPerBlock, owners.count)
            if isCancelled() { throw CancellationError() }
            try MatrixProduct.multiply(
              part(images, rows), part(texts, columns).transposed,
              into: Matrix(block.floats, rows: rows.count, columns: columns.count))
            for image in rows {
              let scores = block.floats.at((image - row) * columns.count, count: columns.count)
                .array
              let best = bestOfImages[image]
              let limit = best.limit(ties)
              var ahead: Int32 = 0
              for (offset, score) in scores.enumerated() {
                let text = column + offset
                if best.isBehind(score, text, limit) { ahead += 1 }
                if bestOfTexts[text].isBehind(score, image, limitsOfTexts[text]) {
                  byTexts[text] += 1
                }
              }
              byImages[image - range.lowerBound] += ahead
            }
          }
        }
      }
    }
    return withExtendedLifetime(block) { (byImages, byTexts) }
  }

  private func part(_ floats: Floats, _ rows: Range<Int>) -> Matrix {
    Matrix(
      floats.at(rows.lowerBound * width, count: rows.count * width), rows: rows.count,
      columns: width)
  }
}

/// Sums of what the threads have counted.
private final class Counted: Sendable {
  private let sums: Mutex<(images: [Int32], texts: [Int32])>

  init(images: Int, texts: Int) {
    sums = Mutex((Array(repeating: 0, count: images), Array(repeating: 0, count: texts)))
  }

  func add(_ images: [Int32], _ range: Range<Int>, _ texts: [Int32]) {
    sums.withLock { sums in
      sums.images.replaceSubrange(range, with: images)
      for (text, count) in texts.enumerated() { sums.texts[text] += count }
    }
  }

  var values: ([Int32], [Int32]) { sums.withLock { ($0.images, $0.texts) } }
}
