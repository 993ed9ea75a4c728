import Synchronization
import Testing
import Threads

@Suite struct ThreadsTests {
  @Test(arguments: [0, 1, 2, 7, 1000])
  func `what runs in parallel is done once each, and its answers keep their places`(_ count: Int) {
    let calls = Mutex([Int: Int]())
    let answers = inParallel(count) { place -> Int in
      calls.withLock { $0[place, default: 0] += 1 }
      return place * place
    }
    #expect(answers == (0..<count).map { $0 * $0 })
    #expect(calls.withLock { $0.count == count && $0.values.allSatisfy { $0 == 1 } })
  }

  @Test func `a flag that is set stays so, for all threads`() async {
    let flag = StopFlag()
    #expect(!flag.isSet)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { flag.set() } }
    }
    #expect(flag.isSet)
    flag.set()
    #expect(flag.isSet)
  }

  @Test func `a thread of its own gives back what was made there, or what was thrown`() async throws
  {
    struct Wrong: Error, Equatable {}
    #expect(try await OwnThread.run("test") { 6 * 7 } == 42)
    await #expect(throws: Wrong()) { try await OwnThread.run("test") { throw Wrong() } }
  }
}
