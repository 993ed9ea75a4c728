import Frame

/// A picture in a box of cells.
public struct PreviewKey: Sendable, Hashable {
  public var image: Int64
  public var columns: Int
  public var rows: Int

  public init(image: Int64, columns: Int, rows: Int) {
    self.image = image
    self.columns = columns
    self.rows = rows
  }
}

/// The pictures drawn last; the oldest go.
public struct PreviewCache: Sendable {
  public enum Entry: Sendable {
    case ready(PreviewImage)
    /// Shown until the sharp one is there.
    case rough(PreviewImage)
    case failed(String)
  }

  private var entries: [PreviewKey: Entry] = [:]
  private var order: [PreviewKey] = []
  /// What is being drawn.
  var requested: PreviewKey?
  var generation = 0

  /// Some megabytes of cells at most.
  static let capacity = 32

  public subscript(key: PreviewKey) -> Entry? { entries[key] }

  /// Nothing more is to be drawn for it.
  func isSettled(_ key: PreviewKey) -> Bool {
    switch entries[key] {
    case .ready, .failed: true
    case .rough, nil: false
    }
  }

  mutating func insert(_ entry: Entry, for key: PreviewKey) {
    if entries.updateValue(entry, forKey: key) == nil { order.append(key) }
    if order.count > Self.capacity { entries[order.removeFirst()] = nil }
  }

  mutating func forgetFailures() {
    let failed = Set(
      entries.filter { if case .failed = $0.value { true } else { false } }.keys)
    for key in failed { entries[key] = nil }
    order.removeAll { failed.contains($0) }
  }
}
