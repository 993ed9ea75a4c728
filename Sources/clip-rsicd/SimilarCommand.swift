import ArgumentParser
import Models
import Foundation
import ImageCollections
import Imaging
import Retrieval
import Scenes

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
    let model = try model.choice(for: collection)
    let isFile = FileManager.default.fileExists(atPath: image)
    let known = try stored(in: collection) ?? (isFile ? nil : collection.image(named: image))
    var filter = try filter.rows(of: collection)
    if let known { filter.excluding = [known.id] }
    let subject: Subject
    if let known, try collection.isUnchanged(known),
      try collection.vector(of: known.id, model: model.indexed) != nil
    {
      subject = .similar(to: known.id)
    } else {
      // As the collection's own pictures were read.
      let reader = try size.reader(model.indexed.conversion)
      let pixels: Pixels
      if let window = known?.window {
        pixels = try Scene(window.scene, reader).part(window.region)
      } else {
        let picture = try reader.read(image)
        Pictures.tell(picture.notes, of: image)
        pixels = picture.pixels
      }
      subject = .vector(try model.open().embed(images: [pixels])[row: 0])
    }
    var request = SearchRequest(
      subject: subject, filter: filter, model: model.indexed, limit: self.filter.count)
    request.thins = !self.filter.allWindows
    let ranking = try await Retriever(collection) { _ in try model.open() }.rank(request)
    try ranked.show(ranking, of: collection, model.indexed, query: "like \(image)")
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
