import Foundation
import Hub
import TestSupport
import Testing
import LoopbackHub

/// A hub behind TLS, played by `openssl s_server`: one file of a whole answer for each address.
@Suite struct EncryptedLineTests {
  static let openssl = "/usr/bin/openssl"

  /// - Parameter answer: what the list's address answers, headers included.
  private static func withServer(
    _ answer: String, _ body: (_ address: String, _ certificate: String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-rsicd-tls-\(UUID().uuidString)")
    let revision = folder.appendingPathComponent("api/models/org/name/revision")
    try FileManager.default.createDirectory(at: revision, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(answer.utf8).write(to: revision.appendingPathComponent("main?blobs=true"))
    let made = try run(
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=DNS:localhost",
      ], executable: URL(fileURLWithPath: openssl), directory: folder)
    try #require(made.status == 0, "\(made.stderr)")
    let server = Process()
    server.executableURL = URL(fileURLWithPath: openssl)
    server.arguments = [
      "s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-HTTP",
    ]
    server.currentDirectoryURL = folder
    let output = Pipe()
    server.standardOutput = output
    server.standardError = FileHandle.nullDevice
    server.standardInput = FileHandle.nullDevice
    try server.run()
    defer {
      // It inherits blocked signals.
      kill(server.processIdentifier, SIGKILL)
      server.waitUntilExit()
    }
    var text = ""
    var port: Substring?
    while port == nil {
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "openssl s_server ended: \(text)")
      text += String(decoding: data, as: UTF8.self)
      port = text.firstMatch(of: /ACCEPT [0-9.]+:([0-9]+)/)?.1
    }
    try await body("https://localhost:\(port ?? "")", "\(folder.path)/cert.pem")
  }

  private static func refusal(_ address: String, _ variables: [String: String]) throws -> String {
    let result = try run(
      ["pull", "org/name"],
      environment: variables.merging(["HF_ENDPOINT": address, "HF_HOME": "/nonexistent"]) { $1 })
    #expect(result.status == 2)
    return result.stderr
  }

  @Test(
    "a certificate must be trusted; nothing is followed from https to http",
    .enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
  func certificates() async throws {
    let list = "{\"sha\": \"\(String(repeating: "a", count: 40))\", \"siblings\": []}"
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(list.utf8.count)\r\n\r\n\(list)"
    try await Self.withServer(answer) { address, certificate in
      let untrusted = try Self.refusal(address, [:])
      #expect(untrusted.contains("its certificate is not trusted"), "\(untrusted)")
      let trusted = try Self.refusal(address, ["SSL_CERT_FILE": certificate])
      #expect(trusted.contains("has no weights"), "\(trusted)")
      let otherName = try Self.refusal(
        address.replacing("localhost", with: "127.0.0.1"), ["SSL_CERT_FILE": certificate])
      #expect(otherName.contains("its certificate is not trusted"), "\(otherName)")
    }
    let asked = Mailbox()
    let open = try LoopbackServer { request in
      asked.add(request.target)
      return .text(200, list)
    }
    let moved = "HTTP/1.1 302 Found\r\nLocation: \(open.address)/x\r\nContent-Length: 0\r\n\r\n"
    try await Self.withServer(moved) { address, certificate in
      let words = try Self.refusal(
        address, ["SSL_CERT_FILE": certificate, "HF_TOKEN": "hf_secret"])
      #expect(words.contains("was sent on from https to \(open.address)"), "\(words)")
      #expect(asked.list.isEmpty)
    }
  }
}
