/// A view of floats whose owner keeps them alive: a part of a vector of parameters, of a gradient, or of a
/// ``FloatBlock``.
///
/// The operations of this module check every range against `count`. Several threads may use views of one
/// block of memory as long as no two write the same floats; callers hand out ranges that do not overlap,
/// which is why it is `@unchecked Sendable`.
package struct Floats: @unchecked Sendable {
  let start: UnsafeMutablePointer<Float>
  package let count: Int

  init(start: UnsafeMutablePointer<Float>, count: Int) {
    self.start = start
    self.count = count
  }

  /// `count` floats from `offset` on.
  package func at(_ offset: Int, count: Int) -> Floats {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count)
    return Floats(start: start + offset, count: count)
  }

  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count)
      return start[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      start[index] = newValue
    }
  }

  package func fill(_ value: Float) { start.update(repeating: value, count: count) }

  package func copy(from other: Floats) {
    precondition(other.count <= count)
    start.update(from: other.start, count: other.count)
  }

  package var array: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Lends the floats of arrays while `body` runs; they must not leave it.
  package static func lend<Result>(
    _ values: [Float], _ body: (Floats) throws -> Result
  ) rethrows -> Result {
    try values.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return try body(FloatBlock(count: 1).floats) }
      return try body(Floats(start: UnsafeMutablePointer(mutating: start), count: buffer.count))
    }
  }

  /// As ``lend(_:_:)``, for reading and writing.
  package static func lend<Result>(
    changing values: inout [Float], _ body: (Floats) throws -> Result
  ) rethrows -> Result {
    try values.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return try body(FloatBlock(count: 1).floats) }
      return try body(Floats(start: start, count: buffer.count))
    }
  }
}

/// Aligned floats that live as long as this object, zero at the start.
package final class FloatBlock: Sendable {
  private let block: AlignedBlock
  package let count: Int

  package init(count: Int) {
    self.count = max(1, count)
    block = AlignedBlock(byteCount: 4 * self.count)
    block.address.initializeMemory(as: Float.self, repeating: 0, count: self.count)
  }

  package var floats: Floats {
    Floats(start: block.address.assumingMemoryBound(to: Float.self), count: count)
  }
}
