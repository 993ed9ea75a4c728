import Dispatch
import VectorIndexes

extension Bench {
  /// Exact search of random vectors beside the time of merely reading them.
  static func search(count: Int, width: Int, threads: Int, repeats: Int) async throws {
    var rows = [Float](repeating: 0, count: count * width)
    var state: UInt64 = 1
    for index in rows.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      rows[index] = Float(state >> 40) / Float(1 << 23) - 1
    }
    let query = Array(rows[..<width])
    let read = median(repeats) { blackHole(sum(rows, threads: threads)) }
    let search = ExactIndex(
      IndexRows(ids: (0..<Int64(count)).map { $0 }, vectors: rows, width: width), threads: threads)
    var seconds: [Double] = []
    for turn in 0..<repeats + 2 {
      let start = ContinuousClock.now
      let found = try await search.nearest(to: query, limit: 10)
      precondition(found.first?.id == 0)
      if turn >= 2 { seconds.append((ContinuousClock.now - start) / .seconds(1)) }
    }
    report("read", read, count: 1)
    report("search", seconds.sorted()[repeats / 2], count: 1)
  }

  @inline(never) static func blackHole(_ value: Float) {}

  /// Adds all numbers: what reading them takes at least.
  static func sum(_ rows: [Float], threads: Int) -> Float {
    rows.withUnsafeBufferPointer { rows in
      nonisolated(unsafe) let rows = rows
      nonisolated(unsafe) let sums = UnsafeMutableBufferPointer<Float>.allocate(capacity: threads)
      defer { sums.deallocate() }
      DispatchQueue.concurrentPerform(iterations: threads) { part in
        let start = rows.count * part / threads / 64 * 64
        let end = rows.count * (part + 1) / threads / 64 * 64
        let raw = UnsafeRawPointer(rows.baseAddress.unsafelyUnwrapped)
        var lanes = [SIMD16<Float>](repeating: .zero, count: 4)
        lanes.withUnsafeMutableBufferPointer { lanes in
          for index in stride(from: start, to: end, by: 64) {
            for lane in 0..<4 {
              lanes[lane] += raw.loadUnaligned(
                fromByteOffset: 4 * (index + 16 * lane), as: SIMD16<Float>.self)
            }
          }
        }
        sums[part] = lanes.reduce(.zero, +).sum()
      }
      return sums.reduce(0, +)
    }
  }
}
