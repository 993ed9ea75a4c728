import Foundation
import Synchronization

/// A server on 127.0.0.1 that can do all that a server should not: break off, lie about lengths, be slow.
/// One thread a connection, one request a connection.
public final class LoopbackServer: Sendable {
  public struct Request: Sendable {
    public let method: String
    /// As it was asked for, with the query; a proxy is asked for a whole address.
    public let target: String
    private let headers: [String: String]

    public init(method: String, target: String, headers: [String: String]) {
      self.method = method
      self.target = target
      self.headers = headers
    }

    public subscript(_ header: String) -> String? { headers[header.lowercased()] }

    /// The first byte of `Range: bytes=200-`.
    public var rangeStart: Int? {
      self["Range"]?.wholeMatch(of: /bytes=([0-9]+)-/).flatMap { Int($0.1) }
    }
  }

  public struct Reply: Sendable {
    public var status = 200
    public var headers: [(String, String)] = []
    public var body: [UInt8] = []
    /// The length that is announced, where that is not the body's.
    public var announced: Int?
    public var announcesLength = true
    /// Bytes of the body after which the connection is closed.
    public var cutAfter: Int?
    /// Bytes of the body after which nothing comes for so long, and then the end.
    public var stall: (after: Int, seconds: Double)?
    /// Bytes sent at a time, and seconds between.
    public var trickle: (bytes: Int, pause: Double)?
    /// The body again and again.
    public var repeats = 1

    public init(status: Int = 200, headers: [(String, String)] = [], body: [UInt8] = []) {
      (self.status, self.headers, self.body) = (status, headers, body)
    }

    public static func text(_ status: Int, _ text: String = "", _ headers: [(String, String)] = [])
      -> Reply
    {
      Reply(status: status, headers: headers, body: Array(text.utf8))
    }

    /// A file or the part of it that is asked for, as servers of files answer.
    public static func file(_ bytes: [UInt8], _ request: Request, etag: String) -> Reply {
      var reply = Reply(headers: [("ETag", "\"\(etag)\""), ("Accept-Ranges", "bytes")])
      let isSame = request["If-Range"].map { $0 == "\"\(etag)\"" } ?? true
      guard let start = request.rangeStart, isSame else {
        reply.body = bytes
        return reply
      }
      guard start < bytes.count else { return .text(416) }
      reply.status = 206
      reply.headers.append(("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"))
      reply.body = Array(bytes[start...])
      return reply
    }
  }

  public let port: Int
  public var address: String { "http://127.0.0.1:\(port)" }
  private let listener: Int32

  public init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listener = listening
    var one: Int32 = 1
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, length) == 0 && listen(listening, 64) == 0
          && getsockname(listening, $0, &length) == 0
      }
    }
    port = Int(UInt16(bigEndian: place.sin_port))
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    Thread.detachNewThread {
      while true {
        let connection = accept(listening, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread {
          Self.serve(connection, answer)
          close(connection)
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func serve(_ connection: Int32, _ answer: (Request) -> Reply) {
    guard let request = read(connection) else { return }
    let reply = answer(request)
    var head = "HTTP/1.1 \(reply.status) Whatever\r\nConnection: close\r\n"
    for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
    if reply.announcesLength {
      head += "Content-Length: \(reply.announced ?? reply.body.count * reply.repeats)\r\n"
    }
    guard send(connection, Array((head + "\r\n").utf8)), request.method != "HEAD" else { return }
    for _ in 0..<reply.repeats {
      guard body(of: reply, connection) else { return }
    }
    // The other side reads all of it before it sees the end.
    shutdown(connection, Int32(SHUT_WR))
    var rest = [UInt8](repeating: 0, count: 256)
    while recv(connection, &rest, rest.count, 0) > 0 {}
  }

  private static func body(of reply: Reply, _ connection: Int32) -> Bool {
    let end = min(reply.cutAfter ?? reply.body.count, reply.stall?.after ?? reply.body.count)
    let step = reply.trickle?.bytes ?? 64 << 10
    for start in stride(from: 0, to: end, by: step) {
      guard send(connection, Array(reply.body[start..<min(start + step, end)])) else {
        return false
      }
      if let pause = reply.trickle?.pause { Thread.sleep(forTimeInterval: pause) }
    }
    if let stall = reply.stall { Thread.sleep(forTimeInterval: stall.seconds) }
    return end == reply.body.count
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 64 << 10 {
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      bytes += piece.prefix(count)
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.contains("\r\n\r\n") else { continue }
      let lines = text.components(separatedBy: "\r\n")
      let words = lines[0].split(separator: " ")
      guard words.count == 3 else { return nil }
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        headers[line[..<colon].lowercased()] =
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
      return Request(method: String(words[0]), target: String(words[1]), headers: headers)
    }
    return nil
  }

  private static func send(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(
          connection, buffer.baseAddress.map { $0 + done }, buffer.count - done,
          Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}
