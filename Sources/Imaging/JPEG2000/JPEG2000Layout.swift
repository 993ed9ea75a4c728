/// How colours are made of a JPEG 2000's components.
struct JPEG2000Layout: Equatable {
  let layout: SampleLayout
  /// Components in the layout's order.
  let components: [Int]
  let isYCbCr: Bool
  /// Of the colours; 1…16.
  let bits: Int
  let isSigned: Bool
  let notes: [String]

  /// - Parameter planes: of some part of the picture.
  /// - Throws: ``ImageError`` where a band is named that is not there, or components are of a kind that is not read.
  init(_ planes: JPEG2000Decoder.Planes, _ request: DecodingRequest) throws(ImageError) {
    var colours: [Int] = []
    var alpha: (component: Int, isWeighted: Bool)?
    for index in 0..<planes.count {
      guard let plane = planes[index] else {
        throw request.failure(
          .invalid("the JPEG 2000's component \(index + 1) is empty; copy it again from its source")
        )
      }
      if plane.alpha == 0 {
        colours.append(index)
      } else if alpha == nil, plane.alpha <= 2 {
        alpha = (index, plane.alpha == 2)
      }
    }
    var notes: [String] = []
    let total = colours.count
    var components: [Int]
    if let chosen = request.conversion.bands {
      guard let last = chosen.max(), last <= planes.count else {
        throw request.failure(
          .invalid(
            "the JPEG 2000 has \(planes.count) \(planes.count == 1 ? "band" : "bands"), there is none of "
              + "number \(chosen.max() ?? 0)"))
      }
      components = chosen.map { $0 - 1 }
      alpha = nil
      if !(planes.count == 3 && chosen == [1, 2, 3]) {
        notes.append("bands \(chosen.map(String.init).joined(separator: ", ")) of \(planes.count)")
      }
    } else if total >= 3 {
      components = Array(colours.prefix(3))
      if total > 3 { notes.append("bands 1, 2, 3 of \(total)") }
    } else {
      components = Array(colours.prefix(1))
      if total == 2 { notes.append("band 1 of 2") }
    }
    let kinds = components.compactMap { planes[$0] }
    guard let first = kinds.first,
      kinds.allSatisfy({ $0.bits == first.bits && $0.isSigned == first.isSigned }),
      (1...16).contains(first.bits)
    else {
      throw request.failure(
        .invalid(
          "the JPEG 2000's components differ, or have more than 16 bits; make a TIFF of it: gdal_translate IN OUT.tif"
        ))
    }
    let isGray = components.count == 1
    layout = SampleLayout(
      colour: isGray ? .gray : .rgb,
      alpha: alpha.map { $0.isWeighted ? .premultiplied : .straight } ?? .none)
    self.components = components + (alpha.map { [$0.component] } ?? [])
    isYCbCr = planes.isYCbCr && components == [0, 1, 2] && first.bits == 8
    (bits, isSigned) = (first.bits, first.isSigned)
    self.notes = notes
  }
}

extension SampleGrid {
  /// Takes all rows of decoded components.
  /// - Parameters:
  ///   - x, y: where they go.
  ///   - width, height: of the place they fill; a component of fewer pixels is stretched over it.
  mutating func add(
    _ planes: JPEG2000Decoder.Planes, _ plan: JPEG2000Layout, x: Int, y: Int, width: Int,
    height: Int
  ) {
    let planesOf = plan.components.compactMap { planes[$0] }
    guard planesOf.count == plan.components.count else { return }
    var row = [Sample](repeating: 0, count: width)
    for line in 0..<height {
      for (channel, plane) in planesOf.enumerated() {
        let start = plane.data + min(plane.height - 1, line * plane.height / height) * plane.width
        let isAlpha = channel >= plan.layout.colourChannels
        row.withUnsafeMutableBufferPointer {
          plane.samples(from: start, fillRange: isAlpha || plan.bits <= 8, into: $0)
        }
        row.withUnsafeBufferPointer { row in
          guard let first = row.baseAddress else { return }
          add(first, stride: 1, channel: channel, x: x, y: y + line, count: width)
        }
      }
    }
  }
}

extension JPEG2000Decoder.Plane {
  /// One row, stretched over as many columns as there are.
  /// - Parameter fillRange: whether the largest value becomes the sample's largest, as of few bits and of alpha;
  ///   else words stay as they are, signed ones with their zero in the middle of the range.
  @inline(__always)
  fileprivate func samples<Sample: FixedWidthInteger & UnsignedInteger>(
    from start: UnsafeMutablePointer<Int32>, fillRange: Bool,
    into row: UnsafeMutableBufferPointer<Sample>
  ) {
    let most = 1 << bits - 1
    let zero = !isSigned ? 0 : fillRange ? 1 << (bits - 1) : 1 << 15
    let largest = Int(Sample.max)
    let count = row.count
    if width == count, !fillRange || most == largest {
      for column in 0..<count {
        row[column] = Sample(truncatingIfNeeded: max(0, min(largest, Int(start[column]) + zero)))
      }
      return
    }
    for column in 0..<count {
      let place = width == count ? column : min(width - 1, column * width / count)
      var value = Int(start[place]) + zero
      if fillRange {
        value = (max(0, min(most, value)) * largest * 2 + most) / (2 * most)
      }
      row[column] = Sample(truncatingIfNeeded: max(0, min(largest, value)))
    }
  }
}

extension Pixels {
  /// JPEG's YCbCr of 8 bits → RGB.
  func fromYCbCr() -> Pixels {
    var bytes = bytes
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let y = Float(bytes[start])
      let (blue, red) = (Float(bytes[start + 1]) - 128, Float(bytes[start + 2]) - 128)
      let colours = [y + 1.402 * red, y - 0.344_136 * blue - 0.714_136 * red, y + 1.772 * blue]
      for (place, value) in colours.enumerated() {
        bytes[start + place] = UInt8(max(0, min(255, value.rounded())))
      }
    }
    return Pixels(width: width, height: height, uncheckedBytes: bytes)
  }
}
