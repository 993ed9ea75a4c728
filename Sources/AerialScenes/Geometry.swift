/// A colour in 0…1 with arithmetic.
struct Tone: Sendable {
  /// Red, green, blue and nothing, so that a pixel is mixed in one step.
  var channels: SIMD4<Float>

  init(_ red: Float, _ green: Float, _ blue: Float) { channels = SIMD4(red, green, blue, 0) }
  init(channels: SIMD4<Float>) { self.channels = channels }

  static func * (a: Tone, b: Float) -> Tone { Tone(channels: a.channels * b) }

  func mixed(_ other: Tone, _ share: Float) -> Tone {
    Tone(channels: channels + (other.channels - channels) * share)
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
  var isInside: Bool { x >= 0 && y >= 0 && x <= 100 && y <= 100 }
}

/// A turned frame of reference: what is drawn along x and y lands turned and moved.
struct Placement: Sendable {
  let origin: Place
  let along: Place

  /// - Parameter direction: any vector; x points along it.
  init(_ origin: Place, direction: Place = Place(1, 0)) {
    self.origin = origin
    along = direction.unit
  }

  func at(_ x: Float, _ y: Float) -> Place { origin + along * x + along.normal * y }
  /// The corners of a rectangle.
  func rectangle(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> [Place] {
    [at(x, y), at(x + width, y), at(x + width, y + height), at(x, y + height)]
  }
  /// A rectangle around the origin.
  func centered(_ width: Float, _ height: Float) -> [Place] {
    rectangle(-width / 2, -height / 2, width, height)
  }
}

/// A tone, or one that a plane of noise makes lighter and darker.
struct Paint: Sendable {
  let tone: Tone
  var plane: [Float] = []
  var contrast: Float = 0
}
