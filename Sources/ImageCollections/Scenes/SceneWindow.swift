import Imaging
import Scenes
import VectorIndexes

/// The part of a scene that an image of a collection is.
public struct SceneWindow: Sendable, Equatable {
  /// Absolute path of the scene.
  public let scene: String
  public let region: PixelRegion
  /// Columns and rows of the scene.
  public let sceneWidth: Int
  public let sceneHeight: Int
  /// `nil` where the scene has no place on earth.
  public let placement: ScenePlacement?
  /// The box that it covers on earth; of a camera's picture where that stood.
  public let area: GeographicArea?
  /// The day on which the scene was taken, `2020-01-31`.
  public let taken: String?

  public init(
    scene: String, region: PixelRegion, sceneWidth: Int, sceneHeight: Int,
    placement: ScenePlacement? = nil, area: GeographicArea? = nil, taken: String? = nil
  ) {
    self.area = area
    self.scene = scene
    self.region = region
    (self.sceneWidth, self.sceneHeight) = (sceneWidth, sceneHeight)
    self.placement = placement
    self.taken = taken
  }

  /// A window's path: the scene's with its rectangle.
  static func path(_ scene: String, _ region: PixelRegion) -> String {
    "\(scene)#\(region.x),\(region.y),\(region.width),\(region.height)"
  }
}

extension IndexedImage {
  /// The file that it is in: its own, or the scene's.
  public var file: String { window?.scene ?? path }
}

/// A scene of a collection, as it is stored.
public struct IndexedScene: Sendable, Equatable, Identifiable {
  public let id: Int64
  /// Absolute path.
  public let path: String
  public let width: Int
  public let height: Int
  /// What was chosen or left out when it was read.
  public let notes: String
  public let taken: String?
  public let placement: ScenePlacement?
  /// The windows' sides in pixels, and the step as a share of a side.
  public let sides: [Int]
  public let stride: Double
  /// Windows that hold enough data to be searched.
  public let windows: Int
}
