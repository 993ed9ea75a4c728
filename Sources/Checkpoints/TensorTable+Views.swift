/// The same numbers under other names and shapes, without reading them: naming schemes differ in names,
/// in the order of dimensions, and in whether several matrices are stored as one.
extension TensorTable {
  /// A tensor as a part or a turned view of another.
  public struct View: Sendable, Equatable {
    /// The name in the table that is made.
    public let name: String
    /// The name in the table it is made from.
    public let source: String
    /// For each dimension the source's dimension that it is; empty if all stay as they are.
    public let axes: [Int]
    /// Which of `parts` equal parts along the source's first dimension.
    public let part: Int
    public let parts: Int

    public init(_ name: String, of source: String, axes: [Int] = [], part: Int = 0, parts: Int = 1)
    {
      self.name = name
      self.source = source
      self.axes = axes
      self.part = part
      self.parts = parts
    }
  }

  /// The table of the views whose source is there.
  /// - Throws: ``CheckpointError`` where a source has not the dimensions that a view needs.
  public func viewed(as views: [View]) throws(CheckpointError) -> TensorTable {
    var result: [String: Entry] = [:]
    for view in views {
      guard let entry = entries[view.source] else { continue }
      guard result[view.name] == nil else {
        throw CheckpointError(file: path, reason: .duplicate(name: view.name))
      }
      result[view.name] = try viewed(entry, as: view)
    }
    return TensorTable(path: path, entries: result, notes: notes, origin: origin)
  }

  private func viewed(_ entry: Entry, as view: View) throws(CheckpointError) -> Entry {
    var (shape, strides, offset) = (entry.shape, entry.strides, entry.offset)
    if view.parts > 1 {
      guard let rows = shape.first, rows % view.parts == 0 else {
        throw CheckpointError(
          file: entry.storage.file.path,
          reason: .tensorEntry(
            name: view.source, problem: "it is \(shape), expected \(view.parts) equal parts"))
      }
      shape[0] = rows / view.parts
      // A tensor without elements has no first one to move.
      if !shape.contains(0) { offset += view.part * shape[0] * strides[0] }
    }
    guard view.axes.isEmpty || view.axes.count == shape.count else {
      throw CheckpointError(
        file: entry.storage.file.path,
        reason: .tensorEntry(
          name: view.source, problem: "it is \(shape), expected \(view.axes.count) dimensions"))
    }
    if !view.axes.isEmpty {
      shape = view.axes.map { shape[$0] }
      strides = view.axes.map { strides[$0] }
    }
    return Entry(entry.storage, shape: shape, strides: strides, offset: offset)
  }

  /// The types of its weights, for a summary.
  public var types: [TensorType] {
    Set(entries.values.map(\.type).filter(\.isFloat)).sorted { $0.rawValue < $1.rawValue }
  }
}
