import Synchronization

/// Programs that are ready, by shape: lent to one call at a time and kept for the next.
///
/// Memory is bounded: the programs used longest ago go first.
public final class ProgramPool<Shape: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    let shape: Shape
    let value: Value
    let byteCount: Int
  }

  /// Least recently used first.
  private let idle = Mutex<[Entry]>([])
  private let byteLimit: Int

  /// - Parameter byteLimit: bytes of idle programs that are kept.
  public init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// Lends a program of a shape, made if none is idle.
  public func withProgram<Result>(
    of shape: Shape, make: () throws -> (value: Value, byteCount: Int),
    _ body: (Value) throws -> Result
  ) throws -> Result {
    let found = idle.withLock { entries -> Entry? in
      guard let index = entries.lastIndex(where: { $0.shape == shape }) else { return nil }
      return entries.remove(at: index)
    }
    let entry: Entry
    if let found {
      entry = found
    } else {
      let made = try make()
      entry = Entry(shape: shape, value: made.value, byteCount: made.byteCount)
    }
    defer { giveBack(entry) }
    return try body(entry.value)
  }

  private func giveBack(_ entry: Entry) {
    let dropped = idle.withLock { entries -> [Entry] in
      entries.append(entry)
      var total = entries.reduce(0) { $0 + $1.byteCount }
      var dropped: [Entry] = []
      while total > byteLimit, entries.count > 1 {
        let oldest = entries.removeFirst()
        total -= oldest.byteCount
        dropped.append(oldest)
      }
      return dropped
    }
    _ = dropped
  }
}
