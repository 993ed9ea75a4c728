import Foundation

/// Whether this process may have the threads and open files that it will need.
///
/// Tried once, before anything depends on it: libdispatch, which runs Swift's tasks, waits for ever for
/// a thread that it does not get, libgomp calls `exit`, and the runtime traps where it can open nothing.
package enum ProcessRoom {
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case threads(needed: Int, started: Int, limit: Int?)
    case files(needed: Int, opened: Int, limit: Int?)

    package var description: String {
      switch self {
      case .threads(let needed, let started, let limit):
        "\(needed) threads are needed, and \(started) can be started: too many processes of this user "
          + "are at work (ulimit -u\(Self.text(limit))), or too little memory is left (ulimit -v)"
      case .files(let needed, let opened, let limit):
        "too many open files: \(needed) more are needed, and \(opened) can be opened; raise the limit "
          + "(ulimit -n\(Self.text(limit)))"
      }
    }

    private static func text(_ limit: Int?) -> String { limit.map { ": \($0)" } ?? "" }
  }

  /// What a command has at work at once on this machine: tasks, workers, a team of OpenMP and those that
  /// wait for them.
  package static var threadsNeeded: Int { 3 * ProcessInfo.processInfo.activeProcessorCount + 4 }
  /// The collection with its companions, the models' files, and a picture for each core.
  package static var filesNeeded: Int { 2 * ProcessInfo.processInfo.activeProcessorCount + 24 }

  package static func check() throws(Failure) {
    try checkFiles(filesNeeded)
    try checkThreads(threadsNeeded)
  }

  /// Starts `count` threads that exist at the same time, and lets them end.
  static func checkThreads(_ count: Int) throws(Failure) {
    let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(gate, nil)
    pthread_mutex_lock(gate)
    var threads: [pthread_t] = []
    for _ in 0..<count {
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { gate in
          let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self)
          if let gate, pthread_mutex_lock(gate) == 0 { pthread_mutex_unlock(gate) }
          return nil
        }, gate)
      guard code == 0 else { break }
      threads.append(thread)
    }
    pthread_mutex_unlock(gate)
    for thread in threads { pthread_join(thread, nil) }
    pthread_mutex_destroy(gate)
    gate.deallocate()
    guard threads.count == count else {
      throw .threads(needed: count, started: threads.count, limit: limit("Max processes"))
    }
  }

  static func checkFiles(_ count: Int) throws(Failure) {
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    for _ in 0..<count {
      // A copy of a descriptor counts as an open file; 2 is always open.
      let descriptor = fcntl(2, F_DUPFD_CLOEXEC, 3)
      guard descriptor >= 0 else { break }
      opened.append(descriptor)
    }
    let made = opened.count
    guard made == count else {
      var limits = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
      throw .files(needed: count, opened: made, limit: Int(exactly: limits.rlim_cur))
    }
  }

  /// The soft limit of this process as the kernel words it; `nil` where there is none.
  private static func limit(_ name: String) -> Int? {
    let text = (try? String(contentsOfFile: "/proc/self/limits", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) }
  }
}
