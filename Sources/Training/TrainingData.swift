import Tokenizers
import AerialScenes
import Models
import Datasets
import Files
import Foundation

/// The pairs of a recipe's data sets: pictures, and their captions as tokens.
package struct TrainingData: Sendable {
  package enum Picture: Sendable, Hashable {
    case file(String)
    case scene(seed: Int, category: String, number: Int)

    /// What messages call it.
    package var name: String {
      switch self {
      case .file(let path): path
      case .scene(let seed, let category, let number):
        "drawn scene \(category)_\(number), seed \(seed)"
      }
    }
  }

  /// A picture of a data set and its captions, as places in ``pictures`` and ``texts``.
  package struct Item: Sendable {
    package let picture: Int
    package let captions: [Int]
    /// The template with the picture's category; `nil` where its name tells none.
    package let categoryCaption: Int?
  }

  package struct Set: Sendable {
    package let settings: Recipe.DataSet
    package let items: [Item]
    /// Pairs that one pass over the set has.
    package let pairs: Int
  }

  package private(set) var pictures: [Picture] = []
  /// Each picture's place in ``prompts``; -1 where its name tells no category.
  package private(set) var categories: [Int] = []
  /// The template with each category that there is, as token ids.
  package private(set) var prompts: [[Int32]] = []
  /// Distinct captions as token ids, start and end included.
  package private(set) var texts: [[Int32]] = []
  package private(set) var sets: [Set] = []
  /// Pictures that a caption file names and that do not exist, or that cannot be identified.
  package private(set) var missing = 0
  /// Captions, equal ones counted each, and those of them that are longer than the tokenizer's context.
  package private(set) var (captionCount, cutCaptions) = (0, 0)
  /// Different captions, templates with categories left out.
  package var captionTextCount: Int { captionPlaces.count }
  private var captionPlaces: Swift.Set<Int> = []
  /// What else of the caption files was left out, in sentences.
  package private(set) var notes: [String] = []

  private var places: [PictureKey: Int] = [:]
  private var textPlaces: [[Int32]: Int] = [:]
  private var categoryPlaces: [String: Int] = [:]

  /// - Throws: ``RunError`` for a data set without one usable pair, `CaptionFileError`.
  package init(_ settings: [Recipe.DataSet], tokenizer: Tokenizer, scenes: SceneCaptions) throws {
    for set in settings where set.weight > 0 {
      let items =
        switch set.source {
        case .files(let captions, let images):
          try files(captions, images, set, tokenizer)
        case .scenes(let seeds, let count):
          drawn(seeds, count, set, tokenizer, scenes)
        }
      let pairs = items.reduce(0) { $0 + min(set.captionsPerImage, $1.captions.count) }
      sets.append(Set(settings: set, items: items, pairs: pairs))
    }
  }

  private mutating func files(
    _ files: [String], _ folder: String, _ set: Recipe.DataSet, _ tokenizer: Tokenizer
  ) throws -> [Item] {
    var items: [Item] = []
    let found = try CaptionedFiles(files, split: set.split, set.layout, images: folder)
    missing += found.matches.absent.count + found.matches.ambiguous.count
    notes += found.notes
    for picture in found.matches.pictures where !picture.captions.isEmpty {
      guard let path = picture.path.text else { continue }
      items.append(
        item(
          .file(path), picture.captions, category: found.categories.category(of: picture.path), set,
          tokenizer))
    }
    guard !items.isEmpty else {
      throw RunError("\(set.name): not one usable pair: \(found.whyNone)")
    }
    return items
  }

  private mutating func drawn(
    _ seeds: ClosedRange<Int>, _ count: Int, _ set: Recipe.DataSet, _ tokenizer: Tokenizer,
    _ scenes: SceneCaptions
  ) -> [Item] {
    let all = seeds.flatMap { seed in
      SceneGenerator.categories.flatMap { category in
        (1...count).map { Picture.scene(seed: seed, category: category, number: $0) }
      }
    }
    let captions = scenes(all)
    return zip(all, captions).map { picture, captions in
      guard case .scene(_, let category, _) = picture else {
        return item(picture, captions, category: nil, set, tokenizer)
      }
      return item(picture, captions, category: category, set, tokenizer)
    }
  }

  private mutating func item(
    _ picture: Picture, _ captions: [String], category: String?, _ set: Recipe.DataSet,
    _ tokenizer: Tokenizer
  ) -> Item {
    let key = PictureKey(picture)
    let place = places[key] ?? pictures.count
    if place == pictures.count {
      pictures.append(picture)
      categories.append(category.map { self.category($0, set, tokenizer) } ?? -1)
      places[key] = place
    }
    var replaced: Int?
    if set.categoryCaption > 0, let category {
      replaced = text(set.template.prompt(for: category), tokenizer)
    }
    return Item(
      picture: place, captions: captions.map { caption($0, tokenizer) }, categoryCaption: replaced)
  }

  private mutating func category(_ name: String, _ set: Recipe.DataSet, _ tokenizer: Tokenizer)
    -> Int
  {
    if let place = categoryPlaces[name] { return place }
    categoryPlaces[name] = prompts.count
    prompts.append(tokenizer.encode(set.template.prompt(for: name)))
    return prompts.count - 1
  }

  private mutating func caption(_ caption: String, _ tokenizer: Tokenizer) -> Int {
    let place = text(caption, tokenizer)
    captionCount += 1
    captionPlaces.insert(place)
    if texts[place].count == tokenizer.contextLength, tokenizer.cut(caption) != nil {
      cutCaptions += 1
    }
    return place
  }

  private mutating func text(_ caption: String, _ tokenizer: Tokenizer) -> Int {
    let tokens = tokenizer.encode(caption)
    if let place = textPlaces[tokens] { return place }
    textPlaces[tokens] = texts.count
    texts.append(tokens)
    return texts.count - 1
  }
}

/// Captions of drawn scenes, which are known once these are drawn.
package typealias SceneCaptions = ([TrainingData.Picture]) -> [[String]]

/// Paths of a recipe are those of the current folder; `~` is the user's.
enum Paths {
  static func expanded(_ path: String) -> String {
    path.hasPrefix("~") ? NSString(string: path).expandingTildeInPath : path
  }
}

/// A picture as a key: files by the bytes of their paths, which Swift's texts would take for equal
/// where they are spelled canonically equal.
private enum PictureKey: Hashable {
  case file(PathBytes)
  case scene(TrainingData.Picture)

  init(_ picture: TrainingData.Picture) {
    self =
      switch picture {
      case .file(let path): .file(PathBytes(path))
      case .scene: .scene(picture)
      }
  }
}

/// The pictures of a folder that caption files name, for training and its validation alike.
struct CaptionedFiles {
  let matches: CaptionMatches
  let categories: PictureCategories
  private let listing: PictureListing
  private let sources: CaptionSources

  init(_ files: [String], split: String?, _ layout: CaptionLayout, images folder: String) throws {
    listing = try PictureListing(folder: Paths.expanded(folder))
    sources = CaptionSources(files.map(Paths.expanded), split: split, layout: layout)
    matches = try CaptionMatches(sources, in: listing)
    categories = PictureCategories(listing)
  }

  /// What was left out, in sentences.
  var notes: [String] { matches.notes }

  /// The categories that accuracy is over.
  var measured: MeasuredCategories {
    MeasuredCategories(nil, in: listing, of: matches.pictures)
  }

  /// Why not one picture with a caption is there.
  var whyNone: String { matches.whyNone(sources, in: listing) }
}
