import CTIFF

/// Samples of a row, of any type that a TIFF may have → numbers.
struct TIFFNumbers {
  private let bits: Int
  private let isSigned: Bool
  private let isFloating: Bool

  init(_ page: TIFFPage) {
    (bits, isSigned, isFloating) = (page.bits, page.isSigned, page.isFloating)
  }

  var name: String {
    "\(bits)-bit \(isFloating ? "floating point" : isSigned ? "numbers with a sign" : "numbers")"
  }

  /// - Parameters:
  ///   - first: place of the first sample, and `step` the distance of the next one, both in samples.
  ///   - values: as many as are wanted; NaN where a sample is none.
  func read(
    _ row: UnsafeRawBufferPointer, first: Int, step: Int, into values: inout [Double]
  ) {
    switch (isFloating, isSigned, bits) {
    case (true, _, 16): read(row, first, step, &values) { (half: Float16) in Double(half) }
    case (true, _, 32): read(row, first, step, &values) { (single: Float) in Double(single) }
    case (true, _, _): read(row, first, step, &values) { (double: Double) in double }
    case (_, true, 8): read(row, first, step, &values) { (number: Int8) in Double(number) }
    case (_, true, 32): read(row, first, step, &values) { (number: Int32) in Double(number) }
    case (_, _, 8): read(row, first, step, &values) { (number: UInt8) in Double(number) }
    default: read(row, first, step, &values) { (number: UInt32) in Double(number) }
    }
  }

  @inline(__always)
  private func read<Number: BitwiseCopyable>(
    _ row: UnsafeRawBufferPointer, _ first: Int, _ step: Int, _ values: inout [Double],
    _ double: (Number) -> Double
  ) {
    let size = MemoryLayout<Number>.size
    for index in values.indices {
      values[index] = double(
        row.loadUnaligned(fromByteOffset: (first + index * step) * size, as: Number.self))
    }
  }

  /// The bytes of a sample with this value, as libtiff delivers them; zeros where the type cannot hold it.
  func bytes(of value: Double) -> [UInt8] {
    func raw<Number>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
    switch (isFloating, isSigned, bits) {
    case (true, _, 16): return raw(Float16(value))
    case (true, _, 32): return raw(Float(value))
    case (true, _, 64): return raw(value)
    case (_, true, 8): return raw(Int8(exactly: value) ?? 0)
    case (_, true, 16): return raw(Int16(exactly: value) ?? 0)
    case (_, true, 32): return raw(Int32(exactly: value) ?? 0)
    case (_, _, 8): return raw(UInt8(exactly: value) ?? 0)
    case (_, _, 16): return raw(UInt16(exactly: value) ?? 0)
    case (_, _, 32): return raw(UInt32(exactly: value) ?? 0)
    default: return [0]
    }
  }

  /// The value that stands for "no data" as a sample of this type holds it.
  func rounded(_ value: Double) -> Double {
    guard isFloating else { return value }
    return bits == 16 ? Double(Float16(value)) : bits == 32 ? Double(Float(value)) : value
  }
}

/// The range over which samples that are not 16-bit integers are spread to 16 bits: 0 is "no data", 1 to
/// 65,535 go from the lower to the upper bound, and values outside are clipped.
///
/// In a file without a "no data" value, 0 may be that or the height of the sea. Zeros do not count for the
/// bounds; outside the bounds they are "no data", within them they are shown as values.
struct ValueRange: Sendable {
  /// One for each channel, or one for all.
  private(set) var bounds: [(low: Double, high: Double)]
  private let noData: Double?
  private let leavesOutZeros: Bool

  private static let top = 65_535.0

  /// Counts values by the upper 16 bits of their single-precision form, in ascending order, so that far
  /// outliers such as a fill value of 1e38 cost the others no precision.
  struct Counts {
    /// `[channels, 65536]`
    fileprivate var counts: [Int]
    fileprivate let noData: Double?

    init(channels: Int, noData: Double?) {
      counts = [Int](repeating: 0, count: channels << 16)
      self.noData = noData
    }

    mutating func add(_ values: [Double], channel: Int) {
      for value in values where value.isFinite && value != noData ?? 0 {
        counts[channel << 16 + Int(ValueRange.key(value) >> 16)] += 1
      }
    }
  }

  /// - Parameter stretch: the percentiles between which the picture will be shown.
  init(_ counts: Counts, _ stretch: ImageConversion.Stretch) {
    noData = counts.noData
    // Where there is nothing else, zeros are the picture.
    leavesOutZeros = counts.noData == nil && counts.counts.contains { $0 > 0 }
    let channels = counts.counts.count >> 16
    var each = (0..<channels).map { Array(counts.counts[$0 << 16..<($0 + 1) << 16]) }
    if !stretch.eachBand {
      each = [(0..<1 << 16).map { key in each.reduce(0) { $0 + $1[key] } }]
    }
    bounds = each.map { counts in
      let total = counts.reduce(0, +)
      guard total > 0 else { return (0, 1) }
      let low = Self.value(UInt32(PercentileStretch.percentile(counts, stretch.low)) << 16)
      let key = UInt32(PercentileStretch.percentile(counts, stretch.high))
      let high = Self.value((key + 1) << 16 &- 1)
      return stretch.levels.bounds(low: low, high: high > low ? high : low + 1)
    }
  }

  /// 0…65,535 for a value of a channel.
  func word(_ value: Double, channel: Int) -> UInt16 {
    guard value.isFinite, value != noData else { return 0 }
    let bound = bounds[min(channel, bounds.count - 1)]
    if leavesOutZeros, value == 0, bound.low > 0 || bound.high < 0 { return 0 }
    let place = (value - bound.low) / (bound.high - bound.low) * (Self.top - 1)
    return UInt16(max(1, min(Self.top, place.rounded() + 1)))
  }

  /// Words that do not count, of each channel or of all.
  var fills: [[Int]] {
    bounds.indices.map { leavesOutZeros ? [0, Int(word(0, channel: $0))] : [0] }
  }

  /// What a word stands for.
  func value(_ word: Int, channel: Int) -> Double {
    let bound = bounds[min(channel, bounds.count - 1)]
    return bound.low + Double(max(0, word - 1)) / (Self.top - 1) * (bound.high - bound.low)
  }

  /// Single-precision numbers in their order.
  private static func key(_ value: Double) -> UInt32 {
    // Beyond single precision lies what no sensor measures.
    let limit = Double(Float.greatestFiniteMagnitude)
    let bits = Float(max(-limit, min(limit, value))).bitPattern
    return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
  }

  private static func value(_ key: UInt32) -> Double {
    let float = Float(bitPattern: key >> 31 == 1 ? key & 0x7FFF_FFFF : ~key)
    let limit = Float.greatestFiniteMagnitude
    return Double(float.isNaN ? limit : max(-limit, min(limit, float)))
  }
}
