import Compute

extension TrainableModel {
  /// Where the towers of several ranks feed one loss.
  ///
  /// Every rank takes the loss over all pairs' vectors and keeps the gradient by its own: n² · width
  /// multiplications are little beside the towers', and nothing is exchanged a second time.
  /// - Parameters:
  ///   - vectors: unit vectors of this rank's pictures and texts, `[pairs, width]` each.
  ///   - byImages, byTexts: get the gradient by them.
  /// - Returns: what one rank counts for all.
  func lossOverRanks(
    _ vectors: (images: Floats, texts: Floats), of batch: TrainingBatch, share: BatchShare,
    ranks: any Ranks, equalCaptions: Bool, logScale: Float, byImages: Floats, byTexts: Floats
  ) throws -> ContrastiveLoss.Result {
    let (whole, width) = (share.whole, configuration.projectionWidth)
    let images = try ranks.gather(vectors.images.array)
    let texts = try ranks.gather(vectors.texts.array)
    guard images.count == whole * width, texts.count == images.count else {
      throw TrainingError(
        "vectors of \(images.count / width) pictures and \(texts.count / width) texts from "
          + "\(ranks.count) ranks, expected \(whole) of each")
    }
    var keys = TrainingBatch(pixels: [], tokens: [], imageKeys: [], captionKeys: [])
    if equalCaptions {
      keys.imageKeys = try ranks.gather(batch.imageKeys)
      keys.captionKeys = try ranks.gather(batch.captionKeys)
    }
    let blocks = (0..<2).map { _ in FloatBlock(count: whole * width) }
    let result = try Floats.lend(images) { images in
      try Floats.lend(texts) { texts in
        func matrix(_ floats: Floats) -> Matrix { Matrix(floats, rows: whole, columns: width) }
        return try ContrastiveLoss.evaluate(
          images: matrix(images), texts: matrix(texts),
          positives: ContrastiveLoss.positives(keys, 0..<whole, equalCaptions: equalCaptions),
          logScale: logScale, weight: 1, byImages: matrix(blocks[0].floats),
          byTexts: matrix(blocks[1].floats), team: team)
      }
    }
    let (first, count) = (share.pairs.lowerBound * width, share.pairs.count * width)
    withExtendedLifetime(blocks) {
      byImages.copy(from: blocks[0].floats.at(first, count: count))
      byTexts.copy(from: blocks[1].floats.at(first, count: count))
    }
    return ranks.isFirst ? result : .init(loss: 0, byLogScale: 0)
  }
}
