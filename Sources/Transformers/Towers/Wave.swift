import Compute

/// Gradients with respect to the rows of some runs, and what the weights' gradients are computed from.
struct Wave: Sendable {
  let runs: [Range<Int>]
  let items: Range<Int>
  let rows: Range<Int>
  /// `[rows, width]`: the gradient with respect to a block's output, then its input.
  let first, second: Floats
  /// By the rows behind the attention.
  let middle: Floats
  let normed1, normed2: Floats
  /// By the activation's input, and its output once more.
  let byExpanded, activated: Floats
  let attentionInput: Floats
  let query, queryNormed: Floats
  let patches: Floats
  private let normSums: Floats
  private let width: Int

  static func count(rows: Int, runs: Int, _ width: Int, _ wide: Int, _ patchWidth: Int) -> Int {
    // Every part may be rounded up to a whole cache line.
    rows * (10 * width + wide + max(wide, patchWidth)) + runs * 4 * width + 12 * 16
  }

  init(_ pass: TowerPass, _ runs: [Range<Int>], _ memory: Floats) {
    self.runs = runs
    items = runs[0].lowerBound..<runs[runs.count - 1].upperBound
    rows = pass.sequences.rows(items)
    width = pass.width
    let (count, wide) = (rows.count, pass.wide)
    var taken = 0
    func take(_ size: Int) -> Floats {
      defer { taken += (size + 15) & ~15 }
      return memory.at(taken, count: size)
    }
    first = take(count * width)
    second = take(count * width)
    middle = take(count * width)
    normed1 = take(count * width)
    normed2 = take(count * width)
    byExpanded = take(count * wide)
    patches = take(count * max(wide, pass.stem.inputWidth))
    activated = patches
    attentionInput = take(count * 3 * width)
    query = take(count * width)
    queryNormed = take(count * width)
    normSums = take(runs.count * 4 * width)
  }

  /// Rows and items seen from the wave's first.
  func local(_ rows: Range<Int>) -> Range<Int> {
    rows.lowerBound - self.rows.lowerBound..<rows.upperBound - self.rows.lowerBound
  }
  func localItems(_ items: Range<Int>) -> Range<Int> {
    items.lowerBound - self.items.lowerBound..<items.upperBound - self.items.lowerBound
  }
  /// What goes on in a block: rows, or in the last block items.
  func queries(_ index: Int, _ pass: TowerPass, _ items: Range<Int>) -> Range<Int> {
    pass.isLast(index) ? localItems(items) : local(pass.sequences.rows(items))
  }

  /// A run's own sums for the layer norms' scale and shift, first norm first.
  func sums(_ run: Int, _ part: Int) -> Floats {
    normSums.at((run * 4 + part) * width, count: width)
  }
}
