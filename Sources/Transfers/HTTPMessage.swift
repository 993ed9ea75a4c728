import CCurl
import Foundation

package struct HTTPRequest: Sendable {
  package enum Method: Sendable { case get, head }

  package var method: Method
  package var address: WebAddress
  package var headers: [(name: String, value: String)]

  package init(
    _ address: WebAddress, method: Method = .get, headers: [(name: String, value: String)] = []
  ) {
    self.address = address
    self.method = method
    self.headers = headers
  }
}

/// Status and headers of an answer.
package struct HTTPResponse: Sendable {
  package let status: Int
  package let headers: [(name: String, value: String)]

  package init(status: Int, headers: [(name: String, value: String)]) {
    self.status = status
    self.headers = headers
  }

  /// The first header of that name, whatever its case.
  package subscript(_ name: String) -> String? {
    headers.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }?.value
  }

  package var contentLength: Int? {
    self["Content-Length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// `Content-Range: bytes 200-999/1000` → 200, 1000.
  package var contentRange: (start: Int, total: Int)? {
    guard let text = self["Content-Range"],
      let match = text.wholeMatch(of: /\s*bytes\s+([0-9]{1,18})-([0-9]{1,18})\/([0-9]{1,18})\s*/),
      let start = Int(match.1), let end = Int(match.2), let total = Int(match.3), start <= end,
      end < total
    else { return nil }
    return (start, total)
  }

  /// Seconds that the server asks to wait: `Retry-After` as a number or a date.
  package var retryAfter: Double? {
    guard let text = self["Retry-After"] else { return nil }
    if let seconds = Double(text) { return seconds.isFinite && seconds >= 0 ? seconds : nil }
    let date = curl_getdate(text, nil)
    return date < 0 ? nil : max(0, Double(date) - Date().timeIntervalSince1970)
  }
}

/// Takes an answer as it comes in.
package protocol HTTPReceiver: AnyObject {
  /// Called once, before the body. What it throws ends the exchange.
  /// - Returns: whether the body is wanted; one that is not is left unread.
  func begin(_ response: HTTPResponse) throws -> Bool
  func receive(_ bytes: [UInt8]) throws
}

/// Keeps an answer in memory, up to a limit.
package final class MemoryReceiver: HTTPReceiver {
  package private(set) var bytes: [UInt8] = []
  private let place: String
  private let limit: Int

  package init(place: String, limit: Int) {
    self.place = place
    self.limit = limit
  }

  package func begin(_ response: HTTPResponse) throws -> Bool {
    bytes = []
    if let length = response.contentLength, length > limit {
      throw TransferError(place, .tooLong(limit: limit))
    }
    return true
  }

  package func receive(_ more: [UInt8]) throws {
    guard bytes.count + more.count <= limit else {
      throw TransferError(place, .tooLong(limit: limit))
    }
    bytes += more
  }
}
