import Synchronization

/// A flag that any thread can set, once, and all threads see: for work that runs outside a task and cannot be
/// cancelled with one.
public final class StopFlag: Sendable {
  private let value = Atomic(false)

  public init() {}

  public var isSet: Bool { value.load(ordering: .acquiring) }
  public func set() { value.store(true, ordering: .releasing) }
}
