extension TensorTable {
  /// A tensor that was computed from what the file holds.
  struct Computed: Sendable {
    let shape: [Int]
    let values: [Float]
  }

  /// The same table with a tensor of other numbers, e.g. positions for another size of pictures.
  /// - Parameter values: as many as the shape has.
  public func replacing(_ name: String, shape: [Int], values: [Float]) -> TensorTable {
    precondition(values.count == shape.reduce(1, *))
    var copy = self
    copy.computed[name] = Computed(shape: shape, values: values)
    return copy
  }

  /// The same table without a tensor.
  public func removing(_ name: String) -> TensorTable {
    var copy = self
    copy.entries[name] = nil
    copy.computed[name] = nil
    return copy
  }

  /// A computed tensor, checked.
  /// - Throws: ``CheckpointError`` where it is of another shape.
  func computed(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float]? {
    guard let found = computed[name] else { return nil }
    guard found.shape == shape else {
      throw CheckpointError(
        file: path, reason: .wrongShape(name: name, expected: shape, found: found.shape))
    }
    return found.values
  }
}
