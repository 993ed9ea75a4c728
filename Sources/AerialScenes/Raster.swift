import Imaging

/// A colour in 0…1 with arithmetic.
struct Tone: Sendable {
  var red, green, blue: Float

  init(_ red: Float, _ green: Float, _ blue: Float) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static func * (a: Tone, b: Float) -> Tone { Tone(a.red * b, a.green * b, a.blue * b) }

  func mixed(_ other: Tone, _ share: Float) -> Tone {
    Tone(
      red + (other.red - red) * share, green + (other.green - green) * share,
      blue + (other.blue - blue) * share)
  }
}

/// A place in scene coordinates: the picture is 0…100 both ways, y down.
struct Place: Sendable {
  var x, y: Float
  init(_ x: Float, _ y: Float) {
    self.x = x
    self.y = y
  }
  static func + (a: Place, b: Place) -> Place { Place(a.x + b.x, a.y + b.y) }
  static func - (a: Place, b: Place) -> Place { Place(a.x - b.x, a.y - b.y) }
  static func * (a: Place, b: Float) -> Place { Place(a.x * b, a.y * b) }
  var length: Float { (x * x + y * y).squareRoot() }
  var normal: Place { Place(-y, x) }
  var unit: Place { length > 0 ? self * (1 / length) : Place(1, 0) }
}

/// A turned frame of reference: what is drawn along x and y lands turned and moved.
struct Placement: Sendable {
  let origin: Place
  let along: Place

  /// - Parameter direction: any vector; x points along it.
  init(_ origin: Place, direction: Place) {
    self.origin = origin
    along = direction.unit
  }

  func at(_ x: Float, _ y: Float) -> Place { origin + along * x + along.normal * y }
  /// The corners of a rectangle.
  func rectangle(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> [Place] {
    [at(x, y), at(x + width, y), at(x + width, y + height), at(x, y + height)]
  }
}

/// A picture being painted at twice its size, in linear steps of 0…1.
struct Raster: Sendable {
  let side: Int
  /// Pixels per scene unit.
  let scale: Float
  private var red: [Float]
  private var green: [Float]
  private var blue: [Float]

  init(side: Int, ground: Tone) {
    self.side = side
    scale = Float(side) / 100
    red = Array(repeating: ground.red, count: side * side)
    green = Array(repeating: ground.green, count: side * side)
    blue = Array(repeating: ground.blue, count: side * side)
  }

  /// Paints over pixel `index` with a share.
  private mutating func blend(_ index: Int, _ tone: Tone, _ share: Float) {
    red[index] += (tone.red - red[index]) * share
    green[index] += (tone.green - green[index]) * share
    blue[index] += (tone.blue - blue[index]) * share
  }

  /// Every pixel anew from its place and what is there.
  mutating func texture(_ body: (Place, Tone) -> Tone) {
    for row in 0..<side {
      for column in 0..<side {
        let index = row * side + column
        let place = Place((Float(column) + 0.5) / scale, (Float(row) + 0.5) / scale)
        let tone = body(place, Tone(red[index], green[index], blue[index]))
        red[index] = tone.red
        green[index] = tone.green
        blue[index] = tone.blue
      }
    }
  }

  /// A filled polygon, even-odd; its tone may depend on the place.
  mutating func fill(_ corners: [Place], share: Float = 1, _ tone: (Place) -> Tone) {
    guard corners.count >= 3 else { return }
    let top = corners.reduce(Float.infinity) { min($0, $1.y) } * scale
    let bottom = corners.reduce(-Float.infinity) { max($0, $1.y) } * scale
    guard bottom >= 0, top <= Float(side) else { return }
    for row in max(0, Int(top))..<min(side, Int(bottom.rounded(.up)) + 1) {
      let y = (Float(row) + 0.5) / scale
      var crossings: [Float] = []
      for index in corners.indices {
        let (a, b) = (corners[index], corners[(index + 1) % corners.count])
        guard (a.y <= y) != (b.y <= y) else { continue }
        crossings.append((a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)) * scale)
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        span(row, crossings[pair], crossings[pair + 1], share, tone)
      }
    }
  }

  /// A horizontal run with soft ends.
  private mutating func span(
    _ row: Int, _ from: Float, _ to: Float, _ share: Float, _ tone: (Place) -> Tone
  ) {
    guard to > 0, from < Float(side) else { return }
    let first = max(0, Int(from.rounded(.down)))
    let last = min(side - 1, Int(to.rounded(.down)))
    guard first <= last else { return }
    for column in first...last {
      let cover = min(Float(column + 1), to) - max(Float(column), from)
      guard cover > 0 else { continue }
      let place = Place((Float(column) + 0.5) / scale, (Float(row) + 0.5) / scale)
      blend(row * side + column, tone(place), share * min(1, cover))
    }
  }

  mutating func fill(_ corners: [Place], _ tone: Tone, share: Float = 1) {
    fill(corners, share: share) { _ in tone }
  }

  /// A filled ellipse, turned with `direction`; `inner` 0…1 leaves its middle out (a ring).
  mutating func ellipse(
    _ center: Place, _ width: Float, _ height: Float, direction: Place = Place(1, 0),
    inner: Float = 0, share: Float = 1, _ tone: (Place) -> Tone
  ) {
    let along = direction.unit
    let reach = max(width, height)
    let soft = 1 / (scale * max(0.05, min(width, height)))
    let rows = clamped(center.y, reach)
    let columns = clamped(center.x, reach)
    for row in rows {
      for column in columns {
        let place = Place((Float(column) + 0.5) / scale, (Float(row) + 0.5) / scale)
        let offset = place - center
        let x = (offset.x * along.x + offset.y * along.y) / width
        let y = (offset.y * along.x - offset.x * along.y) / height
        let distance = (x * x + y * y).squareRoot()
        var cover = min(1, max(0, (1 - distance) / soft + 0.5))
        if inner > 0 { cover *= min(1, max(0, (distance - inner) / soft + 0.5)) }
        if cover > 0 { blend(row * side + column, tone(place), share * cover) }
      }
    }
  }

  mutating func disc(_ center: Place, _ radius: Float, _ tone: Tone, share: Float = 1) {
    ellipse(center, radius, radius, share: share) { _ in tone }
  }

  private func clamped(_ middle: Float, _ reach: Float) -> Range<Int> {
    let low = max(0, min(Float(side), ((middle - reach) * scale).rounded(.down) - 1))
    let high = max(low, min(Float(side), ((middle + reach) * scale).rounded(.up) + 1))
    return Int(low)..<Int(high)
  }

  /// A line of a width through points, with round joints.
  mutating func line(_ points: [Place], width: Float, _ tone: Tone, share: Float = 1) {
    for index in 1..<max(1, points.count) {
      let (a, b) = (points[index - 1], points[index])
      let side = (b - a).unit.normal * (width / 2)
      fill([a + side, b + side, b - side, a - side], tone, share: share)
      // Joints of a half-transparent line would show twice.
      if share == 1, index + 1 < points.count { disc(b, width / 2, tone) }
    }
  }

  /// Half the size, as 8-bit pixels, with a little grain so that no area is flat.
  ///
  /// - Parameter orientation: 0…7, one of the square's eight symmetries (mirrored along x, along y,
  ///   transposed): a picture from above has no side that is up.
  func pixels(grain: Float, seed: UInt64, orientation: Int) throws(ImageError) -> Pixels {
    let half = side / 2
    var random = SeededGenerator(seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * half * half)
    for row in 0..<half {
      for column in 0..<half {
        let noise = (random.unit() + random.unit() - 1) * grain
        var (x, y) = orientation & 4 == 0 ? (column, row) : (row, column)
        if orientation & 1 != 0 { x = half - 1 - x }
        if orientation & 2 != 0 { y = half - 1 - y }
        let first = 2 * y * side + 2 * x
        bytes.append(average(red, first, noise))
        bytes.append(average(green, first, noise))
        bytes.append(average(blue, first, noise))
      }
    }
    return try Pixels(width: half, height: half, bytes: bytes)
  }

  /// Four neighbours of a channel as one 8-bit value.
  private func average(_ channel: [Float], _ first: Int, _ noise: Float) -> UInt8 {
    let sum =
      channel[first] + channel[first + 1] + channel[first + side] + channel[first + side + 1]
    return UInt8(max(0, min(255, (sum / 4 + noise) * 255)))
  }
}
