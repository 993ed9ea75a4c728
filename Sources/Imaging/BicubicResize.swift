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

  /// Two rows at a time: two samples of 8 bits, 32 bits apart, take one 64-bit multiplication, and the
  /// sums of a column's six samples three of them. Exact, for a carry from the lower half is undone.
  private func resampledHorizontally(_ weights: ResampleWeights, rows: Range<Int>) -> Pixels {
    let newWidth = weights.count
    let pairs = (rows.count + 1) / 2
    // Of each column of two rows: upper red and green, lower red and green, upper and lower blue.
    var packed = [Int](repeating: 0, count: 3 * width)
    // With an odd number of rows there is one too many at the end, which is cut off.
    var result = [UInt8](unsafeUninitializedCapacity: 6 * newWidth * pairs) { target, filled in
      bytes.withUnsafeBufferPointer { source in
        packed.withUnsafeMutableBufferPointer { packed in
          weights.withUnsafeBuffers { starts, lengths, factors in
            guard let packed = packed.baseAddress, let factors = factors.baseAddress else { return }
            for pair in 0..<pairs {
              let upper = rows.lowerBound + 2 * pair
              Self.pack(source, width, upper, min(upper + 1, rows.upperBound - 1), into: packed)
              var output = 6 * newWidth * pair
              for column in 0..<newWidth {
                var sums = (ResampleWeights.halves, ResampleWeights.halves, ResampleWeights.halves)
                var input = packed + 3 * starts[column]
                var weight = factors + column * weights.taps
                let end = weight + lengths[column]
                while weight < end {
                  let factor = Int(weight.pointee)
                  sums.0 &+= factor &* input[0]
                  sums.1 &+= factor &* input[1]
                  sums.2 &+= factor &* input[2]
                  input += 3
                  weight += 1
                }
                let (red, green) = ResampleWeights.bytes(sums.0)
                let (lowerRed, lowerGreen) = ResampleWeights.bytes(sums.1)
                let (blue, lowerBlue) = ResampleWeights.bytes(sums.2)
                target[output] = red
                target[output + 1] = green
                target[output + 2] = blue
                target[output + 3 * newWidth] = lowerRed
                target[output + 3 * newWidth + 1] = lowerGreen
                target[output + 3 * newWidth + 2] = lowerBlue
                output += 3
              }
            }
          }
        }
      }
      filled = 6 * newWidth * pairs
    }
    result.removeLast(result.count - 3 * newWidth * rows.count)
    return Pixels(width: newWidth, height: rows.count, uncheckedBytes: result)
  }

  private static func pack(
    _ source: UnsafeBufferPointer<UInt8>, _ width: Int, _ upper: Int, _ lower: Int,
    into packed: UnsafeMutablePointer<Int>
  ) {
    var one = 3 * width * upper
    var other = 3 * width * lower
    for place in stride(from: 0, to: 3 * width, by: 3) {
      packed[place] = Int(source[one]) | Int(source[one + 1]) &<< 32
      packed[place + 1] = Int(source[other]) | Int(source[other + 1]) &<< 32
      packed[place + 2] = Int(source[one + 2]) | Int(source[other + 2]) &<< 32
      one &+= 3
      other &+= 3
    }
  }

  /// A row of sums is built up from four rows of the source at a time.
  /// - Parameter firstRow: the row of the weights' source that is row 0 here.
  private func resampledVertically(_ weights: ResampleWeights, firstRow: Int) -> Pixels {
    let stride = 3 * width
    var sums = [Int32](repeating: 0, count: stride)
    let result = [UInt8](unsafeUninitializedCapacity: stride * weights.count) { target, filled in
      bytes.withUnsafeBufferPointer { source in
        sums.withUnsafeMutableBufferPointer { sums in
          weights.withUnsafeBuffers { starts, lengths, factors in
            guard let source = source.baseAddress, let sum = sums.baseAddress,
              let factors = factors.baseAddress, let target = target.baseAddress
            else { return }
            for row in 0..<weights.count {
              sums.update(repeating: ResampleWeights.half)
              let first = source + (starts[row] - firstRow) * stride
              let weight = factors + row * weights.taps
              var tap = 0
              while tap + 4 <= lengths[row] {
                Self.addRows(first + tap * stride, stride, weight + tap, to: sum)
                tap += 4
              }
              while tap < lengths[row] {
                Self.addRow(first + tap * stride, stride, weight[tap], to: sum)
                tap += 1
              }
              let output = target + row * stride
              for index in 0..<stride { output[index] = ResampleWeights.byte(sum[index]) }
            }
          }
        }
      }
      filled = stride * weights.count
    }
    return Pixels(width: width, height: weights.count, uncheckedBytes: result)
  }

  private static func addRow(
    _ row: UnsafePointer<UInt8>, _ count: Int, _ weight: Int32, to sums: UnsafeMutablePointer<Int32>
  ) {
    let (high, low) = ResampleWeights.halves(of: weight)
    for index in 0..<count {
      let sample = Int32(row[index])
      sums[index] &+= (Int32(high) &* sample) &<< 11 &+ Int32(low) &* sample
    }
  }

  /// Four rows, `count` samples apart, with four weights. A weight is taken as two halves of 16 bits
  /// since vector units multiply those in one step; modulo 2³² the sum is the same.
  private static func addRows(
    _ rows: UnsafePointer<UInt8>, _ count: Int, _ weights: UnsafePointer<Int32>,
    to sums: UnsafeMutablePointer<Int32>
  ) {
    let (high0, low0) = ResampleWeights.halves(of: weights[0])
    let (high1, low1) = ResampleWeights.halves(of: weights[1])
    let (high2, low2) = ResampleWeights.halves(of: weights[2])
    let (high3, low3) = ResampleWeights.halves(of: weights[3])
    let (row1, row2, row3) = (rows + count, rows + 2 * count, rows + 3 * count)
    for index in 0..<count {
      let sample0 = Int32(rows[index])
      let sample1 = Int32(row1[index])
      let sample2 = Int32(row2[index])
      let sample3 = Int32(row3[index])
      var high = Int32(high0) &* sample0
      high &+= Int32(high1) &* sample1
      high &+= Int32(high2) &* sample2
      high &+= Int32(high3) &* sample3
      var low = Int32(low0) &* sample0
      low &+= Int32(low1) &* sample1
      low &+= Int32(low2) &* sample2
      low &+= Int32(low3) &* sample3
      sums[index] &+= high &<< 11 &+ low
    }
  }
}

/// For each sample of a resized line, which samples of the source it is made of and with what weights.
struct ResampleWeights {
  /// Pillow's PRECISION_BITS: 32 − 8 bits of a sample − 2 of head room.
  static let fractionBits: Int32 = 22
  /// What a sum starts with, so that the shift rounds.
  static let half: Int32 = 1 << (fractionBits - 1)

  /// ``half`` of two sums, 32 bits apart.
  static let halves = Int(half) | Int(half) << 32

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
    // Pillow's ksize, but never more samples than there are: a hostile ratio must not cost memory.
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

  /// Takes apart two sums that were computed in one number; a negative lower sum has borrowed from the upper
  /// one.
  @inline(__always)
  static func bytes(_ sums: Int) -> (lower: UInt8, upper: UInt8) {
    let lower = Int32(truncatingIfNeeded: sums)
    let upper = Int32(truncatingIfNeeded: (sums &- Int(lower)) >> 32)
    return (byte(lower), byte(upper))
  }

  /// weight = high · 2¹¹ + low
  @inline(__always)
  static func halves(of weight: Int32) -> (high: Int16, low: Int16) {
    (Int16(truncatingIfNeeded: weight >> 11), Int16(truncatingIfNeeded: weight & 0x7FF))
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
