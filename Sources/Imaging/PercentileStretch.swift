/// 16-bit samples → 8 bits by two percentiles; see ``ImageConversion/Stretch``.
struct PercentileStretch {
  /// For each channel 65,536 values of 8 bits.
  let tables: [UInt8]
  /// The percentiles as 16-bit samples; one pair, or one for each channel.
  let bounds: [(low: Int, high: Int)]

  /// - Parameters:
  ///   - histogram: how often each value occurs, `[channels, 65536]`.
  ///   - fills: words that stand for "no data" and do not count, of each channel or of all.
  ///   - meaning: what a word stands for, since zero is special.
  init(
    _ histogram: [UInt32], fills: [[Int]], _ stretch: ImageConversion.Stretch,
    _ meaning: WordMeaning = .plain
  ) {
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
      let levels = stretch.levels.levels(
        low: meaning.value(bound.low, channel), high: meaning.value(bound.high, channel))
      var table = Self.table(bound, levels)
      // "No data" is black, even where its value would be the brightest: 65535, or 0 among negative numbers.
      for fill in fills[min(channel, fills.count - 1)]
      where fill < bound.low || fill > bound.high {
        table[fill & 0xFFFF] = 0
      }
      return table
    }
  }

  /// The smallest value that at least `percent` percent of the samples do not exceed: numpy's `inverted_cdf`.
  static func percentile(_ counts: [Int], _ percent: Double) -> Int {
    let wanted = max(1, (Double(counts.reduce(0, +)) * percent / 100).rounded(.up))
    var sum = 0
    for (value, count) in counts.enumerated() {
      sum += count
      if Double(sum) >= wanted { return value }
    }
    return 0
  }

  private static func table(
    _ bounds: (low: Int, high: Int), _ levels: (low: Double, high: Double)
  ) -> [UInt8] {
    let span = Double(bounds.high - bounds.low)
    return (0..<65_536).map { value in
      // One value only: what is there is in the middle.
      if span == 0 { return value < bounds.low ? 0 : value > bounds.low ? 255 : 128 }
      let level =
        levels.low + Double(value - bounds.low) * (levels.high - levels.low) / span
      return UInt8(max(0, min(255, (level + 0.5).rounded(.down))))
    }
  }

  /// `300 to 2900 stretched to 20 to 195 (percentiles 2 and 98 of all bands)`.
  func words(
    _ stretch: ImageConversion.Stretch, _ meaning: WordMeaning, isGray: Bool
  ) -> String {
    let values = bounds.enumerated().map { channel, bound in
      (low: meaning.value(bound.low, channel), high: meaning.value(bound.high, channel))
    }
    let ranges = values.map { "\(Self.words($0.low)) to \(Self.words($0.high))" }
    // Separate bounds for each band come only with percentiles that become 0 and 255.
    let levels = stretch.levels.levels(low: values[0].low, high: values[0].high)
    let of = isGray ? "" : stretch.eachBand ? " of each band" : " of all bands"
    return ranges.joined(separator: ", ")
      + " stretched to \(Int(levels.low.rounded())) to \(Int(levels.high)) (percentiles "
      + "\(ImageConversion.number(stretch.low)) and \(ImageConversion.number(stretch.high))\(of))"
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
  /// The kind of samples, in words: `16 bits a sample`.
  let kind: String
  let bits: Int
  /// What a word of a channel stands for.
  let value: @Sendable (_ word: Int, _ channel: Int) -> Double

  static let plain = WordMeaning(kind: "16 bits a sample", bits: 16) { word, _ in Double(word) }

  fileprivate func text(_ word: Int, _ channel: Int) -> String {
    PercentileStretch.words(value(word, channel))
  }
}

extension SampleGrid<UInt16> {
  /// The picture in 8 bits, a note that says how it was made, and what its alpha was taken for.
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
    let stretched = PercentileStretch(histogram, fills: fills, stretch, meaning)
    let note = "\(meaning.kind): \(stretched.words(stretch, meaning, isGray: isGray))"
    let made = pixels(stretched.tables, alpha: rule)
    return (made.pixels, note, made.alpha)
  }
}
