import CCrypto

/// SHA-256 of a file's contents: the same for the same bytes, wherever the file lies.
package struct FileDigest: Hashable, Sendable {
  /// 32 of them.
  package let bytes: [UInt8]

  /// - Returns: `nil` where there are not 32 of them.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    self.bytes = Array(bytes)
  }

  /// Bytes read at a time.
  private static let piece = 1 << 18

  /// Reads the file once, a piece at a time, so that its size costs no memory.
  /// - Parameter isCancelled: asked between pieces.
  /// - Returns: `nil` where it was cancelled.
  package init?(
    ofFile path: String, isCancelled: () -> Bool = { false }
  ) throws(RegularFile.Failure) {
    let file = try OpenFile(path)
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var succeeded = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    while succeeded {
      if isCancelled() { return nil }
      let count = file.read(into: buffer, at: offset)
      guard count >= 0 else { throw .system(RegularFile.systemText()) }
      if count == 0 { break }
      succeeded = EVP_DigestUpdate(context, buffer.baseAddress, count) == 1
      offset += count
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard succeeded, EVP_DigestFinal_ex(context, &digest, nil) == 1 else {
      throw .system("SHA-256 is not available in libcrypto")
    }
    bytes = digest
  }
}
