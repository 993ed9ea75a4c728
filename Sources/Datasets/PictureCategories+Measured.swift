import Files

// Between which categories accuracy decides: one rule for `evaluate`, `train` and the explorer, so that
// their figures are of the same question.
extension PictureCategories {
  /// - RSICD's thirty, where the pictures' categories are all among them, as the original measured, even
  ///   if some have no picture here; each as the pictures spell it.
  /// - Else the pictures' own, by name.
  /// - None where there are fewer than two: of a single category every answer is right, which says
  ///   nothing of a model.
  ///
  ///       ["beach", "Storage_Tanks"]  →  airport, bareland, …, beach, …, Storage_Tanks, viaduct
  ///       ["beach", "orchard"]        →  beach, orchard
  ///       ["beach"]                   →  none
  /// - Parameter names: the categories of the pictures.
  package static func measured(_ names: some Sequence<String>) -> [String] {
    var spellings: [String: String] = [:]
    for name in names.sorted() {
      let key = CategoryName.key(name)
      if !key.isEmpty, spellings[key] == nil { spellings[key] = name }
    }
    guard spellings.count > 1 else { return [] }
    guard Set(spellings.keys).isSubset(of: SceneCategories.all) else {
      return spellings.values.sorted()
    }
    return SceneCategories.all.map { spellings[$0] ?? $0 }
  }

  /// The categories that the pictures of the listing have, each once, by name.
  package var names: [String] {
    Set(own.values.map(\.key)).compactMap { spellings[$0] }.sorted()
  }
}

/// The categories of a measurement, and which of them each picture has: for `evaluate` and `train`.
package struct MeasuredCategories: Sendable {
  /// As they are shown; empty where accuracy cannot be measured.
  package let names: [String]
  private let categories: PictureCategories
  private let places: [String: Int]
  /// How many there would be.
  private let found: [String]

  /// - Parameters:
  ///   - given: the names that a user gives; `nil` is ``PictureCategories/measured(_:)`` of all pictures of
  ///     the listing, as `index` of the folder finds them: a small split may lack some. Where these tell
  ///     none, names in the caption file may tell RSICD's (`airport/1.jpg` for a file `1.jpg`).
  ///   - pictures: those that are measured.
  package init(
    _ given: [String]?, in listing: PictureListing, of pictures: [CaptionMatches.Picture]
  ) {
    let categories = PictureCategories(listing, known: given ?? [])
    self.categories = categories
    var found = given ?? categories.names
    if given == nil, found.count < 2 {
      let scenes = Set(SceneCategories.all)
      let said = pictures.lazy.compactMap { picture in
        categories.candidates(for: picture.path, named: picture.name)
          .first { scenes.contains(CategoryName.key($0)) }
      }
      let keys = Set(said.map { CategoryName.key($0) })
      if keys.count > found.count { found = keys.sorted() }
    }
    self.found = found
    names = given ?? PictureCategories.measured(found)
    places = Dictionary(
      names.enumerated().map { (CategoryName.key($1), $0) }, uniquingKeysWith: { first, _ in first }
    )
  }

  /// Place among ``names``; `nil` where nothing tells one of them.
  package func place(of picture: CaptionMatches.Picture) -> Int? {
    categories.candidates(for: picture.path, named: picture.name).lazy
      .compactMap { places[CategoryName.key($0)] }.first
  }

  /// Whether they are RSICD's thirty, which published figures are of.
  package var areScenes: Bool { Set(places.keys) == Set(SceneCategories.all) }

  /// Why accuracy is not measured, for a list that was not given.
  package var whyNone: String {
    let told =
      switch found.count {
      case 0: "no category"
      case 1: "one category alone, \(found[0])"
      default: "\(found.count) categories, none of them of a picture that is measured"
      }
    return "folders and names of the pictures tell \(told): accuracy is not measured"
  }
}
