import Explorer
import Frame
import ImageCollections
import Retrieval

/// A small made-up collection whose rankings follow from words, the same on every run.
struct FakeCollection: ExploredCollection {
  var images = FakeCollection.images(perCategory: 6)
  var models = [
    IndexedModel(
      id: 1, name: "clip-mini", fingerprint: "a", directory: "/models/clip-mini", width: 4,
      vectorCount: 36),
    IndexedModel(
      id: 2, name: "rsicd-mini", fingerprint: "b", directory: "/models/rsicd-mini", width: 4,
      vectorCount: 36),
  ]
  var openError: String?
  var loadError: String?

  struct Failure: Error, CustomStringConvertible { let description: String }

  static let categories = ["airport", "beach", "bridge", "forest", "port", "storagetanks"]

  static func images(perCategory count: Int) -> [IndexedImage] {
    var images: [IndexedImage] = []
    for category in categories {
      for number in 1...max(1, count) where count > 0 {
        images.append(
          IndexedImage(
            id: Int64(images.count + 1), path: "/images/\(category)_\(number).jpg",
            category: category, split: "test",
            captions: [
              "an aerial view of a \(category) with number \(number) .",
              "many things stand next to the \(category) and some green trees are around it .",
            ], width: 224, height: 224, byteCount: 11_400 + Int64(number) * 310))
      }
    }
    return images
  }

  func open() async throws -> CollectionSummary {
    if let openError { throw Failure(description: openError) }
    var counts: [String: Int] = [:]
    for image in images { if let category = image.category { counts[category, default: 0] += 1 } }
    return CollectionSummary(
      name: "scenes", imageCount: images.count, models: models,
      categories: counts.sorted { $0.key < $1.key }.map {
        CategoryCount(name: $0.key, count: $0.value)
      }, indexName: "exact")
  }

  func load(_ model: IndexedModel) async throws {
    if let loadError { throw Failure(description: loadError) }
  }

  /// High for images of a category that the text names (for the second model more so), and a little
  /// noise that is fixed by image and model.
  private func score(_ image: IndexedImage, _ category: String?, _ model: Int64) -> Float {
    let noise = Float((image.id * 7919 * (model + 1) + image.id * image.id * 31) % 101) / 101
    let base: Float = image.category == category && category != nil ? 0.05 * Float(model) : 0
    return 0.2 + base + 0.1 * noise
  }

  func rank(_ request: SearchRequest) async throws -> Ranking {
    let named: String?
    var candidates = images
    switch request.subject {
    case .query(let query) where query.terms.isEmpty:
      let hits = images.prefix(request.limit).enumerated().map {
        Hit(rank: $0 + 1, score: nil, image: $1, caption: $1.captions.first)
      }
      return Ranking(hits: hits, total: images.count, milliseconds: 1)
    case .query(let query):
      if let loadError { throw Failure(description: loadError) }
      named = categoryNamed(in: query.wantedText, among: Self.categories)
    case .similar(let id):
      named = images.first { $0.id == id }?.category
      candidates.removeAll { $0.id == id }
    case .vector: named = nil
    }
    if case .query(let query) = request.subject, !query.categories.isEmpty {
      candidates.removeAll { !query.categories.contains($0.category ?? "") }
    }
    let scored = candidates.map { ($0, score($0, named, request.model.id)) }
      .sorted { ($1.1, $0.0.id) < ($0.1, $1.0.id) }
    let hits = scored.prefix(request.limit).enumerated().map {
      Hit(rank: $0 + 1, score: $1.1, image: $1.0, caption: $1.0.captions.first)
    }
    let isText = if case .query = request.subject { true } else { false }
    return Ranking(
      hits: hits, total: candidates.count, milliseconds: 7, logitScale: isText ? 100 : nil,
      namedCategory: isText ? named : nil)
  }

  private func verdict(_ image: IndexedImage, _ model: Int64) -> String {
    Self.categories.max { score(image, $0, model) < score(image, $1, model) }
      .map { (image.id * (model + 4)) % 5 < 2 * (3 - model) ? "forest" : $0 } ?? ""
  }

  func accuracy(of model: IndexedModel) async throws -> CategoryAccuracy {
    if let loadError { throw Failure(description: loadError) }
    var byCategory: [String: Double] = [:]
    for category in Set(images.compactMap(\.category)) {
      let own = images.filter { $0.category == category }
      byCategory[category] =
        Double(own.count { verdict($0, model.id) == category }) / Double(own.count)
    }
    let overall = byCategory.values.reduce(0, +) / Double(max(1, byCategory.count))
    let names = byCategory.keys.sorted()
    let confusion = names.map { own in
      names.map { other in
        images.count { $0.category == own && verdict($0, model.id) == other }
      }
    }
    return CategoryAccuracy(
      byCategory: byCategory, overall: overall,
      confusion: Confusion(categories: names, counts: confusion))
  }

  func rows(_ request: CategoryRequest) async throws -> [CategoryRow] {
    let images = images.filter { $0.category == request.category }
    if loadError != nil {
      return images.map {
        CategoryRow(
          image: $0, score: nil, probability: 0, verdicts: request.judges.map { _ in "" })
      }
    }
    return images.map { image in
      CategoryRow(
        image: image, score: score(image, request.category, request.model.id),
        probability: 0.5, verdicts: request.judges.map { verdict(image, $0.id) })
    }.sorted { ($1.score ?? 0, $0.image.id) < ($0.score ?? 0, $1.image.id) }
  }
}

/// A picture of hatching, so that a frame shows where pictures stand.
@Sendable func fakePreview(_ path: String, _ columns: Int, _ rows: Int) -> PreviewImage {
  let cells = (0..<rows).flatMap { row in
    (0..<columns).map { column in
      Cell((row + column).isMultiple(of: 2) ? "▚" : "▞", Style(foreground: .rgb(80, 120, 60)))
    }
  }
  return PreviewImage(columns: columns, rows: rows, cells: cells)
}
