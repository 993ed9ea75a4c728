#if MPI
  import CMPI
  import Foundation
  import Training

  /// All processes that one mpirun started (MPI_COMM_WORLD).
  ///
  /// Collective calls keep a processor busy while they wait. Ranks may wait long for the first, which
  /// validates and saves alone, and perhaps on the same machine: so each call is preceded by a wait that
  /// sleeps, and only what all are ready for goes the fast way.
  final class MPIWorld: Ranks {
    let rank: Int
    let count: Int
    private(set) var neighbours: [Int: Int32]

    /// Starts MPI; the calling thread is the one that may use this.
    init() throws {
      try Self.check(clip_mpi_start(), "MPI_Init_thread", rank: nil)
      var (rank, count, machine): (Int32, Int32, Int32) = (0, 0, 0)
      try Self.check(clip_mpi_rank(&rank), "MPI_Comm_rank", rank: nil)
      try Self.check(clip_mpi_count(&count), "MPI_Comm_size", rank: Int(rank))
      try Self.check(clip_mpi_machine(&machine), "MPI_Comm_split_type", rank: Int(rank))
      (self.rank, self.count) = (Int(rank), Int(count))
      neighbours = [:]
      let all = try gather([Int(machine), Int(getpid())])
      for other in 0..<self.count where all[2 * other] == Int(machine) {
        neighbours[other] = Int32(all[2 * other + 1])
      }
    }

    // MARK: Calls

    /// Floats of one call: MPI counts in 32 bits, and a library may want room for a copy.
    private static let most = 1 << 26

    func sum(_ values: inout [Float]) throws {
      try meet()
      try values.withUnsafeMutableBufferPointer { values in
        for first in stride(from: 0, to: values.count, by: Self.most) {
          let part = values[first..<min(first + Self.most, values.count)]
          guard let start = values.baseAddress else { return }
          try check(clip_mpi_sum_floats(start + first, Int32(part.count)), "MPI_Allreduce")
        }
      }
    }

    func gather(_ block: [Float]) throws -> [Float] {
      try gather(block, filling: 0)
    }

    func gather(_ block: [Int]) throws -> [Int] {
      try gather(block, filling: 0)
    }

    private func gather<Number>(_ block: [Number], filling: Number) throws -> [Number] {
      try meet()
      var counts = [Int64](repeating: 0, count: count)
      try check(clip_mpi_gather_longs([Int64(block.count)], 1, &counts), "MPI_Allgather")
      let total = counts.reduce(0, +)
      guard total <= Int64(Int32.max) else {
        throw RanksError("\(total) numbers to gather, expected at most \(Int32.max); lower batch")
      }
      var places: [Int32] = []
      for count in counts { places.append((places.last ?? 0) + Int32(count)) }
      places = [0] + places.dropLast()
      var all = [Number](repeating: filling, count: Int(total))
      let size = Int32(MemoryLayout<Number>.stride)
      try block.withUnsafeBytes { block in
        try all.withUnsafeMutableBytes { all in
          try check(
            clip_mpi_gather(
              block.baseAddress, Int32(counts[rank]), all.baseAddress, counts.map { Int32($0) },
              places, size), "MPI_Allgatherv")
        }
      }
      return all
    }

    func broadcast(_ values: inout [Float]) throws {
      try meet()
      try values.withUnsafeMutableBytes { try broadcast($0) }
    }

    func broadcast(_ bytes: inout [UInt8]) throws {
      let size = try gather([bytes.count])[0]
      bytes = rank == 0 ? bytes : Array(repeating: 0, count: size)
      try bytes.withUnsafeMutableBytes { try broadcast($0) }
    }

    private func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
      for first in stride(from: 0, to: bytes.count, by: 4 * Self.most) {
        guard let start = bytes.baseAddress else { return }
        let size = min(4 * Self.most, bytes.count - first)
        try check(clip_mpi_broadcast_bytes(start + first, Int32(size)), "MPI_Bcast")
      }
    }

    /// Waits until all ranks are here, asleep most of the time.
    private func meet() throws {
      var request: MPI_Request?
      try check(clip_mpi_begin_barrier(&request), "MPI_Ibarrier")
      var (done, looked): (Int32, Int) = (0, 0)
      while true {
        try check(clip_mpi_test(&request, &done), "MPI_Test")
        if done != 0 { return }
        looked += 1
        // At first it yields, so that a neighbour on the same processor can get here; later a sleep of a
        // millisecond does not matter.
        if looked < 200 { sched_yield() } else { usleep(looked < 2000 ? 50 : 1000) }
      }
    }

    // MARK: The end

    func end() {
      // What is left to go wrong here is nobody's loss.
      _ = try? meet()
      MPI_Finalize()
    }

    func abort(_ code: Int32) -> Never {
      _ = clip_mpi_abort(code)
      _exit(code)
    }

    // MARK: Errors

    private func check(_ code: Int32, _ call: String) throws {
      try Self.check(code, call, rank: rank)
    }

    private static func check(_ code: Int32, _ call: String, rank: Int?) throws {
      guard code != MPI_SUCCESS else { return }
      var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
      var length: Int32 = 0
      MPI_Error_string(code, &text, &length)
      let words = String(
        decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let place = rank.map { " on rank \($0)" } ?? ""
      throw RanksError(
        "\(call) failed\(place): \(words); a rank or the way to its machine is lost. What was saved is "
          + "intact", canResume: true)
    }
  }
#endif
