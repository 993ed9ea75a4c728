/// Which rows take part in a search; all conditions must hold. An index that searches elsewhere hands it
/// on, so that what is left out is not fetched first.
public struct RowFilter: Sendable, Equatable {
  /// Names of which the row's category is one, however they are spelled; `nil` admits all, an empty list
  /// none.
  public var categories: [String]?
  /// Likewise of the split.
  public var splits: [String]?
  /// Only rows whose picture lies at least partly here.
  public var area: GeographicArea?
  /// Ids that take no part.
  public var excluding: Set<Int64>
  /// Only these ids, where given.
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

/// A name for each row, compared by a rule that takes different spellings for one.
public struct LabelColumn: Sendable {
  /// The place of each row's form among ``forms``; −1 where it has no name.
  private let codes: [Int32]
  private let forms: [String: Int32]
  private let form: @Sendable (String) -> String

  public var count: Int { codes.count }
  public var isEmpty: Bool { codes.isEmpty }

  /// - Parameters:
  ///   - names: of each row; none at all where no row has one.
  ///   - form: what two spellings of one name have in common.
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

  /// A test for rows by their place; `nil` where every row passes.
  func admission(of names: [String]?) -> (@Sendable (Int) -> Bool)? {
    guard let names else { return nil }
    let wanted = Set(names.compactMap { forms[form($0)] })
    if codes.isEmpty || wanted.isEmpty { return { _ in false } }
    let codes = codes
    if wanted.count == 1, let only = wanted.first { return { codes[$0] == only } }
    return { wanted.contains(codes[$0]) }
  }
}

/// A box between two meridians and two parallels, in degrees of WGS 84.
public struct GeographicArea: Sendable, Hashable {
  /// −180…180. Larger than ``east`` where the box crosses the date line.
  public let west: Double
  /// −90…90, not larger than ``north``.
  public let south: Double
  public let east: Double
  public let north: Double

  /// `nil` where a number is none of its range, or south lies north of north.
  public init?(west: Double, south: Double, east: Double, north: Double) {
    guard (-180...180).contains(west), (-180...180).contains(east), (-90...90).contains(south),
      (-90...90).contains(north), south <= north
    else { return nil }
    (self.west, self.south, self.east, self.north) = (west, south, east, north)
  }

  /// Whether they have a point in common; edges count.
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
