import CLIP
import Datasets
import ImageCollections
import Synchronization

/// Why the engine cannot answer, with the way out.
public struct EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// The engine on a collection file and its models' checkpoints. All is opened at first use and kept.
public final class CollectionEngine: ExplorerEngine {
  private let path: String
  private let search: ModelSearch
  private let directories: [String]
  private let isDrawn: Bool
  private let template: String
  private let collection = Mutex<ImageCollection?>(nil)
  private let models = Mutex<[Int64: Task<CLIPModel, any Error>]>([:])
  private let verdicts = Mutex<[Int64: Task<ZeroShotScores, any Error>]>([:])

  /// - Parameters:
  ///   - path: of the collection.
  ///   - directories: checkpoints to prefer over the places where models were when they indexed.
  ///     Where they are several of the collection's models, these stand in this order.
  ///   - elsewhere: checkpoints among which one that has moved may be.
  ///   - isDrawn: whether this is the gallery of drawn scenes.
  ///   - template: the prompt of a category, which replaces `{category}`.
  public init(
    path: String, directories: [String] = [], elsewhere: [String] = [], isDrawn: Bool = false,
    template: String = CLIPModel.template
  ) {
    self.path = path
    self.directories = directories
    self.isDrawn = isDrawn
    search = ModelSearch(given: directories, others: elsewhere)
    self.template = template
  }

  private func openCollection() throws -> ImageCollection {
    try collection.withLock { kept in
      if let kept { return kept }
      let opened = try ImageCollection(openingForReading: path)
      kept = opened
      return opened
    }
  }

  public func open() async throws -> CollectionSummary {
    let collection = try openCollection()
    return CollectionSummary(
      name: Self.name(ofCollection: path), isDrawn: isDrawn,
      imageCount: try collection.imageCount(),
      models: Self.ordered(
        try collection.models().filter { $0.vectorCount > 0 }, named: directories),
      categories: try categories(of: collection))
  }

  /// The models, those whose folders were named in the order of these; the others keep their places.
  public static func ordered(_ models: [IndexedModel], named directories: [String])
    -> [IndexedModel]
  {
    let names = directories.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    var named = names.compactMap { name in models.first { $0.name == name } }[...]
    guard Set(named.map(\.id)).count == named.count else { return models }
    let moved = Set(named.map(\.id))
    return models.map { moved.contains($0.id) ? named.popFirst() ?? $0 : $0 }
  }

  /// The file's name without what follows its last point: `v1.2.sqlite` is `v1.2`.
  public static func name(ofCollection path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let point = name.lastIndex(of: "."), point != name.startIndex else { return name }
    return String(name[..<point])
  }

  /// The categories, those that differ in spelling alone as one, under the spelling of most images.
  private func categories(of collection: ImageCollection) throws -> [CategoryCount] {
    let all = try collection.categories().map { CategoryCount(name: $0.name, count: $0.count) }
    return Dictionary(grouping: all) { CategoryName.key($0.name) }.values
      .compactMap { spellings in
        spellings.max { ($0.count, $1.name) < ($1.count, $0.name) }.map { most in
          CategoryCount(name: most.name, count: spellings.reduce(0) { $0 + $1.count })
        }
      }.sorted { $0.name < $1.name }
  }

  // MARK: - Models

  public func load(_ model: IndexedModel) async throws { _ = try await checkpoint(of: model) }

  /// The checkpoint of a model, opened once however many ask for it.
  private func checkpoint(of model: IndexedModel) async throws -> CLIPModel {
    let search = search
    let collection = try openCollection()
    let task = models.withLock { tasks in
      if let task = tasks[model.id] { return task }
      let task = Task.detached {
        try search.open(model, of: collection)
      }
      tasks[model.id] = task
      return task
    }
    do {
      return try await task.value
    } catch {
      models.withLock { $0[model.id] = nil }
      throw error
    }
  }

  // MARK: - Ranking

  public func rank(_ request: SearchRequest) async throws -> Ranking {
    let collection = try openCollection()
    let clock = ContinuousClock()
    switch request.subject {
    case .all:
      let start = clock.now
      let images = try collection.images(where: request.filter)
      let hits = images.prefix(request.limit).enumerated().map { index, image in
        Hit(rank: index + 1, score: nil, image: image, caption: image.captions.first)
      }
      return Ranking(
        hits: hits, total: images.count, milliseconds: (clock.now - start).milliseconds)
    case .query(let query):
      let model = try await checkpoint(of: request.model)
      try Task.checkCancellation()
      let start = clock.now
      var request = request
      let vector: [Float]
      (vector, request.filter) = try await collection.resolve(
        query, by: model, indexed: request.model, where: request.filter)
      return try await rank(
        vector, request, text: query.wantedText, since: start, logitScale: model.logitScale)
    case .similar(let image):
      let start = clock.now
      guard let vector = try collection.vector(of: image, model: request.model) else {
        throw EngineError(
          "\(request.model.name) has no vector of this image; clip-rsicd index adds it.")
      }
      var request = request
      request.filter.excluding.insert(image)
      return try await rank(vector, request, text: "", since: start, logitScale: nil)
    }
  }

  private func rank(
    _ vector: [Float], _ request: SearchRequest, text: String,
    since start: ContinuousClock.Instant, logitScale: Float?
  ) async throws -> Ranking {
    let collection = try openCollection()
    try Task.checkCancellation()
    let rows = try await collection.search(
      vector, model: request.model, limit: request.limit, where: request.filter)
    let milliseconds = (ContinuousClock().now - start).milliseconds
    let words = words(of: text)
    let hits = rows.map { row in
      Hit(
        rank: row.rank, score: row.score, image: row.image,
        caption: bestCaption(of: row.image.captions, for: words))
    }
    let categories = try categories(of: collection)
    var total = request.model.vectorCount - request.filter.excluding.count
    if let category = request.filter.category {
      let key = CategoryName.key(category)
      total = categories.first { CategoryName.key($0.name) == key }?.count ?? 0
    }
    if let including = request.filter.including {
      total = min(total, including.subtracting(request.filter.excluding).count)
    }
    return Ranking(
      hits: hits, total: max(total, hits.count), milliseconds: milliseconds,
      logitScale: logitScale,
      namedCategory: categoryNamed(in: text, among: categories.map(\.name)))
  }

  // MARK: - Categories

  public func accuracy(of model: IndexedModel) async throws -> CategoryAccuracy {
    try await scores(of: model).accuracy
  }

  public func rows(_ request: CategoryRequest) async throws -> [CategoryRow] {
    // A model that is not to be had has no opinion; why not is told by ``accuracy(of:)``.
    var judges: [ZeroShotScores?] = []
    for judge in request.judges { judges.append(try await scoresIfAny(of: judge)) }
    let found = try await scoresIfAny(of: request.model)
    try Task.checkCancellation()
    guard let own = found else {
      let images = try openCollection().images(where: SearchFilter(category: request.category))
      return images.map { image in
        CategoryRow(
          image: image, score: nil, probability: 0,
          verdicts: judges.map { $0?.verdict(on: image.id) ?? "" })
      }
    }
    guard let category = own.categories.firstIndex(of: request.category) else { return [] }
    let images = try openCollection().images(where: SearchFilter(category: request.category))
    return images.compactMap { image -> CategoryRow? in
      guard let score = own.score(of: image.id, category: category) else { return nil }
      return CategoryRow(
        image: image, score: score, probability: own.probability(of: image.id, category: category),
        verdicts: judges.map { $0?.verdict(on: image.id) ?? "" })
    }.sorted { ($1.score ?? 0, $0.image.path) < ($0.score ?? 0, $1.image.path) }
  }

  private func scoresIfAny(of model: IndexedModel) async throws -> ZeroShotScores? {
    do {
      return try await scores(of: model)
    } catch let error as CancellationError {
      throw error
    } catch {
      return nil
    }
  }

  /// The scores of all images against all categories, computed once.
  private func scores(of model: IndexedModel) async throws -> ZeroShotScores {
    let task = verdicts.withLock { tasks in
      if let task = tasks[model.id] { return task }
      let task = Task.detached { [self] in try await makeScores(of: model) }
      tasks[model.id] = task
      return task
    }
    do {
      return try await task.value
    } catch {
      verdicts.withLock { $0[model.id] = nil }
      throw error
    }
  }

  private func makeScores(of model: IndexedModel) async throws -> ZeroShotScores {
    let collection = try openCollection()
    let own = try self.categories(of: collection).map(\.name)
    // As `evaluate` and `train` have them. One alone has a score, and no accuracy.
    let measured = PictureCategories.measured(own)
    let categories = measured.isEmpty ? own : measured
    let checkpoint = try await checkpoint(of: model)
    let prompts = try await checkpoint.embeddings(
      forTexts: CLIPModel.prompts(for: categories, template: template))
    let (ids, rows) = try collection.vectors(of: model)
    let names = Dictionary(
      categories.map { (CategoryName.key($0), $0) }, uniquingKeysWith: { first, _ in first })
    let labels = Dictionary(
      try collection.images().compactMap { image in
        image.category.flatMap { names[CategoryName.key($0)] }.map { (image.id, $0) }
      },
      uniquingKeysWith: { first, _ in first })
    return ZeroShotScores(
      categories: categories, own: own, ids: ids, labels: labels, vectors: rows, prompts: prompts,
      logitScale: checkpoint.logitScale)
  }
}

extension Duration {
  fileprivate var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
  }
}
