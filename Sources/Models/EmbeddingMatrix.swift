/// Vectors of one space, one a row, `[count, width]`, contiguous.
public struct EmbeddingMatrix: Sendable, Equatable {
  public let count: Int
  public let width: Int
  /// `count · width` numbers, row by row.
  public let values: [Float]

  public init(count: Int, width: Int, values: [Float]) {
    precondition(values.count == count * width, "\(values.count) values for [\(count), \(width)]")
    self.count = count
    self.width = width
    self.values = values
  }

  /// Row `index` as a copy.
  public subscript(row index: Int) -> [Float] {
    Array(values[index * width..<(index + 1) * width])
  }
}
