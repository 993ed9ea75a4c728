/// What a picture's header says.
public struct PictureFacts: Sendable, Equatable {
  public let format: ImageFormat
  /// Columns and rows as they are stored.
  public let width: Int
  public let height: Int
  /// 1…16, of one sample.
  public let bits: Int
  /// Samples of a pixel, alpha among them.
  public let bands: Int
  /// EXIF's orientation 1…8; 1 is as stored.
  public let orientation: Int

  /// Columns and rows on a screen, where the orientation is applied.
  public var shownWidth: Int { orientation >= 5 ? height : width }
  public var shownHeight: Int { orientation >= 5 ? width : height }
}

/// A decoded picture and what had to be done to make 8-bit RGB of it.
public struct DecodedPicture: Sendable, Equatable {
  public var pixels: Pixels
  public let facts: PictureFacts
  /// What was lost or chosen on the way, for a person: bands left out, 16 bits stretched. Most
  /// pictures have none.
  public let notes: [String]
}

/// One decoding: of what, how large, and by which rules.
struct DecodingRequest {
  /// For errors.
  let name: String
  let detail: ImageReader.Detail
  let conversion: ImageConversion
  let pixelLimit: Int
  let isCancelled: @Sendable () -> Bool

  /// How much larger a picture may be if it is only scaled down row by row, which takes time but no memory.
  static let scaledAllowance = 16
  /// The strongest scaling: its sums fit into 32 bits.
  static let largestScale = 256

  /// The pixels that a picture beyond the limit is reduced to when all of it is wanted. With the sums of its
  /// cells that takes 150 MB for three bands of 16 bits.
  static let reducedPixels = 8_000_000
  /// Below this no side is reduced: twice what most models read.
  static let reducedSide = 448

  /// By how much both sides are divided.
  func scale(width: Int, height: Int) -> Int {
    guard let atLeast = detail.atLeast else { return reducedScale(width: width, height: height) }
    return max(1, min(Self.largestScale, min(width, height) / max(1, atLeast)))
  }

  /// 1 within the limit. Models read a few hundred pixels a side, so for a Sentinel-2 tile (10,980 a side)
  /// the means of 4 × 4 pixels do as well as every pixel.
  private func reducedScale(width: Int, height: Int) -> Int {
    guard width > 0, height > 0, width <= 1 << 20, height <= 1 << 20, width * height > pixelLimit
    else { return 1 }
    let wanted = (Double(width) * Double(height) / Double(Self.reducedPixels)).squareRoot()
    let most = max(1, min(width, height) / Self.reducedSide)
    return max(1, min(Self.largestScale, min(Int(wanted.rounded(.up)), most)))
  }

  /// The note about a reduced picture; `nil` where nothing is reduced.
  func reduction(width: Int, height: Int) -> String? {
    guard detail == .full else { return nil }
    let scale = reducedScale(width: width, height: height)
    return scale == 1 ? nil : Self.reduction(by: scale, width: width, height: height)
  }

  static func reduction(by scale: Int, width: Int, height: Int) -> String {
    "\(width) × \(height) pixels are more than the limit: read as means of \(scale) × \(scale)"
  }

  /// Which colours become red, green and blue, from 0, of a picture of this many.
  /// - Throws: ``ImageError`` where one is named that is not there.
  func colourOrder(of colours: Int) throws(ImageError) -> [Int] {
    guard let bands = conversion.bands else { return [0, 1, 2] }
    guard let last = bands.max(), last <= colours else {
      throw failure(
        .invalid(
          "the picture has \(colours) \(colours == 1 ? "band" : "bands"), there is none of number"
            + " \(bands.max() ?? 0)"))
    }
    return colours == 1 ? [0, 0, 0] : bands.map { $0 - 1 }
  }

  /// Checks a header's numbers before anything is allocated for them, or multiplied with them.
  /// - Parameter scale: of a decoder that holds no more than the scaled picture; 1 for any other.
  func check(width: Int, height: Int, scale: Int = 1) throws(ImageError) {
    guard width > 0, height > 0 else {
      throw failure(
        .invalid("its header says \(width) × \(height) pixels; copy it again from its source"))
    }
    let limit = scale > 1 ? pixelLimit.multipliedReportingOverflow(by: Self.scaledAllowance) : nil
    let most = limit.map { $0.overflow ? Int.max : $0.partialValue } ?? pixelLimit
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= most, width <= 1 << 20, height <= 1 << 20 else {
      throw failure(.tooLarge(width: width, height: height, limit: most))
    }
  }

  /// Checks that a file is long enough for its picture.
  /// - Parameters:
  ///   - rawBytes: of the picture unpacked, and `size` its columns and rows.
  ///   - mostPerByte: what one byte of the file can unfold to at most; `nil` where there is no bound.
  func check(rawBytes: Int, fileBytes: Int, mostPerByte: Int?, size: (width: Int, height: Int))
    throws(ImageError)
  {
    // A few bytes more for headers and rounding.
    guard let mostPerByte, rawBytes / mostPerByte > fileBytes + 1024 else { return }
    throw failure(.tooShort(bytes: fileBytes, width: size.width, height: size.height))
  }

  func failure(_ reason: ImageError.Reason) -> ImageError { ImageError(name: name, reason: reason) }

  func checkCancellation() throws(ImageError) {
    if isCancelled() { throw failure(.cancelled) }
  }
}
