/// A picture in the mode of its file, as Pillow would open it, for transforms that resize before they convert
/// to RGB, as OpenAI's and open_clip's do. RGB and gray need none, since the order makes no difference there.
struct StoredMode: Sendable {
  enum Kind: Sendable, Equatable {
    /// Pillow's RGBA and LA: resized with colours multiplied by alpha; then alpha is dropped, and what
    /// was transparent is black.
    case alpha
    /// Pillow's P and 1: the nearest pixel instead of a bicubic filter; then the palette.
    case nearest
    /// Pillow's L and RGB with a transparent colour: as if there were none.
    case opaque
    /// Each ink by itself, then RGB.
    case cmyk
  }

  let kind: Kind
  /// Three of four channels: red, green, blue; or cyan, magenta, yellow. Alpha is not in it.
  let colours: [UInt8]
  /// The fourth: alpha or key; empty for the other kinds.
  let fourth: [UInt8]

  /// Straight alpha; `nil` where all is opaque.
  /// - Parameter samples: gray and alpha, or red, green, blue and alpha.
  init?(alpha samples: [UInt8], channels: Int, isWeighted: Bool) {
    guard channels == 2 || channels == 4 else { return nil }
    let count = samples.count / channels
    guard (0..<count).contains(where: { samples[channels * $0 + channels - 1] != 255 }) else {
      return nil
    }
    var colours = [UInt8](repeating: 0, count: 3 * count)
    var fourth = [UInt8](repeating: 0, count: count)
    for pixel in 0..<count {
      let first = channels * pixel
      let alpha = samples[first + channels - 1]
      fourth[pixel] = alpha
      for channel in 0..<3 {
        let value = samples[first + (channels == 2 ? 0 : channel)]
        colours[3 * pixel + channel] = isWeighted ? Self.straight(value, alpha) : value
      }
    }
    (kind, self.colours, self.fourth) = (.alpha, colours, fourth)
  }

  /// - Parameter colours: of the palette, alpha left out.
  init(nearest colours: [UInt8]) {
    (kind, self.colours, fourth) = (.nearest, colours, [])
  }

  /// A single colour that counts as transparent: Pillow keeps the colours as they are.
  init(opaque colours: [UInt8]) {
    (kind, self.colours, fourth) = (.opaque, colours, [])
  }

  /// - Parameter inks: four of each pixel, 255 is full.
  init(cmyk inks: [UInt8]) {
    let count = inks.count / 4
    kind = .cmyk
    colours = (0..<3 * count).map { inks[$0 / 3 * 4 + $0 % 3] }
    fourth = (0..<count).map { inks[4 * $0 + 3] }
  }

  /// As ``Pixels/oriented(_:)``, of a picture of this size.
  func oriented(_ orientation: Int, width: Int, height: Int) -> StoredMode {
    let picture = Pixels(width: width, height: height, uncheckedBytes: colours)
    let others = fourth.isEmpty ? [] : single((width, height)).oriented(orientation).bytes
    return StoredMode(
      kind: kind, colours: picture.oriented(orientation).bytes,
      fourth: stride(from: 0, to: others.count, by: 3).map { others[$0] })
  }

  private init(kind: Kind, colours: [UInt8], fourth: [UInt8]) {
    (self.kind, self.colours, self.fourth) = (kind, colours, fourth)
  }

  /// Pillow's RGBa → RGBA.
  static func straight(_ value: UInt8, _ alpha: UInt8) -> UInt8 {
    alpha == 0 || alpha == 255
      ? value : UInt8(min(255, 255 * Int(value) / Int(alpha)))
  }

  /// Pillow's MULDIV255.
  static func product(_ one: UInt8, _ other: UInt8) -> UInt8 {
    let sum = Int(one) * Int(other) + 128
    return UInt8(((sum >> 8) + sum) >> 8)
  }

  /// Resized in its own mode and then made RGB, of which a window is wanted.
  /// - Parameters: as those of ``Pixels/resized(width:height:columns:rows:)``.
  func resized(
    from size: (width: Int, height: Int), width: Int, height: Int, columns: Range<Int>,
    rows: Range<Int>
  ) -> Pixels {
    let picture = Pixels(width: size.width, height: size.height, uncheckedBytes: colours)
    func part(_ pixels: Pixels) -> Pixels {
      pixels.width == width && pixels.height == height
        ? pixels.cropped(
          x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
        : pixels.resized(width: width, height: height, columns: columns, rows: rows)
    }
    switch kind {
    case .nearest:
      return Self.nearest(picture, width: width, height: height, columns: columns, rows: rows)
    case .opaque: return part(picture)
    case .alpha:
      // A picture that already has the size is not touched: colours under alpha 0 stay.
      if size.width == width && size.height == height { return part(picture) }
      var weighted = picture
      for index in weighted.bytes.indices {
        weighted.bytes[index] = Self.product(weighted.bytes[index], fourth[index / 3])
      }
      var result = part(weighted)
      let alpha = part(single(size))
      for index in result.bytes.indices {
        result.bytes[index] = Self.straight(result.bytes[index], alpha.bytes[index])
      }
      return result
    case .cmyk:
      var result = part(picture)
      let key = part(single(size))
      for index in result.bytes.indices {
        let white = 255 - key.bytes[index]
        result.bytes[index] = UInt8(
          max(0, Int(white) - Int(Self.product(result.bytes[index], white))))
      }
      return result
    }
  }

  /// The fourth channel as a picture.
  private func single(_ size: (width: Int, height: Int)) -> Pixels {
    Pixels(
      width: size.width, height: size.height,
      uncheckedBytes: (0..<3 * fourth.count).map { fourth[$0 / 3] })
  }

  /// Pillow's NEAREST: the pixel under the centre, places added up as it does.
  private static func nearest(
    _ picture: Pixels, width: Int, height: Int, columns: Range<Int>, rows: Range<Int>
  ) -> Pixels {
    // A thin picture would have hundreds of millions of rows or columns; only those of the window are kept.
    func places(_ old: Int, _ new: Int, _ wanted: Range<Int>) -> [Int] {
      let step = Double(old) / Double(new)
      var place = step * 0.5
      var result: [Int] = []
      for index in 0..<wanted.upperBound {
        if index >= wanted.lowerBound { result.append(min(max(Int(place), 0), old - 1)) }
        place += step
      }
      return result
    }
    let across = places(picture.width, width, columns)
    let down = places(picture.height, height, rows)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * across.count * down.count)
    for y in down {
      for x in across {
        let start = 3 * (y * picture.width + x)
        bytes += picture.bytes[start..<start + 3]
      }
    }
    return Pixels(width: across.count, height: down.count, uncheckedBytes: bytes)
  }
}
