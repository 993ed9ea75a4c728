import Compute
import Synchronization
import Testing

/// The two ways in which work is shared among threads.
@Suite struct WorkersTests {
  struct Wrong: Error, Equatable { let part: Int }

  @Test(arguments: [1, 2, 3, 8])
  func `parts run once each and give their answers in order`(_ threads: Int) throws {
    let workers = Workers(count: threads)
    #expect(workers.count == threads)
    for round in 0..<20 {
      #expect(try workers.run(parts: threads) { $0 + round } == (0..<threads).map { $0 + round })
    }
    // More parts than workers take turns.
    #expect(try workers.run(parts: 3 * threads) { $0 } == Array(0..<3 * threads))
    #expect(Workers(count: 0).count == 1)
  }

  @Test func `parts run beside each other, so they may wait for each other`() throws {
    let arrived = Atomic(0)
    let done = try Workers(count: 3).run(parts: 3) { _ -> Bool in
      arrived.add(1, ordering: .sequentiallyConsistent)
      while arrived.load(ordering: .sequentiallyConsistent) < 3 {}
      return true
    }
    #expect(done == [true, true, true])
  }

  @Test func `what a part throws is thrown, the first part's error first`() {
    let workers = Workers(count: 4)
    #expect(throws: Wrong(part: 1)) {
      _ = try workers.run(parts: 4) { part -> Int in
        if part > 0 { throw Wrong(part: part) }
        return part
      }
    }
    #expect((try? workers.run(parts: 2) { $0 }) == [0, 1])
  }

  @Test func `a part that would wait for its own workers ends the process instead of hanging`()
    async
  {
    await #expect(processExitsWith: .failure) {
      let workers = Workers(count: 2)
      _ = try workers.run(parts: 1) { _ in try workers.run(parts: 1) { $0 } }
    }
  }

  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 1000])
  func `a team does every piece once`(_ threads: Int, _ pieces: Int) {
    let team = Team(threads: threads)
    for _ in 0..<5 {
      let counts = Mutex([Int](repeating: 0, count: pieces))
      team.share(pieces) { piece in counts.withLock { $0[piece] += 1 } }
      #expect(counts.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  @Test func `a team's helpers work beside the caller`() {
    let arrived = Atomic(0)
    Team(threads: 3).share(3) { _ in
      arrived.add(1, ordering: .sequentiallyConsistent)
      while arrived.load(ordering: .sequentiallyConsistent) < 3 {}
    }
    #expect(arrived.load(ordering: .sequentiallyConsistent) == 3)
  }

  @Test func `a team throws the first error, does the other pieces, and goes on working`() {
    let team = Team(threads: 1)
    let done = Atomic(0)
    #expect(throws: Wrong(part: 3)) {
      try team.forEach(10) { piece in
        if piece == 3 || piece == 7 { throw Wrong(part: piece) }
        done.add(1, ordering: .relaxed)
      }
    }
    #expect(done.load(ordering: .relaxed) == 8)
    team.share(5) { _ in done.add(1, ordering: .relaxed) }
    #expect(done.load(ordering: .relaxed) == 13)
  }
}
