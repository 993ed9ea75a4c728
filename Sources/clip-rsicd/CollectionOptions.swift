import ArgumentParser
import Foundation
import ImageCollections
import VectorIndexes

/// The collection of a command.
struct CollectionOptions: ParsableArguments {
  @Option(
    help: "Collection to read (default: the embedded gallery, made at the first run).",
    completion: .file())
  var collection: String?

  func open() async throws -> ImageCollection {
    if let collection { return try ImageCollection(openingForReading: collection) }
    let progress = SharedProgress()
    defer { progress.end() }
    let path = try await Interruptible.run {
      try await Assets.gallery.ensure { progress.show($0) }
    }
    return try ImageCollection(openingForReading: path)
  }
}

/// Which images may be found, and how many.
struct FilterOptions: ParsableArguments {
  @Option(name: .customShort("k", allowingJoined: true), help: "Images to find at most.")
  var count = 10

  @Option(
    help: "Only images of this category; of one of several where repeated.", completion: .category)
  var category: [String] = []

  @Option(
    help: "Only images of this split; of one of several where repeated.", completion: .split)
  var split: [String] = []

  @OptionGroup var place: PlaceOptions

  @Flag(help: "Show windows of a scene that overlap better ones too.")
  var allWindows = false

  func validate() throws {
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("-k is \(count), expected 1 to 1000000")
    }
  }

  func rows(of collection: ImageCollection) throws -> RowFilter {
    var filter = RowFilter(
      categories: category.isEmpty ? nil : category, splits: split.isEmpty ? nil : split)
    try place.filter?.narrow(&filter, of: collection)
    return filter
  }
}
