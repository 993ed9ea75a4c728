import Transformers
import Compute
import Foundation

/// Adafactor (Shazeer and Stern 2018), step for step as `optax.adafactor` with its defaults.
package struct Adafactor: Optimiser {
  package struct Settings: Sendable, Equatable {
    /// Matrices with both of their two largest sides at least this long keep only row and column means.
    package var factoredFrom = 128
    package var decayRate: Float = 0.8
    package var decayOffset = 0
    /// Most that the root mean square of a parameter's step may be, before its scale; none with 0.
    package var clippingThreshold: Float = 1
    package var multipliesByParameterScale = true
    package var epsilon: Float = 1e-30
    /// Least scale of a parameter, as in optax.
    package var leastScale: Float = 1e-3
    /// Momentum; none with 0.
    package var momentum: Float = 0
    /// Share of a decayed parameter taken off at each step, as optax's `weight_decay_rate`: not
    /// multiplied with the learning rate.
    package var weightDecayRate: Float = 0
    package init() {}
  }

  /// How one parameter's squares are kept.
  struct Part: Sendable {
    let range: Range<Int>
    let decays: Bool
    /// The parameter as `[outer, large, inner, …]` seen along its two largest axes; `nil` where every
    /// square is kept.
    let factors: Factors?
    /// Where its state begins in `rows` and `columns`, or in `squares`.
    let rowStart, columnStart, squareStart: Int
  }

  /// The two largest axes, the larger last, and all axes' sizes.
  struct Factors: Sendable {
    let shape: [Int]
    /// The second largest axis and the largest.
    let second, largest: Int

    /// Row and column means that are kept of `count` floats.
    func stateCounts(of count: Int) -> (rows: Int, columns: Int) {
      (count / shape[largest], count / shape[second])
    }
  }

  private let settings: Settings
  /// The largest first, so that threads end together.
  private let parts: [Part]
  private let team: Team
  private var steps = 0
  private var rows: [Float]
  private var columns: [Float]
  private var squares: [Float]
  private var means: [Float]

  package init(
    _ parameters: ParameterTable, _ settings: Settings = Settings(),
    decayed: LayerPatterns = .decayed, frozen: LayerPatterns = .none, threads: Int = 1
  ) {
    self.settings = settings
    var parts: [Part] = []
    var (row, column, square) = (0, 0, 0)
    for entry in parameters.entries where !frozen.matches(entry.name) {
      let factors = Self.factors(entry.shape, from: settings.factoredFrom)
      parts.append(
        Part(
          range: entry.range, decays: decayed.matches(entry.name), factors: factors,
          rowStart: row, columnStart: column, squareStart: square))
      if let sizes = factors?.stateCounts(of: entry.range.count) {
        row += sizes.rows
        column += sizes.columns
      } else {
        square += entry.range.count
      }
    }
    self.parts = parts.sorted { $0.range.count > $1.range.count }
    team = Team(threads: threads)
    rows = Array(repeating: 0, count: row)
    columns = Array(repeating: 0, count: column)
    squares = Array(repeating: 0, count: square)
    means = Array(repeating: 0, count: settings.momentum > 0 ? parameters.count : 0)
  }

  /// `optax._src.factorized._factored_dims`: stable order by size, the last two.
  private static func factors(_ shape: [Int], from least: Int) -> Factors? {
    guard shape.count >= 2 else { return nil }
    let order = shape.indices.sorted { (shape[$0], $0) < (shape[$1], $1) }
    let (second, largest) = (order[order.count - 2], order[order.count - 1])
    guard shape[second] >= least else { return nil }
    return Factors(shape: shape, second: second, largest: largest)
  }

  package mutating func update(_ values: inout [Float], gradient: [Float], learningRate: Float) {
    let step = Float(steps + 1 - settings.decayOffset)
    let decay = steps >= settings.decayOffset ? 1 - pow(step, -settings.decayRate) : 0
    let (settings, parts) = (settings, parts)
    Floats.lend(gradient) { gradient in
      Floats.lend(changing: &values) { values in
        Floats.lend(changing: &rows) { rows in
          Floats.lend(changing: &columns) { columns in
            Floats.lend(changing: &squares) { squares in
              Floats.lend(changing: &means) { means in
                // No two parts share a float.
                team.share(parts.count) { index in
                  var work = Work(
                    settings: settings, part: parts[index], values: values, gradient: gradient,
                    rows: rows, columns: columns, squares: squares, means: means)
                  work.update(decay: decay, learningRate: learningRate)
                }
              }
            }
          }
        }
      }
    }
    steps += 1
  }

  package var state: [(name: String, values: [Float])] {
    [
      ("adafactor.step", [Float(steps)]), ("adafactor.rows", rows),
      ("adafactor.columns", columns), ("adafactor.squares", squares),
      ("adafactor.means", means),
    ]
  }

  package mutating func restore(_ state: [String: [Float]]) throws {
    let step = try saved("adafactor.step", count: 1, in: state)[0]
    guard step >= 0, step < 16_777_216 else {
      throw TrainingError("the optimiser's state says \(step) steps, expected 0…16777215")
    }
    rows = try saved("adafactor.rows", count: rows.count, in: state)
    columns = try saved("adafactor.columns", count: columns.count, in: state)
    squares = try saved("adafactor.squares", count: squares.count, in: state)
    means = try saved("adafactor.means", count: means.count, in: state)
    steps = Int(step)
  }
}
