/// The dot products of one query with many vectors: the inner loop of exact search.
///
/// It reads each number once and is limited by memory, so it is plain vector code of the standard library:
/// a matrix product would pack numbers that are used only once.
public enum DotProducts {
  private typealias Lane = SIMD16<Float>

  /// `scores[i] = Σ_j rows[i · width + j] · query[j]` for the rows `range`, on the calling thread.
  /// - Parameters:
  ///   - query: `[width]`
  ///   - rows: `[count, width]`, contiguous.
  ///   - scores: at least `range.count` long; `scores[0]` is that of row `range.lowerBound`.
  public static func scores(
    of query: Span<Float>, against rows: Span<Float>, width: Int, range: Range<Int>,
    into scores: inout [Float]
  ) {
    precondition(query.count == width && range.lowerBound >= 0)
    precondition(range.upperBound * width <= rows.count && range.count <= scores.count)
    query.withUnsafeBufferPointer { query in
      rows.withUnsafeBufferPointer { rows in
        guard let query = query.baseAddress, let rows = rows.baseAddress else { return }
        for row in range {
          scores[row - range.lowerBound] = dot(query, rows + row * width, width)
        }
      }
    }
  }

  /// The sum of a vector's squares, on the calling thread; infinite or not a number where one of its
  /// numbers makes it so.
  public static func squaredLength(of vector: Span<Float>) -> Float {
    vector.withUnsafeBufferPointer { vector in
      guard let numbers = vector.baseAddress else { return 0 }
      return dot(numbers, numbers, vector.count)
    }
  }

  @inline(__always)
  private static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int)
    -> Float
  {
    var first = Lane.zero
    var second = Lane.zero
    let (x, y) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    var index = 0
    while index + 32 <= count {
      first +=
        x.loadUnaligned(fromByteOffset: 4 * index, as: Lane.self)
        * y.loadUnaligned(fromByteOffset: 4 * index, as: Lane.self)
      second +=
        x.loadUnaligned(fromByteOffset: 4 * index + 64, as: Lane.self)
        * y.loadUnaligned(fromByteOffset: 4 * index + 64, as: Lane.self)
      index += 32
    }
    var sum = (first + second).sum()
    while index < count {
      sum += a[index] * b[index]
      index += 1
    }
    return sum
  }
}
