import RandomNumbers
// The original's training transform (torchvision): RandomCrop(0.8 · side), ColorJitter(), horizontal and
// vertical flips, RandomResizedCrop(0.8 · side, scale 0.8…1.2, ratio 1), bicubic resize, centre crop,
// normalise. Where we deviate, and why:
// 1. The two crops are composed and resized once, bicubic with antialias. The original resizes twice, the
//    first time bilinear and down to 0.8 of the side, which only blurs.
// 2. Colours are changed after that resize, where there are fewer pixels. Both are linear but for
//    rounding; the mean that contrast pulls to is that of what is kept.
// 3. Quarter turns, channel gains, blur and erasing are additions, off by default: seen from above there
//    is no upright, and haze, season and sensor change colours.

/// Random changes of a training picture.
public struct Augmentation: Sendable, Equatable {
  /// `torchvision.transforms.ColorJitter`: how far a factor may be from 1; hue is a shift of up to 0.5 of
  /// the circle. The default does nothing, as in the original.
  public struct ColorJitter: Sendable, Equatable {
    public var brightness = 0.0
    public var contrast = 0.0
    public var saturation = 0.0
    public var hue = 0.0
    /// A factor for each of red, green and blue alone.
    public var channels = 0.0

    public init() {}
  }

  /// `torchvision.transforms.RandomResizedCrop`: a share of the area and a ratio of width to height.
  public struct ResizedCrop: Sendable, Equatable {
    public var scale: ClosedRange<Double>
    public var ratio: ClosedRange<Double>

    public init(scale: ClosedRange<Double>, ratio: ClosedRange<Double> = 1...1) {
      self.scale = scale
      self.ratio = ratio
    }
  }

  /// A window whose sides are this share of the shorter side, anywhere; `nil` keeps the picture.
  public var crop: Double?
  public var jitter = ColorJitter()
  /// Chances 0…1.
  public var horizontalFlip = 0.0
  public var verticalFlip = 0.0
  /// By 0, 90, 180 or 270 degrees, each as likely.
  public var quarterTurns = false
  public var resizedCrop: ResizedCrop?
  /// Chance of a binomial blur of 3 × 3.
  public var blur = 0.0
  /// Chance that a rectangle of 2 to 15 % of the area is lost (`RandomErasing`), filled with gray.
  public var erasing = 0.0

  public init() {}
}

extension Pixels {
  /// A changed picture of `side` × `side`. What is drawn depends on `random` alone.
  package func augmented(_ settings: Augmentation, side: Int, using random: inout RandomNumbers)
    -> Pixels
  {
    var window = Window(x: 0, y: 0, width: width, height: height)
    if let share = settings.crop {
      let size = max(1, Int(Double(min(width, height)) * share))
      window = window.part(width: size, height: size, using: &random)
    }
    if let crop = settings.resizedCrop { window = crop.window(in: window, using: &random) }
    var picture = self
    if window.width != width || window.height != height {
      picture = cropped(x: window.x, y: window.y, width: window.width, height: window.height)
    }
    picture = picture.filling(side)
    picture.jitter(settings.jitter, using: &random)
    if random.chance(settings.blur) { picture.blur() }
    let mirrored = random.chance(settings.horizontalFlip)
    let upended = random.chance(settings.verticalFlip)
    let turned = settings.quarterTurns ? random.below(4) : 0
    // Half a turn is both flips; a quarter turn is a transposition and one flip.
    picture.orient(
      transposed: turned % 2 == 1, mirrored: mirrored != (turned == 1 || turned == 2),
      upended: upended != (turned == 2 || turned == 3))
    if random.chance(settings.erasing) { picture.erase(using: &random) }
    return picture
  }

  /// Resized so that the shorter side is `side`, then its middle: what is trained on without
  /// augmentation, and what a picture is kept as between epochs.
  package func filling(_ side: Int) -> Pixels {
    let scaled = shortestEdge(side)
    guard scaled.width != side || scaled.height != side else { return scaled }
    return scaled.cropped(
      x: (scaled.width - side) / 2, y: (scaled.height - side) / 2, width: side, height: side)
  }

  /// Resized, never cropped, so that the shorter side is `side`; the longer is at most 4 times that, so
  /// that a strip costs no memory.
  package func shortestEdge(_ side: Int) -> Pixels {
    let shorter = min(width, height)
    if max(width, height) > 4 * shorter {
      let (w, h) = (min(width, 4 * shorter), min(height, 4 * shorter))
      return cropped(x: (width - w) / 2, y: (height - h) / 2, width: w, height: h)
        .shortestEdge(side)
    }
    return width <= height
      ? resized(width: side, height: max(side, side * height / width))
      : resized(width: max(side, side * width / height), height: side)
  }

  /// Appends `[3, height, width]`, rescaled and normalised as ``preprocessed(_:)`` does.
  package func appendNormalized(_ settings: ImagePreprocessing, to values: inout [Float]) {
    let table = settings.table()
    let count = width * height
    let normalized = [Float](unsafeUninitializedCapacity: 3 * count) { target, filled in
      bytes.withUnsafeBufferPointer { bytes in
        table.withUnsafeBufferPointer { table in
          for pixel in 0..<count {
            target[pixel] = table[Int(bytes[3 * pixel])]
            target[count + pixel] = table[256 + Int(bytes[3 * pixel + 1])]
            target[2 * count + pixel] = table[512 + Int(bytes[3 * pixel + 2])]
          }
        }
      }
      filled = 3 * count
    }
    values += normalized
  }
}

/// A rectangle of a picture.
private struct Window {
  var x: Int
  var y: Int
  var width: Int
  var height: Int

  /// A rectangle of at most this size, anywhere within.
  func part(width: Int, height: Int, using random: inout RandomNumbers) -> Window {
    let (w, h) = (min(width, self.width), min(height, self.height))
    return Window(
      x: x + random.below(self.width - w + 1), y: y + random.below(self.height - h + 1), width: w,
      height: h)
  }
}

extension Augmentation.ResizedCrop {
  /// `RandomResizedCrop.get_params`: ten attempts at a window that fits, else the largest in the middle
  /// whose ratio is allowed. (A scale above 1 never fits; with 0.8…1.2 about half of the draws do.)
  fileprivate func window(in whole: Window, using random: inout RandomNumbers) -> Window {
    let area = Double(whole.width * whole.height)
    for _ in 0..<10 {
      let target = area * random.number(scale)
      let shape = exponential(
        random.number(logarithm(ratio.lowerBound)...logarithm(ratio.upperBound)))
      let width = Int((target * shape).squareRoot().rounded())
      let height = Int((target / shape).squareRoot().rounded())
      if width > 0, height > 0, width <= whole.width, height <= whole.height {
        return whole.part(width: width, height: height, using: &random)
      }
    }
    let found = Double(whole.width) / Double(whole.height)
    var (width, height) = (whole.width, whole.height)
    if found < ratio.lowerBound { height = Int((Double(width) / ratio.lowerBound).rounded()) }
    if found > ratio.upperBound { width = Int((Double(height) * ratio.upperBound).rounded()) }
    return Window(
      x: whole.x + (whole.width - width) / 2, y: whole.y + (whole.height - height) / 2,
      width: width, height: height)
  }
}
