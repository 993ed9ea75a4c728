/// Which rows take part in a search; a row must meet every condition. An index that searches elsewhere
/// passes the filter on, so that rows that are left out are never fetched.
public struct RowFilter: Sendable, Equatable {
  /// The row's category is one of these, in whatever spelling. `nil` admits every row, an empty list none.
  public var categories: [String]?
  /// The row's split is one of these; otherwise as ``categories``.
  public var splits: [String]?
  /// Only rows whose image lies at least partly here; a row without a place is not admitted.
  public var area: GeographicArea?
  /// Ids of rows that are left out.
  public var excluding: Set<Int64>
  /// Ids of the only rows that are admitted; `nil` admits every row.
  public var including: Set<Int64>?

  public init(
    categories: [String]? = nil, splits: [String]? = nil, area: GeographicArea? = nil,
    excluding: Set<Int64> = [], including: Set<Int64>? = nil
  ) {
    self.categories = categories
    self.splits = splits
    self.area = area
    self.excluding = excluding
    self.including = including
  }
}

/// A label for each row. Labels are compared by a rule under which different spellings are the same.
public struct LabelColumn: Sendable {
  /// For each row the number of its label in ``forms``; −1 where it has none.
  private let codes: [Int32]
  private let forms: [String: Int32]
  private let form: @Sendable (String) -> String

  public var count: Int { codes.count }
  public var isEmpty: Bool { codes.isEmpty }

  /// - Parameters:
  ///   - names: one per row, `nil` for a row without a label; an empty list where no row has one.
  ///   - form: gives the same text for every spelling of one label.
  public init(
    _ names: [String?] = [], comparedBy form: @escaping @Sendable (String) -> String = { $0 }
  ) {
    var forms: [String: Int32] = [:]
    // Rows are many and names few.
    var known: [String: Int32] = [:]
    codes = names.map { name in
      guard let name else { return -1 }
      if let code = known[name] { return code }
      let form = form(name)
      let code = forms[form] ?? Int32(forms.count)
      forms[form] = code
      known[name] = code
      return code
    }
    self.forms = forms
    self.form = form
  }

  /// A test of a row by its number; `nil` where every row passes.
  func admission(of names: [String]?) -> (@Sendable (Int) -> Bool)? {
    guard let names else { return nil }
    let wanted = Set(names.compactMap { forms[form($0)] })
    if wanted.isEmpty { return { _ in false } }
    let codes = codes
    if wanted.count == 1, let only = wanted.first { return { codes[$0] == only } }
    return { wanted.contains(codes[$0]) }
  }
}

/// A box between two meridians and two parallels, in degrees of WGS 84.
public struct GeographicArea: Sendable, Hashable {
  /// −180…180; larger than ``east`` where the box crosses the date line.
  public let west: Double
  /// −90…90, at most ``north``.
  public let south: Double
  public let east: Double
  public let north: Double

  /// `nil` where a number is outside its range, or `south` is larger than `north`.
  public init?(west: Double, south: Double, east: Double, north: Double) {
    guard (-180...180).contains(west), (-180...180).contains(east), (-90...90).contains(south),
      (-90...90).contains(north), south <= north
    else { return nil }
    (self.west, self.south, self.east, self.north) = (west, south, east, north)
  }

  /// In degrees; the longitude within −180…180.
  public var middle: (longitude: Double, latitude: Double) {
    let longitude = west <= east ? (west + east) / 2 : (west + east + 360) / 2
    return (longitude > 180 ? longitude - 360 : longitude, (south + north) / 2)
  }

  /// Whether the two boxes have a point in common; a shared edge counts.
  public func intersects(_ other: GeographicArea) -> Bool {
    guard south <= other.north, other.south <= north else { return false }
    return spans.contains { own in
      other.spans.contains { own.lowerBound <= $0.upperBound && $0.lowerBound <= own.upperBound }
    }
  }

  private var spans: [ClosedRange<Double>] {
    west <= east ? [west...east] : [west...180, -180...east]
  }
}
