import ArgumentParser
import Models
import Foundation
import ImageCollections

/// The model of a command, and the threads it may use.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      Model's folder or file of weights, ORG/NAME[:FILE] once pulled, or the name of a shipped model or \
      of one of the collection (default: rsicd-mini).
      """, completion: .model)
  var model: String?

  @OptionGroup var configuration: ModelConfigurationOption

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var size: ImageSideOption

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func load() throws -> any EmbeddingModel { try load(like: []) }

  /// A model of a collection, and how its checkpoint is opened when it is needed.
  struct Choice: Sendable {
    let indexed: IndexedModel
    let open: @Sendable () throws -> any EmbeddingModel
  }

  /// The model to search a collection with: the one that is named, by a place or as the collection calls
  /// it; without a name the shipped one where the collection has its vectors, else the only one that it
  /// has. One whose folder moved is found again by its fingerprint.
  func choice(for collection: ImageCollection) throws -> Choice {
    let stored = try collection.models()
    if let wanted = wanted(of: stored) {
      let threads = threads
      let open: @Sendable () throws -> any EmbeddingModel = {
        try ModelSearch(others: Assets.knownModels()).open(
          wanted, of: collection, threads: threads)
      }
      guard configuration.modelConfig != nil || size.side != nil else {
        return Choice(indexed: wanted, open: open)
      }
      // It is named as another architecture than it was indexed as, so other vectors are meant.
      return try choice(open().directory, like: stored, of: collection)
    }
    return try choice(place(in: stored), like: stored, of: collection)
  }

  /// `nil` where a place is named, or nothing that the collection has.
  private func wanted(of stored: [IndexedModel]) -> IndexedModel? {
    guard let model else {
      let embedded = stored.filter { $0.vectorCount > 0 }
      return embedded.first { $0.name == Assets.fineTuned }
        ?? (embedded.count == 1 ? embedded[0] : nil)
    }
    return Assets.indexed(model, in: stored)
  }

  private func choice(
    _ place: String, like stored: [IndexedModel], of collection: ImageCollection
  ) throws -> Choice {
    let opened = try open(place, like: stored)
    let indexed = try collection.indexedModel(for: opened)
    if !FileManager.default.fileExists(atPath: indexed.directory) {
      collection.remember(opened.directory, of: indexed)
    }
    return Choice(indexed: indexed) { opened }
  }

  private func load(like stored: [IndexedModel]) throws -> any EmbeddingModel {
    try open(place(in: stored), like: stored)
  }

  private func place(in stored: [IndexedModel]) throws -> String {
    try model.map { try Assets.directory(ofModel: $0, in: stored) }
      ?? Assets.model(Assets.fineTuned)
  }

  private func open(_ place: String, like stored: [IndexedModel]) throws -> any EmbeddingModel {
    try ModelOpening.open(
      [place], as: configuration.modelConfig, threads: threads, imageSize: size.side, like: stored
    )[0]
  }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "One JSON object per line.")
  var json = false
}
