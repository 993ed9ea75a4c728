/// How a parameter begins in a model that is trained from scratch.
package enum InitialDistribution: Sendable, Equatable {
  case constant(Float)
  /// Normal, of mean 0.
  case normal(deviation: Double)
}

/// One parameter of a model, as a checkpoint has it.
package struct Parameter: Sendable, Equatable {
  package let name: String
  /// Empty for a scalar.
  package let shape: [Int]
  package let initial: InitialDistribution

  package init(_ name: String, _ shape: [Int], _ initial: InitialDistribution) {
    (self.name, self.shape, self.initial) = (name, shape, initial)
  }

  /// Numbers in it.
  package var count: Int { shape.reduce(1, *) }
}

/// Where the numbers of a model's parameters come from.
package protocol ParameterSource {
  /// - Returns: `parameter.count` numbers, row by row.
  /// - Throws: what tells that it is missing or of another shape.
  func floats(_ parameter: Parameter) throws -> [Float]
}

/// All parameters of a model, one behind the other: the one list that loading, saving, drawing,
/// gradients, optimisers and conversion go by. Its order is that of the numbers of a model in training.
package struct ParameterTable: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package let parameter: Parameter
    /// Its place among the numbers.
    package let range: Range<Int>

    package var name: String { parameter.name }
    package var shape: [Int] { parameter.shape }
  }

  package let entries: [Entry]
  /// Numbers in all.
  package let count: Int
  private let places: [String: Int]

  package init(_ parameters: [Parameter]) {
    var entries: [Entry] = []
    var end = 0
    for parameter in parameters {
      entries.append(Entry(parameter: parameter, range: end..<end + parameter.count))
      end += parameter.count
    }
    self.entries = entries
    count = end
    places = Dictionary(
      entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The entry of a name; `nil` where there is none.
  package subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

  /// Where a parameter of this table begins.
  package func start(_ parameter: Parameter) -> Int {
    guard let entry = self[parameter.name] else {
      preconditionFailure("\(parameter.name) is not in the table")
    }
    return entry.range.lowerBound
  }

  /// The numbers of a source, in this order.
  package func values(of source: some ParameterSource) throws -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count)
    for entry in entries { values += try source.floats(entry.parameter) }
    return values
  }
}
