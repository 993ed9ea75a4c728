/// Turns a gradient into a step. What decays and what is frozen is given when it is made.
package protocol Optimiser: Sendable {
  /// Changes `values` by one step against `gradient`.
  mutating func update(_ values: inout [Float], gradient: [Float], learningRate: Float)
  /// Everything but the settings, under stable names: saved beside a checkpoint.
  var state: [(name: String, values: [Float])] { get }
  /// Takes back what ``state`` gave.
  /// - Throws: ``TrainingError`` where a name is missing or of another size.
  mutating func restore(_ state: [String: [Float]]) throws
}

extension Optimiser {
  /// A vector of a saved state, checked.
  func saved(_ name: String, count: Int, in state: [String: [Float]]) throws -> [Float] {
    guard let values = state[name] else {
      throw TrainingError("the optimiser's state has no \(name): it belongs to another optimiser")
    }
    guard values.count == count else {
      throw TrainingError(
        "the optimiser's state has \(values.count) numbers of \(name), expected \(count): it belongs "
          + "to another model")
    }
    return values
  }
}
