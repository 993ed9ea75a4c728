/// How pictures become rows of patches and rows of tokens become a sequence. These are copies, not
/// matrix work, so they are plain loops here, where raw floats live.
extension Program {
  /// Cuts one picture into patches: row n of the target is patch n, row by row over the picture,
  /// each `[channels, patch, patch]` flattened as `nn.Conv2d` reads it.
  /// - Parameters:
  ///   - pixels: `[channels, side, side]`; a rest that fills no patch is left out, as by the convolution.
  ///   - offset: where the picture's first patch goes, in floats.
  public func writePatches(
    _ pixels: ArraySlice<Float>, channels: Int, side: Int, patch: Int, to buffer: Buffer,
    at offset: Int
  ) {
    let grid = side / patch
    let width = channels * patch * patch
    precondition(pixels.count == channels * side * side)
    precondition(offset >= 0 && offset + grid * grid * width <= buffer.count)
    pixels.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      let to = address(buffer) + offset
      for row in 0..<grid {
        for column in 0..<grid {
          let target = to + (row * grid + column) * width
          for channel in 0..<channels {
            for line in 0..<patch {
              let start = (channel * side + row * patch + line) * side + column * patch
              (target + (channel * patch + line) * patch).update(from: from + start, count: patch)
            }
          }
        }
      }
    }
  }

  /// Adds the step `x[b] = [classToken, patches[b]…] + positions`.
  /// - Parameters:
  ///   - patches: `[batch · count, width]`
  ///   - classToken: `[width]`; positions `[count + 1, width]`
  ///   - x: `[batch · (count + 1), width]`
  public func prependClassToken(
    _ classToken: [Float], positions: [Float], patches: Buffer, batch: Int, count: Int, width: Int,
    into x: Buffer
  ) {
    precondition(classToken.count == width && positions.count == (count + 1) * width)
    precondition(
      patches.count >= batch * count * width && x.count >= batch * (count + 1) * width)
    let first = zip(classToken, positions).map { $0 + $1 }
    host { program in
      let from = program.address(patches)
      let to = program.address(x)
      first.withUnsafeBufferPointer { first in
        positions.withUnsafeBufferPointer { positions in
          for item in 0..<batch {
            let target = to + item * (count + 1) * width
            let source = from + item * count * width
            for index in 0..<width { target[index] = first[index] }
            for index in 0..<count * width {
              target[width + index] = source[index] + positions[width + index]
            }
          }
        }
      }
    }
  }

  /// Adds the step that scales each row to unit length.
  /// - Parameter x: `[rows, width]`
  public func normalizeRows(_ x: Buffer, rows: Int, width: Int) {
    precondition(x.count >= rows * width)
    host { program in
      for row in 0..<rows {
        let start = program.address(x) + row * width
        var squares: Float = 0
        for index in 0..<width { squares += start[index] * start[index] }
        let scale = squares > 0 ? 1 / squares.squareRoot() : 0
        for index in 0..<width { start[index] *= scale }
      }
    }
  }
}
