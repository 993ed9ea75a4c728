import Compute
import Synchronization

/// What the forward pass of one block keeps for the backward pass.
///
/// Layer norms' outputs and activations are not kept: they are made again from their inputs, in the
/// pass over memory that the backward needs anyway. The last block has one row per item behind its
/// keys and values, since only the pooled row goes on.
struct BlockTape: Sendable {
  /// `[rows, width]`: what goes into the block.
  let x: Floats
  let norm1: RowStatistics
  /// `[rows, 3 · width]`, each row key, value, query; in the last block `[rows, 2 · width]`.
  let attentionInput: Floats
  /// `[items, width]` in the last block, else empty.
  let query: Floats
  /// Per item and head `[queries, stride]`.
  let probabilities: Floats
  /// `[queries, width]`, as all that follows
  let attended: Floats
  let middle: Floats
  let norm2: RowStatistics
  /// `[queries, intermediateWidth]`: before the activation.
  let expanded: Floats
}

/// Activations of one tower for one piece of a batch, in one block of memory that is used again.
package struct Tape: Sendable {
  let blocks: [BlockTape]
  /// Where each item's probabilities begin, in all blocks but the last, and in the last.
  let probabilityStarts, lastProbabilityStarts: [Int]
  /// Pictures: `[rows, width]` before the first layer norm.
  let stem: Floats
  let stemNorm: RowStatistics
  /// Pooled rows after the last block, after their norm, and before normalisation.
  let pooled, normed, embeddings: Floats
  let norm: RowStatistics
  /// The result, `[items, projectionWidth]`, and each row's length before.
  package let unit: Floats
  let lengths: Floats
  /// The gradient by `pooled`.
  let pooledGradient: Floats

  /// - Parameter hasStem: whether there is a layer norm in front of the blocks.
  package init(
    _ places: TowerPlaces, _ sequences: Sequences, hasStem: Bool, memory: inout TapeMemory
  ) {
    let (width, wide) = (places.sizes.width, places.sizes.intermediateWidth)
    let (rows, items) = (sequences.rowCount, sequences.count)
    let heads = places.sizes.heads
    var starts = [0]
    var lastStarts = [0]
    for item in 0..<items {
      let stride = sequences.stride(item)
      starts.append(starts[item] + heads * sequences.length(item) * stride)
      lastStarts.append(lastStarts[item] + heads * stride)
    }
    let full =
      rows * (width + 2 + 3 * width + width + width + 2 + wide) + starts[items] + 11 * 16
    let last =
      rows * (3 * width + 2) + items * (width * 3 + 2 + wide) + lastStarts[items] + 11 * 16
    let rest =
      (hasStem ? rows * (width + 2) : 0)
      + items * (3 * width + 2 * places.projectionWidth + 3) + 11 * 16
    memory.reserve((places.blocks.count - 1) * full + last + rest)
    func take(_ count: Int) -> Floats { memory.take(count) }
    blocks = places.blocks.indices.map { index in
      let isLast = index == places.blocks.count - 1
      let queries = isLast ? items : rows
      return BlockTape(
        x: take(rows * width), norm1: RowStatistics(mean: take(rows), rstd: take(rows)),
        attentionInput: take(rows * (isLast ? 2 : 3) * width),
        query: take(isLast ? items * width : 0),
        probabilities: take(isLast ? lastStarts[items] : starts[items]),
        attended: take(queries * width), middle: take(queries * width),
        norm2: RowStatistics(mean: take(queries), rstd: take(queries)),
        expanded: take(queries * wide))
    }
    probabilityStarts = starts
    lastProbabilityStarts = lastStarts
    stem = take(hasStem ? rows * width : 0)
    stemNorm = RowStatistics(mean: take(hasStem ? rows : 0), rstd: take(hasStem ? rows : 0))
    pooled = take(items * width)
    normed = take(items * width)
    embeddings = take(items * places.projectionWidth)
    norm = RowStatistics(mean: take(items), rstd: take(items))
    unit = take(items * places.projectionWidth)
    lengths = take(items)
    pooledGradient = take(items * width)
  }
}

/// A growing block of memory, handed out from its start.
package struct TapeMemory {
  private var block = FloatBlock(count: 1)
  private var taken = 0

  package init() {}

  /// Starts again, with room for `count` floats. What was handed out before is no longer valid.
  mutating func reserve(_ count: Int) {
    taken = 0
    guard count > block.count else { return }
    // Texts differ in length from step to step: some room, so that it does not grow each time.
    let isFirst = block.count == 1
    block = FloatBlock(count: 1)
    block = FloatBlock(count: isFirst ? count : count + count / 8)
  }

  mutating func take(_ count: Int) -> Floats {
    defer { taken += (count + 15) & ~15 }
    return block.floats.at(taken, count: count)
  }
}

/// Blocks of scratch memory, lent to one piece of work at a time.
package final class ScratchPool: Sendable {
  private let idle = Mutex<[FloatBlock]>([])

  package init() {}

  func with<Result>(_ count: Int, _ body: (Floats) throws -> Result) rethrows -> Result {
    let found = idle.withLock { $0.popLast() }
    let block = found.flatMap { $0.count >= count ? $0 : nil } ?? FloatBlock(count: count)
    defer { idle.withLock { $0.append(block) } }
    return try body(block.floats)
  }
}
