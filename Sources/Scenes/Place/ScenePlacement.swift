import Synchronization

/// Where a scene lies, as it is stored: numbers and a text, of which ``ScenePlaces`` makes a ``ScenePlace``.
public struct ScenePlacement: Sendable, Hashable {
  public let transformation: PixelTransformation
  /// `EPSG:32632`, or WKT.
  public let system: String

  public init(_ transformation: PixelTransformation, system: String) {
    (self.transformation, self.system) = (transformation, system)
  }

  public init(_ place: ScenePlace) {
    self.init(place.transformation, system: place.system.definition)
  }

  /// The transformation's six numbers, `xColumn,xRow,x,yColumn,yRow,y`, exactly.
  public var numbers: String {
    let t = transformation
    return [t.xColumn, t.xRow, t.x, t.yColumn, t.yRow, t.y].map { "\($0)" }.joined(separator: ",")
  }

  /// From ``numbers`` and ``system``; `nil` where they are none.
  public init?(numbers: String, system: String) {
    guard numbers.utf8.count <= 400, !system.isEmpty else { return nil }
    let all = numbers.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    let six = all.compactMap { $0 }
    guard all.count == 6, six.count == 6,
      let transformation = PixelTransformation(
        xColumn: six[0], xRow: six[1], x: six[2], yColumn: six[3], yRow: six[4], y: six[5])
    else { return nil }
    self.init(transformation, system: system)
  }
}

/// Makes places of what is stored, each reference system once.
public final class ScenePlaces: Sendable {
  private let systems = Mutex<[String: ReferenceSystem?]>([:])

  public init() {}

  /// `nil` where the reference system is not known.
  public subscript(placement: ScenePlacement) -> ScenePlace? {
    let system = systems.withLock { systems -> ReferenceSystem? in
      if let known = systems[placement.system] { return known }
      let made = ReferenceSystem(placement.system)
      systems[placement.system] = .some(made)
      return made
    }
    return system.map { ScenePlace(placement.transformation, $0) }
  }
}
