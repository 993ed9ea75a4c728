// Bicubic resize as Pillow's `Image.resize(size, BICUBIC)` (src/libImaging/Resample.c, 8 bits per
// channel), to the bit. What is easily done otherwise, and is then no longer the same:
// 1. a = −0.5 (Keys 1981), not OpenCV's −0.75.
// 2. When shrinking the kernel is widened by the scale (antialias); when enlarging it is not.
// 3. Weights are made in double precision, divided by their sum, then rounded to 22 fraction bits.
// 4. Horizontal pass first; each pass rounds and clips to 8 bits; a pass that keeps its size is skipped.
// Deviation: a window of the result can be asked for, and only that is computed. The samples are the
// same, and a 1 × 60,000 picture whose shorter side becomes 224 needs no 9 gigabytes on the way.

extension Pixels {
  /// Bicubic resize as Pillow's `Image.resize(…, BICUBIC)`: a = −0.5, antialiased when shrinking,
  /// horizontal pass first, rounded and clipped to 8 bits after each pass, 22-bit fixed-point weights.
  /// - Parameters: both sizes at least 1.
  public func resized(width newWidth: Int, height newHeight: Int) -> Pixels {
    precondition(newWidth > 0 && newHeight > 0, "resize to \(newWidth) × \(newHeight)")
    if newWidth == width && newHeight == height { return self }
    return resized(
      width: newWidth, height: newHeight, columns: 0..<newWidth, rows: 0..<newHeight)
  }

  /// The part `columns` × `rows` of ``resized(width:height:)``, at the cost of that part only.
  /// - Parameters:
  ///   - columns: within `0..<newWidth`, not empty.
  ///   - rows: within `0..<newHeight`, not empty.
  package func resized(
    width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>
  ) -> Pixels {
    precondition(!columns.isEmpty && columns.lowerBound >= 0 && columns.upperBound <= newWidth)
    precondition(!rows.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= newHeight)
    let vertical =
      newHeight == height ? nil : ResampleWeights(from: height, to: newHeight, range: rows)
    // Rows of the source that the vertical pass will read: no other is resampled horizontally.
    let needed = vertical?.sourceRange ?? rows
    var picture = self
    if newWidth != width {
      let weights = ResampleWeights(from: width, to: newWidth, range: columns)
      picture = picture.resampledHorizontally(weights, rows: needed)
    } else if columns != 0..<width || needed != 0..<height {
      picture = picture.cropped(
        x: columns.lowerBound, y: needed.lowerBound, width: columns.count, height: needed.count)
    }
    guard let vertical else { return picture }
    return picture.resampledVertically(vertical, firstRow: needed.lowerBound)
  }

  /// A window; the part outside the picture is black, as in `CLIPImageProcessor.center_crop`.
  /// - Parameters:
  ///   - x: column of the window's left edge, may be negative; `y` likewise.
  ///   - width: of the window, at least 1; `height` likewise.
  public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Pixels {
    precondition(newWidth > 0 && newHeight > 0, "crop to \(newWidth) × \(newHeight)")
    var result = Pixels(
      width: newWidth, height: newHeight,
      uncheckedBytes: [UInt8](repeating: 0, count: 3 * newWidth * newHeight))
    let columns = (max(x, 0)..<max(max(x, 0), min(x + newWidth, width)))
    guard !columns.isEmpty else { return result }
    for row in 0..<newHeight where y + row >= 0 && y + row < height {
      let source = 3 * ((y + row) * width + columns.lowerBound)
      let target = 3 * (row * newWidth + columns.lowerBound - x)
      result.bytes.replaceSubrange(
        target..<target + 3 * columns.count, with: bytes[source..<source + 3 * columns.count])
    }
    return result
  }

  private func resampledHorizontally(_ weights: ResampleWeights, rows: Range<Int>) -> Pixels {
    let newWidth = weights.count
    let stride = 3 * width
    let result = [UInt8](unsafeUninitializedCapacity: 3 * newWidth * rows.count) { target, filled in
      bytes.withUnsafeBufferPointer { source in
        weights.withUnsafeBuffers { starts, lengths, factors in
          var output = 0
          for row in rows {
            for column in 0..<newWidth {
              var red = ResampleWeights.half
              var green = ResampleWeights.half
              var blue = ResampleWeights.half
              var input = row * stride + 3 * starts[column]
              var factor = column * weights.taps
              for _ in 0..<lengths[column] {
                let weight = factors[factor]
                red &+= weight &* Int32(truncatingIfNeeded: source[input])
                green &+= weight &* Int32(truncatingIfNeeded: source[input + 1])
                blue &+= weight &* Int32(truncatingIfNeeded: source[input + 2])
                input += 3
                factor += 1
              }
              target[output] = ResampleWeights.byte(red)
              target[output + 1] = ResampleWeights.byte(green)
              target[output + 2] = ResampleWeights.byte(blue)
              output += 3
            }
          }
        }
      }
      filled = 3 * newWidth * rows.count
    }
    return Pixels(width: newWidth, height: rows.count, uncheckedBytes: result)
  }

  /// - Parameter firstRow: the row of the weights' source that is row 0 here.
  private func resampledVertically(_ weights: ResampleWeights, firstRow: Int) -> Pixels {
    let stride = 3 * width
    var sums = [Int32](repeating: 0, count: stride)
    let result = [UInt8](unsafeUninitializedCapacity: stride * weights.count) { target, filled in
      bytes.withUnsafeBufferPointer { source in
        sums.withUnsafeMutableBufferPointer { sums in
          weights.withUnsafeBuffers { starts, lengths, factors in
            for row in 0..<weights.count {
              sums.update(repeating: ResampleWeights.half)
              for tap in 0..<lengths[row] {
                let weight = factors[row * weights.taps + tap]
                let input = (starts[row] - firstRow + tap) * stride
                for index in 0..<stride {
                  sums[index] &+= weight &* Int32(truncatingIfNeeded: source[input + index])
                }
              }
              for index in 0..<stride {
                target[row * stride + index] = ResampleWeights.byte(sums[index])
              }
            }
          }
        }
      }
      filled = stride * weights.count
    }
    return Pixels(width: width, height: weights.count, uncheckedBytes: result)
  }
}

/// For each sample of a resized line, which samples of the source it is made of and with what weights.
struct ResampleWeights {
  /// Pillow's PRECISION_BITS: 32 − 8 bits of a sample − 2 of head room.
  static let fractionBits: Int32 = 22
  /// What a sum starts with, so that the shift rounds.
  static let half: Int32 = 1 << (fractionBits - 1)

  /// Samples of the result.
  let count: Int
  /// Distance of two samples' weights in ``factors``.
  let taps: Int
  /// First sample of the source, per sample of the result.
  private var starts: [Int] = []
  private var lengths: [Int] = []
  private var factors: [Int32]

  /// - Parameter range: samples of the result that are wanted.
  init(from oldSize: Int, to newSize: Int, range: Range<Int>) {
    let scale = Double(oldSize) / Double(newSize)
    let widening = max(scale, 1)
    let support = 2 * widening
    count = range.count
    // Pillow's ksize, but never more than there is to read: a hostile ratio must not cost memory.
    taps = min(Int(support.rounded(.up)) * 2 + 1, oldSize)
    factors = [Int32](repeating: 0, count: taps * range.count)
    starts.reserveCapacity(range.count)
    lengths.reserveCapacity(range.count)
    var weights = [Double](repeating: 0, count: taps)
    for (index, sample) in range.enumerated() {
      let centre = (Double(sample) + 0.5) * scale
      let start = max(Int(centre - support + 0.5), 0)
      let end = min(Int(centre + support + 0.5), oldSize)
      var sum = 0.0
      for tap in 0..<(end - start) {
        weights[tap] = Self.cubic((Double(tap + start) - centre + 0.5) * (1 / widening))
        sum += weights[tap]
      }
      for tap in 0..<(end - start) {
        let weight = sum == 0 ? weights[tap] : weights[tap] / sum
        let scaled = weight * Double(1 << Self.fractionBits)
        factors[index * taps + tap] = Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
      }
      starts.append(start)
      lengths.append(end - start)
    }
  }

  /// From the first to the last sample of the source that any weight touches.
  var sourceRange: Range<Int> {
    let last = count - 1
    return starts[0]..<(starts[last] + lengths[last])
  }

  func withUnsafeBuffers(
    _ body: (
      UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int32>
    ) -> Void
  ) {
    starts.withUnsafeBufferPointer { starts in
      lengths.withUnsafeBufferPointer { lengths in
        factors.withUnsafeBufferPointer { body(starts, lengths, $0) }
      }
    }
  }

  @inline(__always)
  static func byte(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum >> fractionBits, 0), 255))
  }

  /// Keys, "Cubic convolution interpolation for digital image processing", 1981, a = −0.5.
  private static func cubic(_ distance: Double) -> Double {
    let a = -0.5
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}
