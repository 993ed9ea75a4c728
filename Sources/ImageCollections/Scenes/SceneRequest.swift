import Scenes

/// How scenes are told from pictures, and how they are cut.
public struct SceneRequest: Sendable, Equatable {
  /// Longer side in pixels above which what lies in a folder is a scene; files that are named are scenes in
  /// any case.
  public var above = usualLimit
  /// `nil`: as a scene was cut before, else ``WindowSize/usual``.
  public var size: WindowSize?
  /// The step as a share of a side, within ``WindowPlan/strideRange``; `nil`: as before, else the usual one.
  public var stride: Double?
  /// Windows with less data than this share of their pixels are left out.
  public var leastData = 0.5

  /// Pictures of data sets have 224 to 600 pixels a side; all that is larger shows more than one thing.
  public static let usualLimit = 600

  public init() {}
}

/// What a run did with scenes.
public struct SceneReport: Sendable, Equatable {
  /// Scenes under the folders, and those that were named.
  public var found = 0
  /// All windows were there.
  public var unchanged = 0
  /// Embedded in this run: windows.
  public var windows = 0
  /// Windows of this run that hold too little data.
  public var empty = 0
  /// Windows that were dropped because scenes are cut otherwise now.
  public var otherSizes = 0
  /// Scenes that are known under another path that is gone.
  public var moved = 0
  /// Scenes that were written anew with the same contents.
  public var touched = 0
  /// Scenes of the collection that are no longer on disk.
  public var removed = 0

  public init() {}
}
