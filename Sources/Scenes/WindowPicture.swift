import Imaging

/// A window as a person wants to see it: with what lies around it, outlined, and in a corner where in its scene
/// that is.
public enum WindowPicture {
  /// What is shown of the surroundings on each side, as a share of the window's side.
  static let margin = 0.5
  private static let orange: [UInt8] = [255, 140, 20]

  /// - Parameters:
  ///   - region: the window; one that is no longer within the scene is refused.
  ///   - side: about how many pixels the longer side of the picture is to have at most.
  /// - Throws: ``ImageError``
  public static func picture(of region: PixelRegion, in scene: Scene, side: Int)
    throws(ImageError) -> Pixels
  {
    try scene.check(region)
    let around = surroundings(of: region, width: scene.width, height: scene.height)
    let scale = max(1, (max(around.width, around.height) + side - 1) / side)
    var picture = try scene.small(around, scale: scale)
    let frame = PixelRegion(
      x: (region.x - around.x) / scale, y: (region.y - around.y) / scale,
      width: max(1, region.width / scale), height: max(1, region.height / scale))
    if around != region {
      let thickness = max(1, max(picture.width, picture.height) / 120)
      picture.outline(frame, orange, thickness: thickness)
    }
    picture.drawLocator(of: region, width: scene.width, height: scene.height)
    return picture
  }

  static func surroundings(of region: PixelRegion, width: Int, height: Int) -> PixelRegion {
    let (x, y) = (Int(Double(region.width) * margin), Int(Double(region.height) * margin))
    let (left, top) = (max(0, region.x - x), max(0, region.y - y))
    return PixelRegion(
      x: left, y: top, width: min(width, region.x + region.width + x) - left,
      height: min(height, region.y + region.height + y) - top)
  }
}

extension Pixels {
  fileprivate mutating func fill(_ region: PixelRegion, _ colour: [UInt8]) {
    for row in max(0, region.y)..<min(height, region.y + region.height) {
      for column in max(0, region.x)..<min(width, region.x + region.width) {
        for channel in 0..<3 { bytes[3 * (row * width + column) + channel] = colour[channel] }
      }
    }
  }

  /// A frame of this thickness around a rectangle, outside of it where there is room.
  fileprivate mutating func outline(_ region: PixelRegion, _ colour: [UInt8], thickness: Int) {
    let (left, top) = (max(0, region.x - thickness), max(0, region.y - thickness))
    let right = min(width, region.x + region.width + thickness)
    let bottom = min(height, region.y + region.height + thickness)
    for side in [
      PixelRegion(x: left, y: top, width: right - left, height: thickness),
      PixelRegion(x: left, y: bottom - thickness, width: right - left, height: thickness),
      PixelRegion(x: left, y: top, width: thickness, height: bottom - top),
      PixelRegion(x: right - thickness, y: top, width: thickness, height: bottom - top),
    ] where side.x >= 0 && side.y >= 0 { fill(side, colour) }
  }

  /// The scene as a small dark rectangle in the lower right corner, and the window in it.
  fileprivate mutating func drawLocator(
    of region: PixelRegion, width sceneWidth: Int, height sceneHeight: Int
  ) {
    let longer = max(8, max(width, height) / 5)
    let share = Double(longer) / Double(max(sceneWidth, sceneHeight))
    let (w, h) = (
      max(4, Int(Double(sceneWidth) * share)), max(4, Int(Double(sceneHeight) * share))
    )
    guard w + 4 < width, h + 4 < height else { return }
    let (left, top) = (width - w - 2, height - h - 2)
    let light: [UInt8] = [235, 235, 235]
    fill(PixelRegion(x: left - 1, y: top - 1, width: w + 2, height: h + 2), light)
    fill(PixelRegion(x: left, y: top, width: w, height: h), [20, 20, 20])
    let size = max(2, Int(Double(region.width) * share))
    fill(
      PixelRegion(
        x: left + min(w - size, Int(Double(region.x) * share)),
        y: top + min(h - size, Int(Double(region.y) * share)), width: size,
        height: max(2, Int(Double(region.height) * share))),
      [255, 140, 20])
  }
}
