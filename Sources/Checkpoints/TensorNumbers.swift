/// Stored numbers as floats.
extension TensorTable.Entry {
  /// All elements, row by row. The type must be one of floats.
  func floats() -> [Float] {
    let count = count
    guard count > 0 else { return [] }
    if isContiguous { return storage.floats(offset..<offset + count) }
    // Only what the strides span is converted, which is no more than the file holds.
    let span = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 } + 1
    return reordered(storage.floats(offset..<offset + span), shape: shape, strides: strides)
  }
}

extension TensorTable.Storage {
  /// The bytes in which a run of elements lies, piece by piece.
  private func runs(_ elements: Range<Int>) -> [Range<Int>] {
    precondition(elements.lowerBound >= 0 && elements.upperBound <= count)
    let size = type.byteCount
    return pieces.indices.compactMap { index in
      let piece = pieces[index]
      let end = index + 1 < pieces.count ? pieces[index + 1].first : count
      let part = elements.clamped(to: piece.first..<max(end, piece.first))
      guard !part.isEmpty else { return nil }
      let start = piece.offset + (part.lowerBound - piece.first) * size
      return start..<start + part.count * size
    }
  }

  /// A run of elements; the type must be one of floats.
  func floats(_ elements: Range<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: elements.count) { target, initialized in
      for run in runs(elements) {
        file.withBytes(run) { bytes in
          let part = UnsafeMutableBufferPointer(rebasing: target[initialized...])
          initialized += convert(bytes, to: part)
        }
      }
    }
  }

  /// - Returns: how many numbers were written.
  private func convert(
    _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>
  ) -> Int {
    let count = bytes.count / type.byteCount
    switch type {
    case .f32:
      if let from = bytes.baseAddress, let to = target.baseAddress {
        UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: bytes.count)
      }
    case .bf16: halves(bytes, count, target) { Float(bitPattern: UInt32($0) << 16) }
    case .f16: halves(bytes, count, target, float(half:))
    case .f64:
      for index in 0..<count {
        let number = bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self)
        target.initializeElement(at: index, to: Float(number))
      }
    default: preconditionFailure("\(type) is no type of weights")
    }
    return count
  }

  @inline(__always)
  private func halves(
    _ bytes: UnsafeRawBufferPointer, _ count: Int, _ target: UnsafeMutableBufferPointer<Float>,
    _ convert: (UInt16) -> Float
  ) {
    for index in 0..<count {
      let half = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
      target.initializeElement(at: index, to: convert(half))
    }
  }

  /// Calls `body` with each of `count` elements, `stride` apart; the type must be one of floats.
  func forEach(from start: Int, count: Int, stride: Int, _ body: (Int, Float) -> Void) {
    guard count > 0 else { return }
    guard pieces.count == 1 else {
      for index in 0..<count {
        let place = start + index * stride
        body(index, floats(place..<place + 1)[0])
      }
      return
    }
    let size = type.byteCount
    let first = pieces[0].offset + start * size
    file.withBytes(first..<first + ((count - 1) * stride + 1) * size) { bytes in
      for index in 0..<count {
        let place = index * stride * size
        switch type {
        case .f16:
          body(index, float(half: bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)))
        case .bf16:
          let half = bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)
          body(index, Float(bitPattern: UInt32(half) << 16))
        case .f64:
          body(index, Float(bytes.loadUnaligned(fromByteOffset: place, as: Double.self)))
        default: body(index, bytes.loadUnaligned(fromByteOffset: place, as: Float.self))
        }
      }
    }
  }
}

/// An IEEE half as a float, without a branch per number on the way, so that it is vectorised: the
/// compiler's own conversion is a library call where the target has no F16C.
@inline(__always)
func float(half: UInt16) -> Float {
  let magnitude = UInt32(half & 0x7fff) << 13
  let sign = UInt32(half & 0x8000) << 16
  let scaled = Float(bitPattern: magnitude) * 0x1p112
  let special: UInt32 = half & 0x7c00 == 0x7c00 ? 0x7f80_0000 : 0
  return Float(bitPattern: scaled.bitPattern | special | sign)
}

/// Elements of `source` by strides, row by row. The last two dimensions go in tiles, so that a
/// transposed matrix reads whole cache lines.
private func reordered(_ source: [Float], shape: [Int], strides: [Int]) -> [Float] {
  let tile = 32
  let two = [1, 1] + shape
  let steps = [0, 0] + strides
  let (rows, columns) = (two[two.count - 2], two[two.count - 1])
  let (down, across) = (steps[steps.count - 2], steps[steps.count - 1])
  let outer = two.dropLast(2)
  let total = shape.reduce(1, *)
  return source.withUnsafeBufferPointer { source in
    [Float](unsafeUninitializedCapacity: total) { target, initialized in
      for matrix in 0..<total / (rows * columns) {
        var place = 0
        var rest = matrix
        for index in outer.indices.reversed() {
          place += rest % outer[index] * steps[index]
          rest /= outer[index]
        }
        let result = matrix * rows * columns
        for top in Swift.stride(from: 0, to: rows, by: tile) {
          for left in Swift.stride(from: 0, to: columns, by: tile) {
            for row in top..<min(top + tile, rows) {
              for column in left..<min(left + tile, columns) {
                target.initializeElement(
                  at: result + row * columns + column,
                  to: source[place + row * down + column * across])
              }
            }
          }
        }
      }
      initialized = total
    }
  }
}
