/// Why an HTTP exchange or the file that it fills came to nothing.
package struct TransferError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Reason: Error, Equatable {
    /// Stopped by the caller.
    case cancelled
    /// No connection, a connection that broke or one that stood still: trying again may help.
    case broken(String)
    /// The other side cannot be trusted or spoke no HTTP: trying again does not help.
    case refused(String)
    case badAddress(String)
    /// More than is accepted.
    case tooLong(limit: Int)
    case unwritable(String)
  }

  /// The address or the path.
  package let place: String
  package let reason: Reason

  package init(_ place: String, _ reason: Reason) {
    self.place = place
    self.reason = reason
  }

  package var description: String {
    switch reason {
    case .cancelled: "\(place): stopped"
    case .broken(let words): "\(place): \(words)"
    case .refused(let words): "\(place): \(words)"
    case .badAddress(let words): "\(place) is no http or https address (\(words))"
    case .tooLong(let limit): "\(place): sends more than the \(limit) bytes that are accepted"
    case .unwritable(let words): "\(place): cannot be written: \(words)"
    }
  }
}
