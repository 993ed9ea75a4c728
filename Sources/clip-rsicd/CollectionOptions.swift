import ArgumentParser
import Foundation
import ImageCollections

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
      try await Gallery.ensure { progress.show($0) }
    }
    return try ImageCollection(openingForReading: path)
  }
}

/// Which images may be found, and how many.
struct FilterOptions: ParsableArguments {
  @Option(name: .customShort("k", allowingJoined: true), help: "Images to find at most.")
  var count = 10

  @Option(help: "Only images of this category.")
  var category: String?

  @Option(help: "Only images of this split.")
  var split: String?

  func validate() throws {
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("-k is \(count), expected 1 to 1000000")
    }
  }

  /// - Throws: `CommandError` where the collection has no such category, with those it has.
  func filter(in collection: ImageCollection) throws -> SearchFilter {
    if let category {
      let names = try collection.categories().map(\.name)
      guard names.contains(category) else {
        let list = names.isEmpty ? "none" : names.joined(separator: " ")
        throw CommandError("\(collection.path): no category \(category); it has \(list)")
      }
    }
    return SearchFilter(category: category, split: split)
  }
}
