/// Which value of an alpha channel is opaque, and whether it is one at all.
enum AlphaRule: Equatable {
  /// The format defines it: the largest number of its bits.
  case standard
  /// For a TIFF: the largest value is opaque, which with 16 bits may be 1, 255, 2047 or 65535.
  case largest
  /// For a TIFF with a place on earth: GDAL calls the fourth of four bytes alpha, but it is near infrared
  /// just as often, so its values decide.
  case judged
  /// The picture of which this is a part has been looked at: its opaque value, `nil` where alpha is not used.
  case known(opaque: Int?)

  /// Of a rule that leaves nothing to be judged.
  var isUsed: Bool { self != .known(opaque: nil) }
}

/// What a band that is marked as alpha turned out to be.
enum AlphaFinding: Equatable {
  case used
  /// Its values vary as a picture's do.
  case picture
  /// 0 everywhere: nothing would be left to be seen.
  case empty
}

/// The alpha channel of a picture, as its last samples tell it.
struct Alpha<Sample: FixedWidthInteger & UnsignedInteger & Sendable> {
  /// `nil` where there is none, or the format defines it.
  let finding: AlphaFinding?
  let isUsed: Bool
  let opaque: Int

  /// The least share of pixels that are either clear or opaque in an alpha channel, where only edges lie
  /// between. In a band of light these two values are just the black and the saturated pixels.
  private static var leastShare: Double { 0.9 }
  /// The least share that must be opaque: a band over water is 0 almost everywhere.
  private static var leastOpaque: Double { 0.02 }

  /// - Parameter samples: `[pixels, layout.channels]`
  init(_ samples: [Sample], _ layout: SampleLayout, _ rule: AlphaRule) {
    guard layout.alpha != .none else {
      (finding, isUsed, opaque) = (nil, false, 1)
      return
    }
    if case .known(let opaque) = rule {
      (finding, isUsed, self.opaque) = (nil, opaque != nil, opaque ?? 1)
      return
    }
    guard rule != .standard else {
      (finding, isUsed, opaque) = (nil, true, Int(Sample.max))
      return
    }
    let (channels, last) = (layout.channels, layout.channels - 1)
    var counts = [Int](repeating: 0, count: 1 << Sample.bitWidth)
    for place in stride(from: last, to: samples.count, by: channels) {
      counts[Int(samples[place])] += 1
    }
    let most = counts.lastIndex { $0 > 0 } ?? 0
    let pixels = Double(max(1, samples.count / channels))
    let (clear, full) = (Double(counts[0]) / pixels, Double(counts[most]) / pixels)
    if most == 0 {
      (finding, isUsed, opaque) = (.empty, false, 1)
    } else if rule == .largest || clear + full >= Self.leastShare && full >= Self.leastOpaque {
      (finding, isUsed) = (.used, true)
      // Of 8 bits 255 is opaque, unless there are only two values.
      opaque = Sample.bitWidth > 8 || clear + full == 1 ? most : Int(Sample.max)
    } else {
      (finding, isUsed, opaque) = (.picture, false, 1)
    }
  }

  /// A sample in 8 bits.
  @inline(__always)
  func eight(_ sample: Sample) -> UInt8 {
    if Sample.bitWidth == 8, opaque == 255 { return UInt8(truncatingIfNeeded: sample) }
    return UInt8(min(255, (Int(sample) * 510 + opaque) / (2 * opaque)))
  }
}
