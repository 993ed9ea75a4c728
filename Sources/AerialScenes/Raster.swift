import Imaging

/// A picture being painted, in linear steps of 0…1. Shapes are painted with the share of each pixel
/// that they cover: exact along a row, on four lines a row across.
struct Raster: Sendable {
  let side: Int
  /// Pixels per scene unit.
  let scale: Float
  private var pixels: [SIMD4<Float>]
  /// Of the row being painted: what single pixels are covered by, and what changes from a pixel on.
  private var cover: [Float]
  private var change: [Float]
  private var crossings: [Float] = []
  private var outline: [Place] = []
  /// Who painted each pixel last, where that is asked for (by tests); empty otherwise.
  private(set) var owners: [UInt16]
  /// Who is painting, 0 is nobody in particular.
  var owner: UInt16 = 0

  init(side: Int, ground: Tone, isTraced: Bool = false) {
    self.side = side
    scale = Float(side) / 100
    pixels = Array(repeating: ground.channels, count: side * side)
    cover = Array(repeating: 0, count: side + 2)
    change = Array(repeating: 0, count: side + 2)
    owners = isTraced ? Array(repeating: 0, count: side * side) : []
  }

  // MARK: Everything

  /// Every pixel anew from its place, its index (for planes of noise) and what is there.
  mutating func texture(_ body: (Place, Int, Tone) -> Tone) {
    let unit = 1 / scale
    for row in 0..<side {
      let y = (Float(row) + 0.5) * unit
      for column in 0..<side {
        let index = row * side + column
        let place = Place((Float(column) + 0.5) * unit, y)
        pixels[index] = body(place, index, Tone(channels: pixels[index])).channels
      }
    }
  }

  // MARK: Polygons

  mutating func fill(_ corners: [Place], _ tone: Tone, share: Float = 1) {
    fill(corners, Paint(tone: tone), share: share)
  }

  /// A filled polygon, even-odd.
  mutating func fill(_ corners: [Place], _ paint: Paint, share: Float = 1) {
    guard corners.count >= 3 else { return }
    var (low, high) = (Place(.infinity, .infinity), Place(-.infinity, -.infinity))
    outline.removeAll(keepingCapacity: true)
    for corner in corners {
      let place = corner * scale
      low = Place(min(low.x, place.x), min(low.y, place.y))
      high = Place(max(high.x, place.x), max(high.y, place.y))
      outline.append(place)
    }
    let size = Float(side)
    guard high.x > 0, high.y > 0, low.x < size, low.y < size else { return }
    let rows = Int(max(0, low.y))...Int(min(size - 1, high.y))
    let columns = Int(max(0, low.x))...Int(min(size - 1, high.x))
    for row in rows {
      for line in 0..<4 {
        scan(Float(row) + (Float(line) + 0.5) * 0.25)
      }
      blend(row, columns, paint, share)
    }
  }

  /// Adds what the outline covers on one line to the row.
  private mutating func scan(_ y: Float) {
    crossings.removeAll(keepingCapacity: true)
    guard var a = outline.last else { return }
    for b in outline {
      if (a.y <= y) != (b.y <= y) {
        crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
      }
      a = b
    }
    if crossings.count > 2 {
      crossings.sort()
    } else if crossings.count == 2, crossings[0] > crossings[1] {
      crossings.swapAt(0, 1)
    }
    let end = Float(side)
    var pair = 0
    while pair + 1 < crossings.count {
      let (from, to) = (max(0, crossings[pair]), min(end, crossings[pair + 1]))
      pair += 2
      guard to > from else { continue }
      let (first, last) = (Int(from), Int(to))
      if first == last {
        cover[first] += (to - from) * 0.25
      } else {
        cover[first] += (Float(first + 1) - from) * 0.25
        cover[last] += (to - Float(last)) * 0.25
        change[first + 1] += 0.25
        change[last] -= 0.25
      }
    }
  }

  /// Paints the row that was scanned and forgets it.
  private mutating func blend(
    _ row: Int, _ columns: ClosedRange<Int>, _ paint: Paint, _ share: Float
  ) {
    var inside: Float = 0
    let start = row * side
    for column in columns {
      inside += change[column]
      let covered = min(1, inside + cover[column])
      cover[column] = 0
      change[column] = 0
      guard covered > 0 else { continue }
      mix(start + column, paint, share * covered)
    }
    // A shape that ends on a pixel's edge has left its end on the next one.
    cover[columns.upperBound + 1] = 0
    change[columns.upperBound + 1] = 0
  }

  @inline(__always)
  private mutating func mix(_ index: Int, _ paint: Paint, _ share: Float) {
    var tone = paint.tone.channels
    if !paint.plane.isEmpty { tone *= 1 + (paint.plane[index] - 0.5) * paint.contrast }
    pixels[index] += (tone - pixels[index]) * share
    if !owners.isEmpty, share > 0.45 { owners[index] = owner }
  }

  // MARK: Ellipses

  /// A filled ellipse, turned with `direction`; `inner` 0…1 leaves its middle out (a ring).
  mutating func ellipse(
    _ center: Place, _ width: Float, _ height: Float, direction: Place = Place(1, 0),
    inner: Float = 0, share: Float = 1, _ tone: Tone
  ) {
    guard width > 0, height > 0 else { return }
    let paint = Paint(tone: tone)
    let along = direction.unit
    let middle = center * scale
    let (a, b) = (width * scale, height * scale)
    let edge = min(a, b)
    // Soft edges are about a pixel wide; distances below are in shares of the ellipse.
    let soft = 1 / max(0.3, edge)
    let grown = 1 + soft / 2
    let reach = max(a, b) * grown
    let size = Float(side)
    guard middle.y + reach > 0, middle.y - reach < size else { return }
    let (p, q) = (along * (1 / a), along.normal * (1 / b))
    // |(dx, dy)|² in shares is A dx² + 2 B dx dy + C dy².
    let (squareX, mixed, squareY) = (
      p.x * p.x + q.x * q.x, p.x * p.y + q.x * q.y, p.y * p.y + q.y * q.y
    )
    let full = edge > 1 ? (1 - soft / 2) * (1 - soft / 2) : -1
    for row in Int(max(0, middle.y - reach))...Int(min(size - 1, middle.y + reach)) {
      let dy = Float(row) + 0.5 - middle.y
      let shift = -mixed * dy / squareX
      let root = shift * shift - (squareY * dy * dy - grown * grown) / squareX
      guard root > 0 else { continue }
      let half = root.squareRoot()
      let (from, to) = (middle.x + shift - half - 0.5, middle.x + shift + half - 0.5)
      guard to >= 0, from <= size - 1 else { continue }
      let start = row * side
      for column in Int(
        max(0, from.rounded(.up)))...max(
          Int(max(0, from.rounded(.up))), Int(min(size - 1, to)))
      {
        let dx = Float(column) + 0.5 - middle.x
        let square = squareX * dx * dx + 2 * mixed * dx * dy + squareY * dy * dy
        var covered: Float = 1
        if square > full || inner > 0 {
          let distance = max(0, square).squareRoot()
          covered = min(1, max(0, (1 - distance) / soft + 0.5))
          if inner > 0 { covered *= min(1, max(0, (distance - inner) / soft + 0.5)) }
        }
        if covered > 0 { mix(start + column, paint, share * covered) }
      }
    }
  }

  mutating func disc(_ center: Place, _ radius: Float, _ tone: Tone, share: Float = 1) {
    ellipse(center, radius, radius, share: share, tone)
  }

  // MARK: Lines

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

  mutating func closedLine(_ points: [Place], width: Float, _ tone: Tone, share: Float = 1) {
    guard points.count > 1 else { return }
    line(points + [points[0], points[1]], width: width, tone, share: share)
  }

  // MARK: The end

  /// As 8-bit pixels, with a little grain so that no area is flat.
  ///
  /// - Parameters:
  ///   - light: what every channel is multiplied by, and `haze` what is mixed in: the weather.
  ///   - orientation: 0…7, one of the square's eight symmetries (mirrored along x, along y,
  ///     transposed): a picture from above has no side that is up.
  func pixels(
    grain: Float, seed: UInt64, orientation: Int, light: Tone, haze: Float
  ) throws(ImageError) -> Pixels {
    var random = SeededGenerator(seed)
    var bytes = [UInt8](repeating: 0, count: 3 * side * side)
    let veil = SIMD4<Float>(0.74, 0.77, 0.80, 0)
    let gain = light.channels * (255 * (1 - haze))
    let lift = veil * (255 * haze)
    let (low, high) = (SIMD4<Float>(repeating: 0), SIMD4<Float>(repeating: 255))
    let unit = grain * 255 / Float(1 << 24)
    var target = 0
    for row in 0..<side {
      for column in 0..<side {
        let bits = random.next()
        let noise = (Float(bits >> 40) - Float((bits >> 12) & 0xFF_FFFF)) * unit
        var (x, y) = orientation & 4 == 0 ? (column, row) : (row, column)
        if orientation & 1 != 0 { x = side - 1 - x }
        if orientation & 2 != 0 { y = side - 1 - y }
        let tone = pixels[y * side + x] * gain + lift + noise
        let bounded = tone.clamped(lowerBound: low, upperBound: high)
        bytes[target] = UInt8(bounded.x)
        bytes[target + 1] = UInt8(bounded.y)
        bytes[target + 2] = UInt8(bounded.z)
        target += 3
      }
    }
    return try Pixels(width: side, height: side, bytes: bytes)
  }
}
