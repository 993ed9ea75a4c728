import CTIFF

/// Which part of a picture is being read: a page of those that belong together, and a plane of it.
struct TIFFPart: Equatable {
  var page = 0
  /// `nil` where all bands of a pixel lie side by side.
  var plane: Int?

  /// The layout's channels that are in this part, with the sample of each.
  func channels(of plan: TIFFPlan) -> [(channel: Int, sample: Int)] {
    plan.bands.enumerated().compactMap { channel, band in
      guard band.page == page, plane == nil || plane == band.sample else { return nil }
      return (channel, plane == nil ? band.sample : 0)
    }
  }
}

/// Rows of a page as they come from libtiff → the samples of its picture.
struct TIFFRows<Sample: FixedWidthInteger & UnsignedInteger & Sendable>: TIFFRowSink {
  private(set) var grid: SampleGrid<Sample>
  private let page: TIFFPage
  private let plan: TIFFPlan
  private let reading: TIFFPage.Reading
  private let palette: [UInt8]?
  private let range: ValueRange?
  private var channels: [(channel: Int, sample: Int)] = []
  private var step = 1
  private var unpacked: [Sample] = []
  private var values: [Double] = []

  init(
    _ grid: SampleGrid<Sample>, _ page: TIFFPage, _ plan: TIFFPlan, _ reading: TIFFPage.Reading,
    palette: [UInt8]? = nil, range: ValueRange? = nil
  ) {
    (self.grid, self.page, self.plan, self.reading) = (grid, page, plan, reading)
    (self.palette, self.range) = (palette, range)
  }

  /// Before the first row of it.
  mutating func begin(_ part: TIFFPart) {
    channels = part.channels(of: plan)
    step = part.plane == nil ? page.samples : 1
  }

  func wants(row: Int) -> Bool { grid.wants(row: row) }
  func wants(columns: Range<Int>) -> Bool { grid.wants(columns: columns) }

  mutating func add(_ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int) {
    switch reading {
    case .converted:
      for (channel, from) in plan.paletteOrder.enumerated() {
        add(row, from, 4, channel, x, y, count)
      }
    case .lab:
      unpackLab(row, count)
      unpacked.withUnsafeBufferPointer { samples in
        _ = samples.baseAddress.map { grid.add($0, x: x, y: y, count: count) }
      }
    case .bytes where palette != nil:
      unpackPalette(row, count)
      unpacked.withUnsafeBufferPointer { samples in
        _ = samples.baseAddress.map { grid.add($0, x: x, y: y, count: count) }
      }
    case .bytes where page.bits < 8, .words where page.bits < 16:
      unpack(row, count * step)
      addUnpacked(step: step, x, y, count)
    case .measured: addMeasured(row, x, y, count)
    default: addWhole(row, x, y, count)
    }
  }

  /// Samples that have their place in memory already.
  private mutating func addWhole(
    _ row: UnsafeMutableRawBufferPointer, _ x: Int, _ y: Int, _ count: Int
  ) {
    if Sample.bitWidth == 16, page.isSigned {
      let samples = row.bindMemory(to: UInt16.self)
      // The lowest number becomes 0.
      for index in 0..<count * step { samples[index] ^= 0x8000 }
    }
    let isWhole = channels.count == step && channels.map(\.sample) == Array(0..<step)
    if isWhole, channels.count == plan.bands.count,
      let first = row.bindMemory(to: Sample.self).baseAddress
    {
      grid.add(first, x: x, y: y, count: count)
      return
    }
    for (channel, sample) in channels { add(row, sample, step, channel, x, y, count) }
  }

  private mutating func add(
    _ row: UnsafeMutableRawBufferPointer, _ first: Int, _ step: Int, _ channel: Int, _ x: Int,
    _ y: Int, _ count: Int
  ) {
    guard let samples = row.bindMemory(to: Sample.self).baseAddress else { return }
    grid.add(samples + first, stride: step, channel: channel, x: x, y: y, count: count)
  }

  private mutating func addUnpacked(step: Int, _ x: Int, _ y: Int, _ count: Int) {
    unpacked.withUnsafeBufferPointer { samples in
      guard let start = samples.baseAddress else { return }
      for (channel, sample) in channels {
        grid.add(start + sample, stride: step, channel: channel, x: x, y: y, count: count)
      }
    }
  }

  private mutating func addMeasured(
    _ row: UnsafeMutableRawBufferPointer, _ x: Int, _ y: Int, _ count: Int
  ) {
    guard let range else { return }
    let numbers = TIFFNumbers(page)
    if values.count != count { values = [Double](repeating: 0, count: count) }
    for (channel, sample) in channels {
      numbers.read(UnsafeRawBufferPointer(row), first: sample, step: step, into: &values)
      unpacked = values.map { Sample(truncatingIfNeeded: range.word($0, channel: channel)) }
      unpacked.withUnsafeBufferPointer { samples in
        _ = samples.baseAddress.map {
          grid.add($0, stride: 1, channel: channel, x: x, y: y, count: count)
        }
      }
    }
  }

  /// Packed samples, the upper bits first: of 1, 2, 4 bits → 8 bits, of 9 to 15 → themselves.
  private mutating func unpack(_ row: UnsafeMutableRawBufferPointer, _ count: Int) {
    let bits = page.bits
    let most = (1 << bits) - 1
    unpacked.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let place = index * bits
      var (word, held) = (0, 0)
      for byte in place >> 3...(place + bits - 1) >> 3 {
        word = word << 8 | Int(row[byte])
        held += 8
      }
      let value = word >> (held - bits - place & 7) & most
      unpacked.append(Sample(truncatingIfNeeded: bits < 8 ? value * 255 / most : value))
    }
  }

  private mutating func unpackLab(_ row: UnsafeMutableRawBufferPointer, _ count: Int) {
    let lab = LabColours.ofStandard
    let isICC = page.photometric == Int(PHOTOMETRIC_ICCLAB)
    unpacked.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let colours: (UInt8, UInt8, UInt8)
      if page.bits == 8 {
        let place = index * step
        colours = lab.rgb(row[place], row[place + 1], row[place + 2], isICC: isICC)
      } else {
        let words = row.bindMemory(to: UInt16.self)
        let place = index * step
        colours = lab.rgb(words[place], words[place + 1], words[place + 2], isICC: isICC)
      }
      let three = [colours.0, colours.1, colours.2]
      for colour in plan.paletteOrder { unpacked.append(Sample(truncatingIfNeeded: three[colour])) }
    }
  }

  /// 1, 2, 4 or 8 bits → the colours of a palette.
  private mutating func unpackPalette(_ row: UnsafeMutableRawBufferPointer, _ count: Int) {
    guard let palette else { return }
    let bits = page.bits
    let most = (1 << bits) - 1
    unpacked.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let place = index * step * bits
      let value = Int(row[place >> 3]) >> (8 - bits - place & 7) & most
      for colour in plan.paletteOrder {
        unpacked.append(Sample(truncatingIfNeeded: palette[3 * value + colour]))
      }
    }
  }
}

/// Rows of a page → how often its values occur.
struct TIFFValueCounts: TIFFRowSink {
  private(set) var counts: ValueRange.Counts
  private let page: TIFFPage
  private let plan: TIFFPlan
  private var part = TIFFPart()
  private var values: [Double] = []

  init(_ page: TIFFPage, _ plan: TIFFPlan, noData: Double?) {
    (self.page, self.plan) = (page, plan)
    counts = .init(channels: plan.layout.colourChannels, noData: noData)
  }

  mutating func begin(_ part: TIFFPart) { self.part = part }

  func wants(row: Int) -> Bool { true }
  func wants(columns: Range<Int>) -> Bool { true }

  mutating func add(_ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int) {
    let numbers = TIFFNumbers(page)
    if values.count != count { values = [Double](repeating: 0, count: count) }
    let step = part.plane == nil ? page.samples : 1
    for (channel, sample) in part.channels(of: plan) {
      numbers.read(UnsafeRawBufferPointer(row), first: sample, step: step, into: &values)
      counts.add(values, channel: channel)
    }
  }
}
