import COneDNN
import Glibc
import Synchronization

/// Programs that run at the same time, one on each thread, and add up what each has computed.
///
/// A short sequence has too little work in each product to share that product out: the threads would
/// wait for each other more often than they compute. Members instead compute whole chains, each on its
/// own heads and its own columns, and meet twice a block (tensor parallelism, Shoeybi et al. 2019).
public final class ProgramTeam: Sendable {
  public let count: Int
  private let barrier: Barrier
  /// What each member hands in, in two turns: one is read while the next is written.
  private let turns: [[AlignedBlock]]
  private let size: Int

  /// - Parameters:
  ///   - count: members.
  ///   - size: floats that each hands in at a time, at most.
  public init(count: Int, size: Int) {
    self.count = count
    self.size = size
    barrier = Barrier(parties: count)
    turns = (0..<2).map { _ in
      (0..<count).map { _ in
        let block = AlignedBlock(byteCount: 4 * size)
        block.address.initializeMemory(as: Float.self, repeating: 0, count: size)
        return block
      }
    }
  }

  public var byteCount: Int { turns.joined().reduce(0) { $0 + $1.byteCount } }

  /// Runs the members' programs, each on a worker of its own.
  /// - Throws: the first error of a member; the others end too.
  public func run(_ programs: [Program], on workers: Workers) throws {
    precondition(programs.count == count && count <= workers.count)
    barrier.reset()
    _ = try workers.run(parts: count) { member in
      do {
        try programs[member].run()
      } catch {
        self.barrier.abandon()
        throw error
      }
    }
  }

  fileprivate func block(turn: Int, member: Int) -> AlignedBlock { turns[turn][member] }

  /// x += everything handed in, in the members' order, so that all have the same x.
  fileprivate func meet(turn: Int, addingTo x: UnsafeMutablePointer<Float>, count: Int) {
    barrier.wait()
    for block in turns[turn] {
      let part = block.address.assumingMemoryBound(to: Float.self)
      for index in 0..<count { x[index] += part[index] }
    }
  }
}

extension Program {
  /// Where a member of a team writes what it hands in.
  /// - Parameter turn: 0 and 1 in alternation.
  public func buffer(of team: ProgramTeam, member: Int, turn: Int, count: Int) -> Buffer {
    adopt(team.block(turn: turn, member: member), count: count)
  }

  /// Adds the step that waits until every member has handed in its part of `turn`, and adds them all.
  /// - Parameter x: the member's own copy of the sum.
  public func addTeam(_ team: ProgramTeam, turn: Int, into x: Buffer, count: Int) {
    precondition(count <= x.count)
    host { program in team.meet(turn: turn, addingTo: program.address(x), count: count) }
  }
}

/// A barrier: threads go on when all of them have arrived.
///
/// Threads of one team arrive within microseconds of each other, so a thread spins for a while before it
/// sleeps. On a busy machine it sleeps, and leaves its core to those still on their way.
private final class Barrier: @unchecked Sendable {
  private let parties: Int
  private let arrived = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)
  private let isAbandoned = Atomic<Bool>(false)
  // Guard the sleep only; made in place, since they must not move.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Looks before sleep: some ten microseconds.
  private static let looks = 2_000

  init(parties: Int) {
    self.parties = parties
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Before any thread comes.
  func reset() {
    arrived.store(0, ordering: .releasing)
    isAbandoned.store(false, ordering: .releasing)
  }

  /// Nobody waits any more: one of the threads will not come.
  func abandon() {
    isAbandoned.store(true, ordering: .releasing)
    wakeAll()
  }

  func wait() {
    let current = generation.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == parties {
      arrived.store(0, ordering: .releasing)
      wakeAll()
      return
    }
    for _ in 0..<Self.looks {
      if hasPassed(current) { return }
      clip_spin_hint()
    }
    pthread_mutex_lock(mutex)
    while !hasPassed(current) { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }

  private func hasPassed(_ current: Int) -> Bool {
    generation.load(ordering: .acquiring) != current || isAbandoned.load(ordering: .acquiring)
  }

  private func wakeAll() {
    pthread_mutex_lock(mutex)
    generation.add(1, ordering: .acquiringAndReleasing)
    pthread_mutex_unlock(mutex)
    pthread_cond_broadcast(condition)
  }
}
