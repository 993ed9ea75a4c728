import ArgumentParser
import CLIP
import Foundation
import ImageCollections
import Imaging

struct SimilarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similar", abstract: "Find the images that look most like one.",
    discussion: """
      The image may be a file, or one of the collection by its name or the end of its path, as `like:`
      takes it; it is itself left out. A file of that name that is there goes before the collection's.

      EXAMPLES
        clip-rsicd similar airport_12.jpg --preview
        clip-rsicd similar photo.jpg --collection rsicd.sqlite \\
          --category airport --json
      """)

  @Argument(
    help: "A picture file, or the name of an image of the collection.", completion: .file())
  var image: String

  @OptionGroup var source: CollectionOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var size: ImageSizeOptions
  @OptionGroup var ranked: RankedOutput

  func run() async throws {
    let collection = try await source.open()
    let (model, indexed) = try model.load(for: collection)
    var filter = try self.filter.filter(in: collection)
    let isFile = FileManager.default.fileExists(atPath: image)
    let known = try stored(in: collection) ?? (isFile ? nil : collection.image(named: image))
    if let known { filter.excluding = [known.id] }
    let query: [Float]
    if let known, try collection.isUnchanged(known),
      let vector = try collection.vector(of: known.id, model: indexed)
    {
      query = vector
    } else {
      // As the collection's own pictures were read.
      let picture = try size.reader(indexed.conversion).read(image)
      Pictures.tell(picture.notes, of: image)
      query = try model.embed(images: [picture.pixels])[row: 0]
    }
    let rows = try await collection.search(
      query, model: indexed, limit: self.filter.count, where: filter)
    try ranked.show(rows, query: nil, conversion: indexed.conversion)
  }

  /// The image as the collection has it: by its path, as given, made absolute or with links followed.
  private func stored(in collection: ImageCollection) throws -> IndexedImage? {
    let url = URL(fileURLWithPath: image).standardizedFileURL
    let folder = url.deletingLastPathComponent().resolvingSymlinksInPath()
    let paths = [
      url.path, folder.appendingPathComponent(url.lastPathComponent).path,
      url.resolvingSymlinksInPath().path,
    ]
    for path in paths {
      if let found = try collection.image(path: path) { return found }
    }
    return nil
  }
}
