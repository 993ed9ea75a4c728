import Models
import Datasets
import ImageCollections
import Retrieval
import Synchronization
import VectorIndexes

/// A collection file with its models' checkpoints. Each is opened at first use and kept.
public final class StoredCollection: ExploredCollection {
  private let path: String
  private let search: ModelSearch
  private let directories: [String]
  private let isDrawn: Bool
  private let template: PromptTemplate
  private let retriever = Mutex<Retriever?>(nil)
  private let models = Mutex<[Int64: Task<any EmbeddingModel, any Error>]>([:])
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
    template: PromptTemplate = .aerial
  ) {
    self.path = path
    self.directories = directories
    self.isDrawn = isDrawn
    search = ModelSearch(given: directories, others: elsewhere)
    self.template = template
  }

  private func openRetriever() throws -> Retriever {
    try retriever.withLock { kept in
      if let kept { return kept }
      let opened = Retriever(try ImageCollection(openingForReading: path)) { [weak self] model in
        guard let self else { throw CancellationError() }
        return try await checkpoint(of: model)
      }
      kept = opened
      return opened
    }
  }

  private func openCollection() throws -> ImageCollection { try openRetriever().collection }

  public func open() async throws -> CollectionSummary {
    let retriever = try openRetriever()
    let collection = retriever.collection
    return CollectionSummary(
      name: Self.name(ofCollection: path), isDrawn: isDrawn,
      imageCount: try collection.imageCount(),
      models: Self.ordered(
        try collection.models().filter { $0.vectorCount > 0 }, named: directories),
      categories: try retriever.categories().map { CategoryCount(name: $0.name, count: $0.count) },
      indexName: retriever.indexName)
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

  // MARK: - Models

  public func load(_ model: IndexedModel) async throws { _ = try await checkpoint(of: model) }

  /// The checkpoint of a model, opened once however many ask for it.
  private func checkpoint(of model: IndexedModel) async throws -> any EmbeddingModel {
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
    do {
      let retriever = try openRetriever()
      var ranking = try await retriever.rank(request)
      if case .query(let query) = request.subject, !query.terms.isEmpty {
        ranking.namedCategory = categoryNamed(
          in: query.wantedText, among: try retriever.categories().map(\.name))
      }
      return ranking
    } catch let error as RetrievalError {
      // The line is still being typed.
      return Ranking(hits: [], total: 0, milliseconds: 0, notes: [.refused(error)])
    }
  }

  // MARK: - Categories

  public func accuracy(of model: IndexedModel) async throws -> CategoryAccuracy {
    try await scores(of: model).accuracy
  }

  public func rows(_ request: CategoryRequest) async throws -> [CategoryRow] {
    // A model that cannot be loaded has no verdict; ``accuracy(of:)`` says why.
    var judges: [ZeroShotScores?] = []
    for judge in request.judges { judges.append(try await scoresIfAny(of: judge)) }
    let found = try await scoresIfAny(of: request.model)
    try Task.checkCancellation()
    guard let own = found else {
      let images = try openCollection().images(where: RowFilter(categories: [request.category]))
      return images.map { image in
        CategoryRow(
          image: image, score: nil, probability: 0,
          verdicts: judges.map { $0?.verdict(on: image.id) ?? "" })
      }
    }
    guard let category = own.categories.firstIndex(of: request.category) else { return [] }
    let images = try openCollection().images(where: RowFilter(categories: [request.category]))
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
    let own = try openRetriever().categories().map(\.name)
    // As `evaluate` and `train` have them. One alone has a score, and no accuracy.
    let measured = PictureCategories.measured(own)
    let categories = measured.isEmpty ? own : measured
    let checkpoint = try await checkpoint(of: model)
    let prompts = try await checkpoint.embeddings(
      forTexts: template.prompts(for: categories))
    let stored = try collection.vectors(of: model)
    let names = Dictionary(
      categories.map { (CategoryName.key($0), $0) }, uniquingKeysWith: { first, _ in first })
    let labels = Dictionary(
      try collection.images().compactMap { image in
        image.category.flatMap { names[CategoryName.key($0)] }.map { (image.id, $0) }
      },
      uniquingKeysWith: { first, _ in first })
    return ZeroShotScores(
      categories: categories, own: own, ids: stored.ids, labels: labels, vectors: stored.rows,
      prompts: prompts,
      logitScale: checkpoint.logitScale)
  }
}
