import Foundation
import Synchronization

/// The three descriptors that a program is born with, whatever they lead to: a pipe, a full disk, a
/// terminal that has gone, or nothing at all.
///
/// Messages that cannot be written are dropped: nobody is there to read them, and a run of hours must not
/// end for it. Results that cannot be written are an error, told once, at the end.
enum StandardStreams {
  /// Puts something behind descriptors that are closed: else the next file that is opened, a
  /// collection or a log, would get their number and the messages with it.
  static func open() {
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(number, F_GETFD) == -1 && errno == EBADF {
      // What is written to stdout must fail, and so it is open for reading only.
      let null = Foundation.open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY)
      // The lowest free number is the one that was closed; child processes must not inherit it.
      if null >= 0, null != number {
        _ = dup2(null, number)
        close(null)
      }
    }
  }

  /// Writes all bytes, after interruptions too.
  /// - Returns: 0, or the system's error number where some were lost.
  static func write(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Int32 {
    let bytes = Array(bytes)
    return bytes.withUnsafeBytes { buffer -> Int32 in
      var start = 0
      while start < buffer.count {
        let count = Foundation.write(
          descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
        if count > 0 {
          start += count
        } else if count == 0 {
          return EIO
        } else if errno == EAGAIN {
          // A terminal or pipe that somebody made non-blocking.
          var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          if poll(&waited, 1, 10_000) <= 0 { return EAGAIN }
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// Writes to stderr, or not.
  static func tell(_ text: String) { _ = write(text.utf8, to: STDERR_FILENO) }
}

/// What goes to stdout, held back in pieces; remembers the first failure.
enum ResultStream {
  private struct State {
    var held: [UInt8] = []
    var failure: Int32 = 0
  }

  private static let state = Mutex(State())
  private static let piece = 1 << 16

  static func add(_ text: String) {
    state.withLock { state in
      state.held += Array(text.utf8)
      if state.held.count >= piece || (Output.resultIsTerminal && text.hasSuffix("\n")) {
        write(&state)
      }
    }
  }

  /// Writes what is held back.
  /// - Returns: 0, or the error number of the first failure since the start.
  @discardableResult
  static func flush() -> Int32 {
    state.withLock { state in
      write(&state)
      return state.failure
    }
  }

  private static func write(_ state: inout State) {
    // After a failure the rest would be a result with a hole in it.
    if state.failure == 0 {
      state.failure = StandardStreams.write(state.held, to: STDOUT_FILENO)
    }
    state.held.removeAll(keepingCapacity: true)
  }
}
