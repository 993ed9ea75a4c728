import Glibc

/// Makes a system call again for as long as a signal interrupts it.
/// - Parameter call: gives −1 and sets `errno` where it fails, as `open`, `flock` and `fsync` do.
/// - Returns: what it gave; after −1 `errno` is not `EINTR`.
package func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
