import Foundation
import TestSupport
import Testing

import Files

@Suite struct FileTests {
  @Test func `a time beyond 2262 is the latest that there is, in nanoseconds`() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("late").path
      try Data("x".utf8).write(to: URL(fileURLWithPath: path))
      for (stamp, expected) in [
        ("@9223372037", Int64.max), ("@1700000000.25", 1_700_000_000_250_000_000),
      ] {
        let touched = try run(
          ["-d", stamp, path], executable: URL(fileURLWithPath: "/usr/bin/touch"))
        try #require(touched.status == 0)
        #expect(try FileFacts(path).modifiedNanoseconds == expected)
      }
      #expect(try FileFacts(path).byteCount == 1)
    }
  }

  @Test func `a file is read up to its limit, and refused one byte beyond it`() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("five").path
      try Data("12345".utf8).write(to: URL(fileURLWithPath: path))
      #expect(try RegularFile.read(path, limit: 5) == Array("12345".utf8))
      #expect(try RegularFile.read(path, limit: 5, prefix: 2) == Array("12".utf8))
      #expect(throws: RegularFile.Failure.tooManyBytes(count: 5, limit: 4)) {
        try RegularFile.read(path, limit: 4)
      }
      let refused = #expect(throws: RegularFile.Failure.self) {
        try RegularFile.read(folder.path, limit: 4)
      }
      #expect(refused?.text == "a regular file was expected, this is a directory")
    }
  }

  @Test func `a lock is had by one at a time, and given up with its owner`() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("lock").path
      var first: FileLock? = try FileLock(path)
      first?.write("12345")
      first?.write("67")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "67")
      #expect(throws: FileLock.Failure.taken) { try FileLock(path) }
      first = nil
      _ = try FileLock(path)
      let link = folder.appendingPathComponent("link").path
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      _ = try FileLock(link)
      #expect(throws: FileLock.Failure.self) { try FileLock(link, followingLinks: false) }
    }
  }
}
