import RandomNumbers
import Glibc

func exponential(_ x: Double) -> Double { Glibc.exp(x) }
func logarithm(_ x: Double) -> Double { Glibc.log(x) }

extension Pixels {
  /// `ColorJitter.forward`: the four changes in a random order, each only where its strength is not 0.
  mutating func jitter(_ settings: Augmentation.ColorJitter, using random: inout RandomNumbers) {
    guard settings != .init() else { return }
    func factor(_ strength: Double, _ random: inout RandomNumbers) -> Double? {
      strength > 0 ? random.number(max(0, 1 - strength)...(1 + strength)) : nil
    }
    let order = random.permutation(4)
    let brightness = factor(settings.brightness, &random)
    let contrast = factor(settings.contrast, &random)
    let saturation = factor(settings.saturation, &random)
    let hue = settings.hue > 0 ? Float(random.number(-settings.hue...settings.hue)) : nil
    for change in order {
      switch change {
      case 0: if let brightness { adjustBrightness(brightness) }
      case 1: if let contrast { adjustContrast(contrast) }
      case 2: if let saturation { adjustSaturation(saturation) }
      default: if let hue { adjustHue(hue) }
      }
    }
    if settings.channels > 0 {
      adjustChannels((0..<3).map { _ in factor(settings.channels, &random) ?? 1 })
    }
  }

  /// `adjust_brightness`: a blend with black. Like all of torchvision's on bytes, cut off, not rounded.
  package mutating func adjustBrightness(_ factor: Double) {
    adjustChannels([factor, factor, factor])
  }

  package mutating func adjustChannels(_ factors: [Double]) {
    let tables = factors.map { factor in (0..<256).map { Self.cut(Float($0) * Float(factor)) } }
    map(tables)
  }

  /// `adjust_contrast`: a blend with the mean of the gray picture.
  package mutating func adjustContrast(_ factor: Double) {
    let count = width * height
    let sum = bytes.withUnsafeBufferPointer { bytes in
      var sum = 0
      for pixel in 0..<count { sum += Int(Self.gray(bytes, 3 * pixel)) }
      return sum
    }
    let pull = Float(1 - factor) * Float(Double(sum) / Double(count))
    let table = (0..<256).map { Self.cut(Float($0) * Float(factor) + pull) }
    map([table, table, table])
  }

  /// `adjust_saturation`: a blend with the gray picture.
  package mutating func adjustSaturation(_ factor: Double) {
    let count = width * height
    let (own, other) = (Float(factor), Float(1 - factor))
    bytes.withUnsafeMutableBufferPointer { bytes in
      for place in stride(from: 0, to: 3 * count, by: 3) {
        let pull = other * Float(Self.gray(UnsafeBufferPointer(bytes), place))
        for channel in place..<place + 3 {
          bytes[channel] = Self.cut(own * Float(bytes[channel]) + pull)
        }
      }
    }
  }

  /// `adjust_hue`: RGB to HSV, the hue moved round its circle, and back.
  /// - Parameter shift: −0.5…0.5 of the circle.
  package mutating func adjustHue(_ shift: Float) {
    let count = width * height
    bytes.withUnsafeMutableBufferPointer { bytes in
      for place in stride(from: 0, to: 3 * count, by: 3) {
        let (r, g, b) = (
          Float(bytes[place]) / 255, Float(bytes[place + 1]) / 255, Float(bytes[place + 2]) / 255
        )
        let (high, low) = (max(r, g, b), min(r, g, b))
        let chroma = high - low
        // A gray stays as it is, whatever its hue.
        guard chroma > 0 else { continue }
        let (rc, gc, bc) = (
          (high - r) / chroma, (high - g) / chroma, (high - b) / chroma
        )
        let sector = high == r ? bc - gc : high == g ? 2 + rc - bc : 4 + gc - rc
        var hue = sector / 6 + shift
        hue -= hue.rounded(.down)
        let colour = Self.rgb(hue: hue, saturation: chroma / high, value: high)
        // torchvision's float → byte: · (256 − 0.001), cut off
        bytes[place] = UInt8(colour.0 * 255.999)
        bytes[place + 1] = UInt8(colour.1 * 255.999)
        bytes[place + 2] = UInt8(colour.2 * 255.999)
      }
    }
  }

  private static func rgb(hue: Float, saturation: Float, value: Float) -> (Float, Float, Float) {
    let sector = (hue * 6).rounded(.down)
    let f = hue * 6 - sector
    func within(_ x: Float) -> Float { min(max(x, 0), 1) }
    let p = within(value * (1 - saturation))
    let q = within(value * (1 - saturation * f))
    let t = within(value * (1 - saturation * (1 - f)))
    switch Int(sector) % 6 {
    case 0: return (value, t, p)
    case 1: return (q, value, p)
    case 2: return (p, value, t)
    case 3: return (p, q, value)
    case 4: return (t, p, value)
    default: return (value, p, q)
    }
  }

  private mutating func map(_ tables: [[UInt8]]) {
    let count = width * height
    let (red, green, blue) = (tables[0], tables[1], tables[2])
    bytes.withUnsafeMutableBufferPointer { bytes in
      for place in stride(from: 0, to: 3 * count, by: 3) {
        bytes[place] = red[Int(bytes[place])]
        bytes[place + 1] = green[Int(bytes[place + 1])]
        bytes[place + 2] = blue[Int(bytes[place + 2])]
      }
    }
  }

  /// `rgb_to_grayscale` on bytes: cut off.
  @inline(__always)
  private static func gray(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> UInt8 {
    let red: Float = 0.2989 * Float(bytes[place])
    let green: Float = 0.587 * Float(bytes[place + 1])
    let blue: Float = 0.114 * Float(bytes[place + 2])
    return UInt8(red + green + blue)
  }

  @inline(__always)
  private static func cut(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255)) }
}

extension Pixels {
  /// A binomial filter of 3 × 3, (1 2 1) both ways; edges repeat.
  mutating func blur() {
    let (width, height) = (width, height)
    let source = bytes
    bytes.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        for row in 0..<height {
          let rows = [max(row - 1, 0), row, min(row + 1, height - 1)].map { 3 * $0 * width }
          let (above, here, below) = (rows[0], rows[1], rows[2])
          for column in 0..<width {
            let (left, middle, right) = (
              3 * max(column - 1, 0), 3 * column, 3 * min(column + 1, width - 1)
            )
            for channel in 0..<3 {
              func down(_ x: Int) -> Int {
                Int(source[above + x + channel]) + 2 * Int(source[here + x + channel])
                  + Int(source[below + x + channel])
              }
              let sum = down(left) + 2 * down(middle) + down(right)
              target[here + middle + channel] = UInt8((sum + 8) / 16)
            }
          }
        }
      }
    }
  }

  /// Transposed, then mirrored left to right, then upside down, in one pass. Square pictures only where
  /// transposed.
  mutating func orient(transposed: Bool, mirrored: Bool, upended: Bool) {
    guard transposed || mirrored || upended else { return }
    precondition(!transposed || width == height)
    let (width, height) = (width, height)
    let source = bytes
    bytes.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        for row in 0..<height {
          let y = upended ? height - 1 - row : row
          for column in 0..<width {
            let x = mirrored ? width - 1 - column : column
            let from = 3 * (transposed ? x * width + y : y * width + x)
            let to = 3 * (row * width + column)
            target[to] = source[from]
            target[to + 1] = source[from + 1]
            target[to + 2] = source[from + 2]
          }
        }
      }
    }
  }

  /// `RandomErasing`: a rectangle of 2…15 % of the area, sides 1 : 3 to 3 : 1, becomes gray.
  mutating func erase(using random: inout RandomNumbers) {
    let area = Double(width * height) * random.number(0.02...0.15)
    let shape = exponential(random.number(logarithm(1.0 / 3)...logarithm(3)))
    let w = min(width, max(1, Int((area * shape).squareRoot())))
    let h = min(height, max(1, Int((area / shape).squareRoot())))
    let (x, y) = (random.below(width - w + 1), random.below(height - h + 1))
    for row in y..<y + h {
      let start = 3 * (row * width + x)
      bytes.replaceSubrange(start..<start + 3 * w, with: repeatElement(118, count: 3 * w))
    }
  }
}
