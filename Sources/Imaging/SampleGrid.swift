/// What the samples of a pixel mean, in their order.
struct SampleLayout: Equatable {
  enum Colour { case gray, rgb, cmyk }
  enum Alpha { case none, straight, premultiplied }
  let colour: Colour
  var alpha = Alpha.none
  /// 0 is white, in gray only.
  var isInverted = false

  var colourChannels: Int {
    switch colour {
    case .gray: 1
    case .rgb: 3
    case .cmyk: 4
    }
  }
  var channels: Int { colourChannels + (alpha == .none ? 0 : 1) }
}

/// Collects the samples of a picture row by row, whole or scaled down on the way, so that a large picture
/// takes no more memory than its preview.
struct SampleGrid<Sample: FixedWidthInteger & UnsignedInteger & Sendable> {
  /// The size of the source.
  let width: Int
  let height: Int
  let layout: SampleLayout
  /// Both sides are divided by it, rounded up.
  let scale: Int
  /// Whether a cell takes its middle pixel instead of the mean.
  let isRough: Bool
  let newWidth: Int
  let newHeight: Int
  private let channels: Int
  /// `[newHeight, newWidth, channels]`
  private var values: [Sample]
  /// The sums of the cells of a scaled picture.
  private var sums: [UInt32]
  /// How often each value occurs, `[colourChannels, 65536]`; empty for 8 bits.
  private(set) var histogram: [UInt32]

  init(width: Int, height: Int, layout: SampleLayout, scale: Int, isRough: Bool) {
    (self.width, self.height, self.layout, self.scale) = (width, height, layout, scale)
    self.isRough = isRough && scale > 1
    newWidth = (width + scale - 1) / scale
    newHeight = (height + scale - 1) / scale
    channels = layout.channels
    let count = newWidth * newHeight * channels
    let isMean = scale > 1 && !self.isRough
    values = [Sample](repeating: 0, count: isMean ? 0 : count)
    sums = [UInt32](repeating: 0, count: isMean ? count : 0)
    histogram = [UInt32](
      repeating: 0, count: Sample.bitWidth == 16 ? layout.colourChannels << 16 : 0)
  }

  /// Whether a row of the source is looked at.
  func wants(row: Int) -> Bool { !isRough || row == middle(row / scale, height) }

  /// Whether any of these columns is.
  func wants(columns: Range<Int>) -> Bool {
    guard isRough else { return true }
    return (columns.lowerBound / scale...(columns.upperBound - 1) / scale)
      .contains { columns.contains(middle($0, width)) }
  }

  /// The pixel of the source that a cell of a rough picture shows.
  private func middle(_ cell: Int, _ side: Int) -> Int { min(cell * scale + scale / 2, side - 1) }

  /// Takes a part of a row of one channel.
  /// - Parameters:
  ///   - samples: the part's first sample; the next ones follow at `stride`.
  ///   - x: column of the first one; with `count` within the width.
  mutating func add(
    _ samples: UnsafePointer<Sample>, stride: Int, channel: Int, x: Int, y: Int, count: Int
  ) {
    guard count > 0, wants(row: y) else { return }
    if isRough {
      for cell in x / scale...(x + count - 1) / scale {
        let column = middle(cell, width)
        guard column >= x, column < x + count else { continue }
        let value = samples[(column - x) * stride]
        values[(y / scale * newWidth + cell) * channels + channel] = value
        if !histogram.isEmpty, channel < layout.colourChannels {
          histogram[channel << 16 + Int(value)] += 1
        }
      }
      return
    }
    tally(samples, stride: stride, channel: channel, count: count)
    if scale == 1 {
      let start = (y * width + x) * channels + channel
      let step = channels
      values.withUnsafeMutableBufferPointer { values in
        for index in 0..<count { values[start + index * step] = samples[index * stride] }
      }
      return
    }
    var place = (y / scale * newWidth + x / scale) * channels + channel
    var phase = x % scale
    let (scale, step) = (scale, channels)
    sums.withUnsafeMutableBufferPointer { sums in
      for index in 0..<count {
        sums[place] &+= UInt32(truncatingIfNeeded: samples[index * stride])
        phase += 1
        if phase == scale { (phase, place) = (0, place + step) }
      }
    }
  }

  /// Takes a part of a row, all channels side by side.
  mutating func add(_ samples: UnsafePointer<Sample>, x: Int, y: Int, count: Int) {
    if scale == 1, histogram.isEmpty {
      let start = (y * width + x) * channels
      values.withUnsafeMutableBufferPointer {
        $0.baseAddress.map { ($0 + start).update(from: samples, count: count * channels) }
      }
      return
    }
    for channel in 0..<channels {
      add(samples + channel, stride: channels, channel: channel, x: x, y: y, count: count)
    }
  }

  private mutating func tally(
    _ samples: UnsafePointer<Sample>, stride: Int, channel: Int, count: Int
  ) {
    guard !histogram.isEmpty, channel < layout.colourChannels else { return }
    let start = channel << 16
    histogram.withUnsafeMutableBufferPointer { histogram in
      for index in 0..<count {
        histogram[start + Int(truncatingIfNeeded: samples[index * stride])] &+= 1
      }
    }
  }

  /// For each pixel of a whole picture whether it holds data: not where all colours have the value of
  /// "no data", where the mask has none, or where the alpha that is used is 0.
  func hasData(fill: Sample, usesAlpha: Bool, _ mask: [Bool]?) -> [Bool] {
    assert(scale == 1)
    let (colours, channels, count) = (layout.colourChannels, channels, width * height)
    return [Bool](unsafeUninitializedCapacity: count) { target, filled in
      values.withUnsafeBufferPointer { values in
        var start = 0
        for pixel in 0..<count {
          var found = false
          for colour in 0..<colours where values[start + colour] != fill {
            found = true
            break
          }
          if usesAlpha, values[start + channels - 1] == 0 { found = false }
          target[pixel] = found
          start += channels
        }
      }
      if let mask {
        for pixel in 0..<count where !mask[pixel] { target[pixel] = false }
      }
      filled = count
    }
  }

  /// The samples, means taken.
  consuming func finished() -> [Sample] {
    guard scale > 1, !isRough else { return values }
    var result = [Sample](repeating: 0, count: sums.count)
    for y in 0..<newHeight {
      let rows = min(scale, height - y * scale)
      for x in 0..<newWidth {
        let count = UInt32(rows * min(scale, width - x * scale))
        for place in (y * newWidth + x) * channels..<(y * newWidth + x + 1) * channels {
          result[place] = Sample(truncatingIfNeeded: (sums[place] + count / 2) / count)
        }
      }
    }
    return result
  }
}

extension SampleGrid<UInt8> {
  consuming func pixels(alpha rule: AlphaRule = .standard) -> (
    pixels: Pixels, alpha: AlphaFinding?
  ) {
    let (width, height, layout) = (newWidth, newHeight, layout)
    let isWhole = scale == 1
    let samples = finished()
    let alpha = Alpha(samples, layout, rule)
    var pixels = Pixels(
      width: width, height: height,
      uncheckedBytes: rgb(samples, count: width * height, layout, alpha) { sample, _ in sample })
    if isWhole {
      if alpha.isUsed, layout.colour != .cmyk, !layout.isInverted {
        pixels.stored = StoredMode(
          alpha: samples, channels: layout.channels, isWeighted: layout.alpha == .premultiplied)
      } else if layout == SampleLayout(colour: .cmyk) {
        pixels.stored = StoredMode(cmyk: samples)
      }
    }
    return (pixels, alpha.finding)
  }
}

extension SampleGrid<UInt16> {
  /// - Parameter tables: for each colour channel 65,536 values of 8 bits.
  consuming func pixels(_ tables: [UInt8], alpha rule: AlphaRule = .standard) -> (
    pixels: Pixels, alpha: AlphaFinding?
  ) {
    let (width, height, layout) = (newWidth, newHeight, layout)
    let samples = finished()
    let alpha = Alpha(samples, layout, rule)
    let bytes = tables.withUnsafeBufferPointer { tables in
      rgb(samples, count: width * height, layout, alpha) { sample, channel in
        tables[channel << 16 + Int(sample)]
      }
    }
    return (Pixels(width: width, height: height, uncheckedBytes: bytes), alpha.finding)
  }
}

/// Samples → 8-bit RGB over white.
/// - Parameter eight: a sample of a channel in 8 bits.
@inline(__always)
private func rgb<Sample: FixedWidthInteger & UnsignedInteger & Sendable>(
  _ samples: [Sample], count: Int, _ layout: SampleLayout, _ alpha: Alpha<Sample>,
  _ eight: (Sample, Int) -> UInt8
) -> [UInt8] {
  if let bytes = samples as? [UInt8], layout == SampleLayout(colour: .rgb) { return bytes }
  return [UInt8](unsafeUninitializedCapacity: 3 * count) { target, filled in
    samples.withUnsafeBufferPointer { samples in
      let channels = layout.channels
      for pixel in 0..<count {
        let first = channels * pixel
        let colour: (UInt8, UInt8, UInt8)
        switch layout.colour {
        case .gray:
          let value = eight(samples[first], 0)
          let gray = layout.isInverted ? 255 - value : value
          colour = (gray, gray, gray)
        case .rgb:
          colour = (
            eight(samples[first], 0), eight(samples[first + 1], 1), eight(samples[first + 2], 2)
          )
        case .cmyk:
          let white = 255 - eight(samples[first + 3], 3)
          colour = (
            inked(eight(samples[first], 0), white), inked(eight(samples[first + 1], 1), white),
            inked(eight(samples[first + 2], 2), white)
          )
        }
        var result = colour
        if alpha.isUsed {
          let alpha = alpha.eight(samples[first + channels - 1])
          let isWeighted = layout.alpha == .premultiplied
          result = (
            overWhite(colour.0, alpha, isWeighted), overWhite(colour.1, alpha, isWeighted),
            overWhite(colour.2, alpha, isWeighted)
          )
        }
        target[3 * pixel] = result.0
        target[3 * pixel + 1] = result.1
        target[3 * pixel + 2] = result.2
      }
    }
    filled = 3 * count
  }
}

/// a · b / 255, rounded, as Pillow's MULDIV255.
@inline(__always)
private func product(_ a: Int, _ b: Int) -> Int {
  let sum = a * b + 128
  return ((sum >> 8) + sum) >> 8
}

/// Pillow's `paste` on white under a mask; a colour that is multiplied with alpha already only gets the
/// white added.
@inline(__always)
private func overWhite(_ colour: UInt8, _ alpha: UInt8, _ isWeighted: Bool) -> UInt8 {
  let (colour, alpha) = (Int(colour), Int(alpha))
  if isWeighted { return UInt8(min(255, colour + 255 - alpha)) }
  let sum = colour * alpha + 255 * (255 - alpha) + 128
  return UInt8(((sum >> 8) + sum) >> 8)
}

/// Pillow's CMYK → RGB.
@inline(__always)
private func inked(_ ink: UInt8, _ white: UInt8) -> UInt8 {
  UInt8(max(0, Int(white) - product(Int(ink), Int(white))))
}
