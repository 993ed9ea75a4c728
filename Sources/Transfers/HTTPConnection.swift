import CCurl
import Foundation
import Threads

/// What holds for every exchange.
package struct HTTPSettings: Sendable {
  /// Seconds until a connection must stand.
  package var connectSeconds = 20
  /// Seconds that a line may stand nearly still before it counts as broken.
  package var stallSeconds = 30
  /// Bytes a second below which a line stands nearly still.
  package var stallRate = 64
  package var userAgent = "clip-rsicd"
  /// A file of certificates to trust instead of the system's.
  package var certificates: String?

  package init() {}
}

/// One thread's HTTP client, by libcurl: asks, hands the answer over piece by piece, follows no
/// redirect, keeps no cookie, decodes no compression. Proxies come from libcurl's variables
/// (`http_proxy`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` …), except for this machine itself. A connection
/// is kept for the next request to the same host.
package final class HTTPConnection {
  private let handle: UnsafeMutableRawPointer
  private let settings: HTTPSettings

  /// Must happen once, before the first handle.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  package init(_ settings: HTTPSettings) throws(TransferError) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw TransferError("libcurl", .refused("cannot be started"))
    }
    self.handle = handle
    self.settings = settings
  }

  deinit { curl_easy_cleanup(handle) }

  /// - Throws: ``TransferError``, and what the receiver throws.
  package func send(
    _ request: HTTPRequest, to receiver: any HTTPReceiver, cancellation: StopFlag
  ) throws -> HTTPResponse {
    let place = request.address.origin
    let exchange = HTTPExchange(receiver, place: place, cancellation: cancellation)
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for (name, value) in request.headers {
      guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }),
        let longer = curl_slist_append(list, "\(name): \(value)")
      else { throw TransferError(place, .refused("the header \(name) cannot be sent")) }
      list = longer
    }
    curl_easy_reset(handle)
    prepare(request, list, exchange)
    let code = withExtendedLifetime(exchange) { curl_easy_perform(handle) }
    if let failure = exchange.failure { throw failure }
    if cancellation.isSet { throw TransferError(place, .cancelled) }
    if code == CURLE_WRITE_ERROR, exchange.isSkipped { return try exchange.response() }
    guard code == CURLE_OK else { throw TransferError(place, Self.reason(code, settings)) }
    try exchange.begin()
    return try exchange.response()
  }

  private func prepare(
    _ request: HTTPRequest, _ list: UnsafeMutablePointer<curl_slist>?, _ exchange: HTTPExchange
  ) {
    clip_curl_set_text(handle, CURLOPT_URL, request.address.text)
    if request.method == .head { clip_curl_set_number(handle, CURLOPT_NOBODY, 1) }
    clip_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
    clip_curl_set_text(handle, CURLOPT_USERAGENT, settings.userAgent)
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      (CURLOPT_CONNECTTIMEOUT, settings.connectSeconds),
      (CURLOPT_LOW_SPEED_LIMIT, settings.stallRate),
      (CURLOPT_LOW_SPEED_TIME, settings.stallSeconds),
      (CURLOPT_BUFFERSIZE, 256 << 10), (CURLOPT_NOPROGRESS, 0), (CURLOPT_TCP_KEEPALIVE, 1),
      (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
    ]
    for (option, value) in numbers { clip_curl_set_number(handle, option, value) }
    if let file = settings.certificates { clip_curl_set_text(handle, CURLOPT_CAINFO, file) }
    // What is meant for this machine goes to no proxy.
    if request.address.isLoopback { clip_curl_set_text(handle, CURLOPT_PROXY, "") }
    let this = Unmanaged.passUnretained(exchange).toOpaque()
    clip_curl_set_pointer(handle, CURLOPT_HEADERDATA, this)
    clip_curl_set_pointer(handle, CURLOPT_WRITEDATA, this)
    clip_curl_set_pointer(handle, CURLOPT_XFERINFODATA, this)
    clip_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION) { start, size, count, this in
      HTTPExchange.of(this)?.header(UnsafeRawBufferPointer(start: start, count: size * count)) ?? 0
    }
    clip_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { start, size, count, this in
      HTTPExchange.of(this)?.body(UnsafeRawBufferPointer(start: start, count: size * count)) ?? 0
    }
    clip_curl_set_progress(handle) { this, _, _, _, _ in
      HTTPExchange.of(this)?.cancellation.isSet == false ? 0 : 1
    }
  }

  private static func reason(_ code: CURLcode, _ settings: HTTPSettings) -> TransferError.Reason {
    let words = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST:
      return .broken("its name cannot be resolved; is there a network?")
    case CURLE_COULDNT_RESOLVE_PROXY: return .broken("the proxy's name cannot be resolved")
    case CURLE_COULDNT_CONNECT: return .broken("no connection can be made")
    case CURLE_OPERATION_TIMEDOUT:
      return .broken("nothing came for \(settings.stallSeconds) seconds")
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR,
      CURLE_SSL_CONNECT_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return .broken("the connection broke (\(words))")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
      return .refused(
        "its certificate is not trusted (\(words)); behind a proxy that has its own, name the file "
          + "of that in SSL_CERT_FILE")
    default: return .refused(words)
    }
  }
}

/// One request's answer on its way in; libcurl calls it on the thread that sends.
private final class HTTPExchange {
  let cancellation: StopFlag
  private(set) var failure: (any Error)?
  /// The receiver did not want the body.
  private(set) var isSkipped = false

  private let receiver: any HTTPReceiver
  private let place: String
  private var status = 0
  private var headers: [(name: String, value: String)] = []
  private var headerBytes = 0
  private var hasBegun = false

  private static let mostHeaderBytes = 128 << 10

  init(_ receiver: any HTTPReceiver, place: String, cancellation: StopFlag) {
    self.receiver = receiver
    self.place = place
    self.cancellation = cancellation
  }

  static func of(_ pointer: UnsafeMutableRawPointer?) -> HTTPExchange? {
    pointer.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
  }

  func response() throws -> HTTPResponse {
    guard (200...599).contains(status) else {
      throw TransferError(place, .refused("it does not speak HTTP (status \(status))"))
    }
    return HTTPResponse(status: status, headers: headers)
  }

  /// Hands status and headers over, where that has not happened yet.
  func begin() throws {
    guard !hasBegun else { return }
    hasBegun = true
    isSkipped = !(try receiver.begin(try response()))
  }

  func header(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard !hasBegun else { return bytes.count }
    headerBytes += bytes.count
    guard headerBytes <= Self.mostHeaderBytes else {
      failure = TransferError(place, .tooLong(limit: Self.mostHeaderBytes))
      return 0
    }
    let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    if line.hasPrefix("HTTP/") {
      // An interim answer (100) is followed by another one.
      headers = []
      let words = line.split(separator: " ", maxSplits: 2)
      status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers.append((String(line[..<colon]), value))
    }
    return bytes.count
  }

  func body(_ bytes: UnsafeRawBufferPointer) -> Int {
    do {
      try begin()
      if isSkipped { return 0 }
      try receiver.receive(Array(bytes))
      return bytes.count
    } catch {
      failure = error
      return 0
    }
  }
}
