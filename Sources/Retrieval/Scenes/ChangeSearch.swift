import Foundation
import ImageCollections
import Models
import VectorIndexes

/// One side of a comparison: the windows of a collection, or those of one day.
public struct ChangeSide: Sendable {
  public let collection: ImageCollection
  public let model: IndexedModel
  /// `2020-01-31`; `nil` is any day.
  public let day: String?

  public init(_ collection: ImageCollection, _ model: IndexedModel, day: String? = nil) {
    (self.collection, self.model, self.day) = (collection, model, day)
  }
}

/// A place and how much more the text fits its later picture.
public struct Change: Sendable, Equatable {
  /// The later window, with ``gain`` as its score.
  public let after: Hit
  public let before: IndexedImage
  /// The later picture's cosine less that of the earlier one.
  public let gain: Float
}

/// Places of which a text tells more in a later picture than in an earlier one of the same ground. Experimental:
/// a score rises with light, season and angle too, not only with what was built.
public struct ChangeSearch: Sendable {
  private let before, after: ChangeSide

  /// Share of two windows' common box that both cover, from which they show the same ground.
  static let leastOverlap = 0.5

  public init(before: ChangeSide, after: ChangeSide) { (self.before, self.after) = (before, after) }

  /// Windows of one side that have a place.
  private struct Windows {
    var ids: [Int64] = []
    var areas: [GeographicArea] = []
    var scores: [Float] = []

    init(_ side: ChangeSide, _ text: [Float]) throws {
      let areas = try side.collection.areas()
      let days = try side.day.map { try side.collection.imageIDs(takenFrom: $0, to: $0) }
      let vectors = try side.collection.vectors(of: side.model)
      for (row, id) in vectors.ids.enumerated() {
        // What crosses the date line is left out: boxes are compared as numbers.
        guard let area = areas[id], area.west < area.east, days?.contains(id) ?? true else {
          continue
        }
        ids.append(id)
        self.areas.append(area)
        scores.append(zip(vectors.rows[row: row], text).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
  }

  /// - Parameters:
  ///   - text: a unit vector of the model.
  ///   - limit: the most places.
  /// - Returns: the largest gain first, each place once, with the number of pairs that were compared.
  /// - Throws: `CollectionError`; ``RetrievalError/noPlaces`` where a side has none.
  public func places(_ text: [Float], limit: Int) throws -> (changes: [Change], pairs: Int) {
    let (old, new) = (try Windows(before, text), try Windows(after, text))
    guard !old.ids.isEmpty, !new.ids.isEmpty else { throw RetrievalError.noPlaces }
    let grid = BoxGrid(old.areas)
    var gains: [(new: Int, old: Int, gain: Float)] = []
    for (row, area) in new.areas.enumerated() {
      let best = grid.near(area).map { (row: $0, overlap: old.areas[$0].overlap(area)) }
        .filter { $0.overlap >= Self.leastOverlap }
        .max { ($0.overlap, $1.row) < ($1.overlap, $0.row) }
      if let best { gains.append((row, best.row, new.scores[row] - old.scores[best.row])) }
    }
    gains.sort { ($1.gain, $0.new) < ($0.gain, $1.new) }
    var thinning = Thinning()
    var changes: [Change] = []
    for part in stride(from: 0, to: gains.count, by: 256) where changes.count < limit {
      let some = gains[part..<min(part + 256, gains.count)]
      let later = try after.collection.images(ids: some.map { new.ids[$0.new] })
      let earlier = try before.collection.images(ids: some.map { old.ids[$0.old] })
      let (laterByID, earlierByID) = (
        Dictionary(later.map { ($0.id, $0) }, uniquingKeysWith: { $1 }),
        Dictionary(earlier.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
      )
      for pair in some where changes.count < limit {
        guard let image = laterByID[new.ids[pair.new]], let window = image.window,
          let former = earlierByID[old.ids[pair.old]],
          thinning.keeps(window.region, of: window.scene)
        else { continue }
        changes.append(
          Change(
            after: Hit(rank: changes.count + 1, score: pair.gain, image: image, caption: nil),
            before: former, gain: pair.gain))
      }
    }
    return (changes, gains.count)
  }
}

/// Finds boxes that may overlap another: by their size and the cell of their middle.
private struct BoxGrid {
  private struct Key: Hashable {
    let level, column, row: Int
  }
  private var rows: [Key: [Int]] = [:]

  init(_ areas: [GeographicArea]) {
    for (row, area) in areas.enumerated() {
      rows[Self.key(area, level: Self.level(area)), default: []].append(row)
    }
  }

  private static func level(_ area: GeographicArea) -> Int {
    Int(log2(max(area.east - area.west, 1e-9)).rounded(.down))
  }

  private static func key(_ area: GeographicArea, level: Int) -> Key {
    let (middle, cell) = (area.middle, exp2(Double(level)))
    return Key(
      level: level, column: Int((middle.longitude / cell).rounded(.down)),
      row: Int((middle.latitude / cell).rounded(.down)))
  }

  /// Boxes of up to twice and half its size whose middles are within a cell.
  func near(_ area: GeographicArea) -> [Int] {
    let own = Self.level(area)
    return (own - 1...own + 1).flatMap { level -> [Int] in
      let key = Self.key(area, level: level)
      return (-1...1).flatMap { down in
        (-1...1).flatMap { across in
          rows[Key(level: level, column: key.column + across, row: key.row + down)] ?? []
        }
      }
    }
  }
}

extension GeographicArea {
  /// The common part as a share of what either covers, 0…1; of boxes that do not cross the date line.
  fileprivate func overlap(_ other: GeographicArea) -> Double {
    let width = min(east, other.east) - max(west, other.west)
    let height = min(north, other.north) - max(south, other.south)
    guard width > 0, height > 0 else { return 0 }
    func size(_ area: GeographicArea) -> Double {
      (area.east - area.west) * (area.north - area.south)
    }
    let both = width * height
    return both / (size(self) + size(other) - both)
  }
}
