/// 16-bit samples → 8 bits between two percentiles; see ``ImageConversion/Stretch``.
struct PercentileStretch {
  /// For each channel 65,536 values of 8 bits.
  let tables: [UInt8]
  /// What became 0 and 255; one pair, or one for each channel.
  let bounds: [(low: Int, high: Int)]

  /// - Parameters:
  ///   - histogram: how often each value occurs, `[channels, 65536]`.
  ///   - fills: words that stand for "no data" and do not count, of each channel or of all.
  init(_ histogram: [UInt32], fills: [[Int]], _ stretch: ImageConversion.Stretch) {
    let channels = histogram.count >> 16
    var counts = (0..<channels).map { channel in
      var counts = histogram[channel << 16..<(channel + 1) << 16].map(Int.init)
      for fill in fills[min(channel, fills.count - 1)] { counts[fill & 0xFFFF] = 0 }
      return counts
    }
    if !stretch.eachBand {
      let all = (0..<65_536).map { value in counts.reduce(0) { $0 + $1[value] } }
      counts = [all]
    }
    let bounds = counts.map {
      (low: Self.percentile($0, stretch.low), high: Self.percentile($0, stretch.high))
    }
    self.bounds = bounds
    tables = (0..<channels).flatMap { channel in
      let bound = bounds[min(channel, bounds.count - 1)]
      var table = Self.table(bound)
      // What is no value is black, not the brightest one: 65535, or 0 among negative numbers.
      for fill in fills[min(channel, fills.count - 1)] where fill > bound.high {
        table[fill & 0xFFFF] = 0
      }
      return table
    }
  }

  /// The smallest value that at least so many percent do not exceed; numpy's `inverted_cdf`.
  static func percentile(_ counts: [Int], _ percent: Double) -> Int {
    let wanted = max(1, (Double(counts.reduce(0, +)) * percent / 100).rounded(.up))
    var sum = 0
    for (value, count) in counts.enumerated() {
      sum += count
      if Double(sum) >= wanted { return value }
    }
    return 0
  }

  private static func table(_ bounds: (low: Int, high: Int)) -> [UInt8] {
    let span = bounds.high - bounds.low
    return (0..<65_536).map { value in
      // One value only: what is there is in the middle.
      if span == 0 { return value < bounds.low ? 0 : value > bounds.low ? 255 : 128 }
      return UInt8(max(0, min(255, ((value - bounds.low) * 510 + span) / (2 * span))))
    }
  }

  /// The upper 8 of each sample's bits.
  /// - Parameter bits: 8 to 16.
  static func upperBits(channels: Int, bits: Int) -> [UInt8] {
    (0..<channels).flatMap { _ in (0..<65_536).map { UInt8(min(255, $0 >> (bits - 8))) } }
  }

  /// A value with as many digits as tell it from its neighbours.
  static func words(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15
      ? String(Int(value)) : String(Float(value))
  }
}

/// What stood in a picture before it became words of 16 bits.
struct WordMeaning: Sendable {
  /// Of the samples, for a person: `16 bits a sample`.
  let kind: String
  let bits: Int
  /// What a word of a channel stands for, in words.
  let text: @Sendable (_ value: Int, _ channel: Int) -> String

  static let plain = WordMeaning(kind: "16 bits a sample", bits: 16) { value, _ in String(value) }
}

extension SampleGrid<UInt16> {
  /// The picture in 8 bits, words that say how, and what was made of its alpha.
  /// - Parameter fills: the words that stand for "no data", of each channel or of all.
  consuming func converted(
    _ conversion: ImageConversion, fills: [[Int]] = [[0]], alpha rule: AlphaRule = .standard,
    _ meaning: WordMeaning = .plain
  ) -> (pixels: Pixels, note: String, alpha: AlphaFinding?) {
    guard let stretch = conversion.stretch else {
      let tables = PercentileStretch.upperBits(
        channels: layout.colourChannels, bits: meaning.bits)
      let made = pixels(tables, alpha: rule)
      return (made.pixels, "\(meaning.kind): the upper 8 are shown", made.alpha)
    }
    let isGray = layout.colourChannels == 1
    let stretched = PercentileStretch(histogram, fills: fills, stretch)
    let bounds = stretched.bounds.enumerated()
      .map { "\(meaning.text($1.low, $0)) to \(meaning.text($1.high, $0))" }
      .joined(separator: ", ")
    let of =
      isGray ? "" : stretch.eachBand ? " of each band" : " of all bands"
    let note =
      "\(meaning.kind): \(bounds) stretched to 0 to 255 (percentiles "
      + "\(ImageConversion.number(stretch.low)) and \(ImageConversion.number(stretch.high))\(of))"
    let made = pixels(stretched.tables, alpha: rule)
    return (made.pixels, note, made.alpha)
  }
}
