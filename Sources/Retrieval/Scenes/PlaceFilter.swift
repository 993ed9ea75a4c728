import ImageCollections
import Scenes
import VectorIndexes

/// Where on earth and when images are to lie; every condition must be met. An image of which that is not
/// known meets none.
public struct PlaceFilter: Sendable, Equatable {
  public struct Circle: Sendable, Equatable {
    public let middle: GeographicPosition
    public let kilometres: Double

    public init(middle: GeographicPosition, kilometres: Double) {
      (self.middle, self.kilometres) = (middle, kilometres)
    }
  }

  /// An image reaches into it.
  public var box: GeographicArea?
  /// An image's middle lies in it.
  public var circle: Circle?
  /// An image's middle lies in one of them.
  public var polygons: GeoJSONPolygons?
  /// Days, `2020-01-31`, both included.
  public var since, until: String?

  public init() {}

  /// Narrows a filter.
  /// - Throws: ``RetrievalError/noPlaces`` or ``RetrievalError/noDates`` where the collection has none at all,
  ///   `CollectionError`.
  public func narrow(_ filter: inout RowFilter, of collection: ImageCollection) throws {
    if since != nil || until != nil {
      let ids = try collection.imageIDs(takenFrom: since, to: until)
      if ids.isEmpty, try collection.scenes().allSatisfy({ $0.taken == nil }) {
        throw RetrievalError.noDates
      }
      filter.including = filter.including.map { $0.intersection(ids) } ?? ids
    }
    guard box != nil || circle != nil || polygons != nil else { return }
    let areas = try collection.areas()
    guard !areas.isEmpty else { throw RetrievalError.noPlaces }
    filter.area = box
    guard circle != nil || polygons != nil else { return }
    let ids = Set(
      areas.filter { area in
        let middle = area.value.middle
        return admits(
          GeographicPosition(longitude: middle.longitude, latitude: middle.latitude))
      }.keys)
    filter.including = filter.including.map { $0.intersection(ids) } ?? ids
  }

  private func admits(_ middle: GeographicPosition?) -> Bool {
    guard let middle else { return false }
    if let circle, circle.middle.distance(to: middle) > 1000 * circle.kilometres { return false }
    return polygons?.contains(middle) ?? true
  }
}
