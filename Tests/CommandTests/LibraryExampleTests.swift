import CLIP
import Foundation
import ImageCollections
import Imaging
import Retrieval
import TestSupport
import Testing

/// The documents' examples in Swift: each stands here once more, where it is compiled and run, and has
/// to be the same line by line.
@Suite struct LibraryExampleTests {
  // example: the collection
  private func indexAndSearch() async throws {
    let model = try EmbeddingModels.open("assets/models/rsicd-mini")
    let request = IndexingRequest(folders: ["photos"], models: [model], collection: "photos.sqlite")
    let report = try await Indexer(request).run { progress in print(progress.done, progress.total) }
    print(report.embedded, report.unreadable)

    let collection = try ImageCollection(openingForReading: "photos.sqlite")
    let retriever = Retriever(collection) { _ in model }
    let query = SearchQuery("planes beside a terminal category:airport")
    let indexed = try collection.indexedModel(for: model)
    let ranking = try await retriever.rank(
      SearchRequest(subject: .query(query), model: indexed, limit: 10))
    for hit in ranking.hits { print(hit.rank, hit.score ?? 0, hit.image.path, hit.caption ?? "") }
  }

  // example: the model
  private func embed() throws {
    let model = try CLIPModel(contentsOf: "assets/models/rsicd-mini")
    let image = try ImageReader().read("airport_1.jpg").pixels
    let texts = try model.embed(texts: ["planes beside a long terminal", "a sandy beach"])
    let images = try model.embed(images: [image])
    print(cosines(images, texts))  // [images × texts]
    print(model.logits(images: images, texts: texts))  // transformers' logits_per_image
    print(try model.classify([image], labels: ["airport", "beach"]))  // probabilities
  }

  @Test("each example of the documents stands in a file that is compiled")
  func examples() throws {
    let here = try String(contentsOfFile: #filePath, encoding: .utf8)
    let compiled = here.components(separatedBy: "\n").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    var count = 0
    for name in DocumentedCommandTests.documents {
      let text = try String(
        contentsOf: Places.package.appendingPathComponent(name), encoding: .utf8)
      for block in text.components(separatedBy: "```swift\n").dropFirst() {
        let lines = try #require(block.components(separatedBy: "\n```").first)
          .components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
          .filter { !$0.isEmpty }
        for line in lines { #expect(compiled.contains(line), "\(name): \(line)") }
        count += 1
      }
    }
    #expect(count >= 3)
  }

  /// They name files of the folder that they are run in.
  @Test("the examples do what they say")
  func run() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-rsicd-example-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let scenes = folder.appendingPathComponent("photos").path
    let drawn = try TestSupport.run([
      "scenes", "--into", scenes, "--count", "1", "--seed", "3", "--category", "airport",
    ])
    #expect(drawn.status == 0, "\(drawn.stderr)")
    let model = try EmbeddingModels.open(Places.model("rsicd-mini"))
    let file = folder.appendingPathComponent("photos.sqlite").path
    let request = IndexingRequest(folders: [scenes], models: [model], collection: file)
    let report = try await Indexer(request).run { _ in }
    #expect(report.embedded == 1 && report.unreadable.isEmpty)
    let collection = try ImageCollection(openingForReading: file)
    let retriever = Retriever(collection) { _ in model }
    let ranking = try await retriever.rank(
      SearchRequest(
        subject: .query(SearchQuery("planes beside a terminal category:airport")),
        model: try collection.indexedModel(for: model), limit: 10))
    #expect(ranking.hits.map(\.image.filename) == ["airport_1.jpg"])
    let image = try ImageReader().read(scenes + "/airport_1.jpg").pixels
    let clip = try CLIPModel(contentsOf: Places.model("rsicd-mini"))
    #expect(try clip.classify([image], labels: ["airport", "beach"])[0][0] > 0.5)
  }
}
