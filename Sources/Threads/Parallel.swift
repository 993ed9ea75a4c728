import Dispatch
import Foundation

/// What `body` gives for 0 ..< count, in that order, on every core. For pieces of work that wait for
/// nothing; blocks the calling thread.
package func inParallel<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value]
{
  let slots = Slots<Value>(count: count)
  DispatchQueue.concurrentPerform(iterations: count) { slots.set(body($0), at: $0) }
  return slots.values
}

/// Places that threads fill, each its own.
private final class Slots<Value: Sendable>: @unchecked Sendable {
  // Guarded by `lock`.
  private var slots: [Value?]
  private let lock = NSLock()

  init(count: Int) { slots = Array(repeating: nil, count: count) }
  func set(_ value: Value, at index: Int) { lock.withLock { slots[index] = value } }
  var values: [Value] { lock.withLock { slots.compactMap { $0 } } }
}
