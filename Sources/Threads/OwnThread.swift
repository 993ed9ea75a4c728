import Foundation

/// A thread could not be started.
public struct ThreadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// errno.
  public let code: Int32

  public init(code: Int32) { self.code = code }

  public var description: String {
    "no thread can be started (\(String(cString: strerror(code)))): too many processes are at work or "
      + "too little memory is left; raise the limits (ulimit -u, ulimit -v), or use fewer threads"
  }
}

/// A thread of our own.
///
/// Foundation's `Thread` says nothing where the system gives none, and what waits for its work waits
/// for ever.
package enum OwnThread {
  private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts a thread that runs `body` and ends.
  /// - Parameters:
  ///   - name: for debuggers and `top -H`.
  ///   - stackBytes: a multiple of the page's size.
  package static func start(
    _ name: String, stackBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) throws(ThreadError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, stackBytes)
    let work = Unmanaged.passRetained(Work(name, body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        Thread.current.name = work.name
        work.body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw ThreadError(code: code)
    }
  }

  /// Runs `body` on a thread of its own and waits without holding one of Swift's pool, which has one for
  /// each core and must not be filled with what blocks.
  /// - Throws: what `body` throws, ``ThreadError``.
  package static func run<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { ended in
      do throws(ThreadError) {
        try start(name) { ended.resume(with: Result { try body() }) }
      } catch {
        ended.resume(throwing: error)
      }
    }
  }
}
