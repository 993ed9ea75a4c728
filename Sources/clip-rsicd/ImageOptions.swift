import ArgumentParser
import Foundation
import ImageCollections
import Imaging

/// How picture files are read.
struct ImageOptions: ParsableArguments {
  @OptionGroup var size: ImageSizeOptions

  @Flag(
    name: .customLong("exif-orientation"),
    help: "Turn photographs as EXIF says (CLIP's own preprocessing does not).")
  var exifOrientation = false

  @Option(
    help: """
      Bands that become red, green and blue, numbers from 1, over all samples and pages of a TIFF \
      (default: 1,2,3).
      """)
  var bands: String?

  @Option(
    help: """
      How pictures of more than 8 bits become 8: natural, as bright as photographs; two percentiles such as \
      2,98 that become black and white, then ",each" for bounds of each band's own; or none for the upper 8 \
      bits (default: natural).
      """)
  var stretch: String?

  func validate() throws {
    do throws(ImageError) { _ = try conversion() } catch {
      throw ValidationError("--\(error)")
    }
  }

  private func conversion() throws(ImageError) -> ImageConversion {
    var conversion = ImageConversion()
    conversion.appliesEXIFOrientation = exifOrientation
    if let bands {
      try conversion.choose(
        bands: bands.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 })
    }
    if let stretch { conversion.stretch = try ImageConversion.stretch(stretch) }
    return conversion
  }

  func reader() throws -> ImageReader { try size.reader(try conversion()) }
}

/// How large a picture may be that is read.
struct ImageSizeOptions: ParsableArguments {
  @Option(
    help: """
      Read pictures of more pixels reduced, or refuse them (default: \(ImageSizeOptions.variable), else \
      \(ImageReader.defaultPixelLimit)).
      """)
  var maxPixels: Int?

  /// The environment's limit, for all commands that show or read pictures.
  static let variable = "CLIP_RSICD_MAX_PIXELS"
  private static let allowed = 1...4_000_000_000

  func validate() throws {
    if let maxPixels, !Self.allowed.contains(maxPixels) {
      throw ValidationError("--max-pixels is \(maxPixels), expected 1 to 4000000000")
    }
  }

  /// - Throws: `CommandError` where the environment's limit is not a number in the allowed range.
  func reader(_ conversion: ImageConversion) throws -> ImageReader {
    var reader = try Self.standardReader(conversion)
    if let maxPixels { reader.pixelLimit = maxPixels }
    return reader
  }

  /// As the environment has it.
  static func standardReader(_ conversion: ImageConversion) throws -> ImageReader {
    var reader = ImageReader()
    reader.conversion = conversion
    guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else {
      return reader
    }
    guard let limit = Int(text), allowed.contains(limit) else {
      throw CommandError("\(variable) is \"\(text)\", expected 1 to 4000000000 pixels")
    }
    reader.pixelLimit = limit
    return reader
  }
}
