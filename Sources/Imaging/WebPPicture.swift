import CWebP

/// WebP files through libwebp; an animation is refused, since it is not one picture.
enum WebPPicture {
  static func facts(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError) -> PictureFacts
  {
    let features = try features(bytes, request)
    return PictureFacts(
      format: .webp, width: Int(features.width), height: Int(features.height), bits: 8,
      bands: features.has_alpha == 0 ? 3 : 4, orientation: EXIF.orientation(ofWebP: bytes))
  }

  private static func features(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError)
    -> WebPBitstreamFeatures
  {
    var features = WebPBitstreamFeatures()
    let status = bytes.withUnsafeBufferPointer {
      WebPGetFeatures($0.baseAddress, $0.count, &features)
    }
    guard status == VP8_STATUS_OK else { throw failure(status, request) }
    guard features.has_animation == 0 else {
      throw request.failure(
        .invalid("an animated WebP; a still picture was expected; save one of its frames by itself")
      )
    }
    return features
  }

  static func decode(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError)
    -> DecodedPicture
  {
    let facts = try facts(bytes, request)
    // The decoder holds a whole lossless picture, however small the result.
    try request.check(width: facts.width, height: facts.height)
    let scale = request.scale(width: facts.width, height: facts.height)
    let width = (facts.width + scale - 1) / scale
    let height = (facts.height + scale - 1) / scale
    let layout = SampleLayout(colour: .rgb, alpha: facts.bands == 4 ? .straight : .none)
    var configuration = WebPDecoderConfig()
    guard WebPInitDecoderConfig(&configuration) != 0 else {
      throw request.failure(
        .invalid("libwebp is of another version than its headers; reinstall it"))
    }
    configuration.options.use_scaling = scale > 1 ? 1 : 0
    configuration.options.scaled_width = Int32(width)
    configuration.options.scaled_height = Int32(height)
    configuration.output.colorspace = facts.bands == 4 ? MODE_RGBA : MODE_RGB
    configuration.output.is_external_memory = 1
    let stride = width * layout.channels
    var samples = [UInt8](repeating: 0, count: stride * height)
    let status = samples.withUnsafeMutableBufferPointer { target in
      configuration.output.u.RGBA.rgba = target.baseAddress
      configuration.output.u.RGBA.stride = Int32(stride)
      configuration.output.u.RGBA.size = target.count
      return bytes.withUnsafeBufferPointer {
        WebPDecode($0.baseAddress, $0.count, &configuration)
      }
    }
    guard status == VP8_STATUS_OK else { throw failure(status, request) }
    var grid = SampleGrid<UInt8>(
      width: width, height: height, layout: layout, scale: 1, isRough: false)
    samples.withUnsafeBufferPointer { samples in
      guard let first = samples.baseAddress else { return }
      for y in 0..<height { grid.add(first + y * stride, x: 0, y: y, count: width) }
    }
    return DecodedPicture(pixels: grid.pixels().pixels, facts: facts, notes: [])
  }

  private static func failure(_ status: VP8StatusCode, _ request: DecodingRequest) -> ImageError {
    switch status {
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: request.failure(.truncated)
    case VP8_STATUS_OUT_OF_MEMORY: request.failure(.invalid("no memory to decode this WebP"))
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      request.failure(.invalid("a WebP of a kind that libwebp does not decode; convert it first"))
    default:
      request.failure(.invalid("the WebP is damaged; copy it again from its source"))
    }
  }
}
