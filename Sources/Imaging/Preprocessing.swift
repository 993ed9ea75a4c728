/// What a vision tower expects of its input: the settings of transformers' `CLIPImageProcessor`
/// (preprocessor_config.json), checked.
///
///     let preprocessing = try ImagePreprocessing(
///       resize: .shortestEdge(224), crop: .init(width: 224, height: 224), rescaleFactor: 1 / 255,
///       normalization: .init(mean: [0.48, 0.46, 0.41], standardDeviation: [0.27, 0.26, 0.28]))
///     let values = picture.preprocessed(preprocessing)  // [3, 224, 224]
public struct ImagePreprocessing: Sendable, Equatable {
  /// Width and height in pixels.
  public struct Size: Sendable, Equatable {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// The two spellings of `size`; bicubic in both.
  public enum Resize: Sendable, Equatable {
    /// The shorter side becomes this long, the longer keeps its proportion, rounded down.
    case shortestEdge(Int)
    /// Both sides are given; the proportion is not kept.
    case exact(Size)
  }

  /// (value − mean) / standardDeviation, per channel: red, green, blue.
  public struct Normalization: Sendable, Equatable {
    public let mean: [Float]
    public let standardDeviation: [Float]

    public init(mean: [Float], standardDeviation: [Float]) {
      self.mean = mean
      self.standardDeviation = standardDeviation
    }
  }

  /// Whose way it is done, where libraries differ.
  public enum Library: Sendable, Equatable {
    /// transformers' `CLIPImageProcessor` on Pillow: RGB first, transparent over white; the crop begins
    /// at half of what is left over, rounded down.
    case transformers
    /// torchvision's transforms on Pillow, as OpenAI's and open_clip's code has them: resized in the
    /// picture's own mode, then cropped, then made RGB, alpha dropped; half of what is left over is
    /// rounded to even.
    case torchvision
  }

  /// `nil` is `do_resize: false`.
  public let resize: Resize?
  /// `crop_size`; `nil` is `do_center_crop: false`.
  public let crop: Size?
  /// What 0…255 is multiplied with; `nil` is `do_rescale: false`.
  public let rescaleFactor: Float?
  /// `nil` is `do_normalize: false`.
  public let normalization: Normalization?
  public let library: Library
  /// The picture's size as the tower sees it, whatever the file's size.
  public let output: Size

  /// The longest side that a tower may ask for.
  public static let longestSide = 4096

  /// - Throws: ``ImageError`` where sizes are not 1…``longestSide``, where the result's size would
  ///   depend on the picture (neither a crop nor an exact size), or where the mean, the standard
  ///   deviation or the factor are not usable numbers.
  public init(
    resize: Resize?, crop: Size?, rescaleFactor: Float? = 1 / 255, normalization: Normalization?,
    library: Library = .transformers
  ) throws(ImageError) {
    self.resize = resize
    self.crop = crop
    self.rescaleFactor = rescaleFactor
    self.normalization = normalization
    self.library = library
    switch (crop, resize) {
    case (let crop?, _): output = crop
    case (nil, .exact(let size)): output = size
    case (nil, .shortestEdge), (nil, nil):
      throw Self.invalid(
        "neither a centre crop nor an exact height and width: the result's size would depend on the"
          + " picture; set do_center_crop and crop_size")
    }
    try Self.check(output, "size of the result")
    switch resize {
    case .shortestEdge(let side): try Self.check(Size(width: side, height: side), "shortest_edge")
    case .exact(let size): try Self.check(size, "size")
    case nil: break
    }
    if let rescaleFactor, !rescaleFactor.isFinite {
      throw Self.invalid("rescale_factor is \(rescaleFactor), a finite number was expected")
    }
    if let normalization { try Self.check(normalization) }
  }

  private static func check(_ size: Size, _ what: String) throws(ImageError) {
    let allowed = 1...longestSide
    guard allowed.contains(size.width), allowed.contains(size.height) else {
      throw invalid("\(what) is \(size.width) × \(size.height), expected 1 to \(longestSide)")
    }
  }

  private static func check(_ normalization: Normalization) throws(ImageError) {
    let (mean, deviation) = (normalization.mean, normalization.standardDeviation)
    guard mean.count == 3, deviation.count == 3 else {
      throw invalid(
        "image_mean has \(mean.count) and image_std \(deviation.count) numbers, expected 3 each")
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 != 0 }) else {
      throw invalid("image_mean \(mean) and image_std \(deviation): finite, non-zero expected")
    }
  }

  private static func invalid(_ text: String) -> ImageError {
    ImageError(name: "preprocessing", reason: .invalid(text))
  }

  /// Size of a picture after ``resize``, before the crop.
  func resizedSize(width: Int, height: Int) -> Size {
    switch resize {
    case nil: return Size(width: width, height: height)
    case .exact(let size): return size
    case .shortestEdge(let side):
      return width <= height
        ? Size(width: side, height: side * height / width)
        : Size(width: side * width / height, height: side)
    }
  }

  /// Where the crop begins in a side of the resized picture; negative where it is larger.
  func cropStart(_ side: Int, _ crop: Int) -> Int {
    let rest = side - crop
    switch library {
    // floor(rest / 2), rounded down for negative numbers too
    case .transformers: return rest >> 1
    case .torchvision:
      return rest < 0 ? -(-rest / 2) : Int((Double(rest) / 2).rounded(.toNearestOrEven))
    }
  }

  /// The 3 · 256 values that a sample can become, channel by channel.
  func table() -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(3 * 256)
    for channel in 0..<3 {
      for level in 0..<256 {
        var value = Float(level)
        if let rescaleFactor { value *= rescaleFactor }
        if let normalization {
          value = (value - normalization.mean[channel]) / normalization.standardDeviation[channel]
        }
        result.append(value)
      }
    }
    return result
  }
}

extension Pixels {
  /// What a vision tower reads: `[3, output.height, output.width]`, channel by channel; resize, centre
  /// crop, rescale and normalise as `CLIPImageProcessor`. A crop larger than the picture is filled
  /// with black before normalising.
  public func preprocessed(_ settings: ImagePreprocessing) -> [Float] {
    let picture = window(settings)
    let count = picture.width * picture.height
    let table = settings.table()
    return [Float](unsafeUninitializedCapacity: 3 * count) { values, filled in
      picture.bytes.withUnsafeBufferPointer { bytes in
        table.withUnsafeBufferPointer { table in
          for pixel in 0..<count {
            values[pixel] = table[Int(bytes[3 * pixel])]
            values[count + pixel] = table[256 + Int(bytes[3 * pixel + 1])]
            values[2 * count + pixel] = table[512 + Int(bytes[3 * pixel + 2])]
          }
        }
      }
      filled = 3 * count
    }
  }

  /// Resized and cropped to `output`; of the resized picture only what the crop keeps is computed.
  private func window(_ settings: ImagePreprocessing) -> Pixels {
    let size = settings.resizedSize(width: width, height: height)
    let output = settings.output
    let x = settings.cropStart(size.width, output.width)
    let y = settings.cropStart(size.height, output.height)
    let columns = max(x, 0)..<min(x + output.width, size.width)
    let rows = max(y, 0)..<min(y + output.height, size.height)
    let part: Pixels
    if settings.library == .torchvision, let stored {
      part = stored.resized(
        from: (width, height), width: size.width, height: size.height, columns: columns, rows: rows)
    } else if size.width == width && size.height == height {
      if x == 0 && y == 0 && output == size { return self }
      return cropped(x: x, y: y, width: output.width, height: output.height)
    } else {
      part = resized(width: size.width, height: size.height, columns: columns, rows: rows)
    }
    if part.width == output.width && part.height == output.height { return part }
    return part.cropped(
      x: x - columns.lowerBound, y: y - rows.lowerBound, width: output.width, height: output.height)
  }
}
