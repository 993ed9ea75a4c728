import Synchronization

/// A sign that is set once, from any thread, and seen by all: for work that no task can be cancelled for.
public final class StopFlag: Sendable {
  private let value = Atomic(false)

  public init() {}

  public var isSet: Bool { value.load(ordering: .acquiring) }
  public func set() { value.store(true, ordering: .releasing) }
}
