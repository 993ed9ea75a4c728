import Models
import Datasets
import ImageCollections
import Synchronization
import VectorIndexes

/// The one way from a query to ranked rows: a query becomes a vector, an index finds rows, the collection
/// tells what they are, and each gets the caption that fits the query.
///
/// Indexes and the collection are kept and follow later indexing; safe to ask from several tasks at once.
public final class Retriever: Sendable {
  public let collection: ImageCollection
  private let kind: IndexKind
  private let model: @Sendable (IndexedModel) async throws -> any EmbeddingModel
  /// What was read of the collection as it is, until its change counter is another one.
  private struct Kept {
    var version: Int
    var categories: [(name: String, count: Int)]?
    var indexes: [Int64: (index: any VectorIndex, damaged: [Int64])] = [:]
  }
  private let kept = Mutex(Kept(version: -1))

  /// - Parameters:
  ///   - kind: of the indexes that are made of the collection's vectors.
  ///   - model: opens the checkpoint of a model of the collection; asked only for texts.
  public init(
    _ collection: ImageCollection, kind: IndexKind = .exact,
    model: @escaping @Sendable (IndexedModel) async throws -> any EmbeddingModel
  ) {
    self.collection = collection
    self.kind = kind
    self.model = model
  }

  /// How the index searches, in a word for the screen.
  public var indexName: String { kind.name }

  /// The answer to one question.
  /// - Throws: ``RetrievalError`` where the question cannot be answered as it is, `CollectionError`, what
  ///   opening a model throws, `CancellationError`.
  public func rank(_ request: SearchRequest) async throws -> Ranking {
    let clock = ContinuousClock()
    let start = clock.now
    let filter = try narrowed(request)
    guard let question = try await vector(of: request, filter) else {
      let images = try collection.images(where: filter)
      return Ranking(
        hits: images.prefix(request.limit).enumerated().map { index, image in
          Hit(rank: index + 1, score: nil, image: image, caption: image.captions.first)
        }, total: images.count, milliseconds: (clock.now - start).milliseconds)
    }
    try Task.checkCancellation()
    let (index, damaged) = try index(of: request.model)
    let hits = try await nearest(question, index, request)
    return Ranking(
      hits: hits, total: max(hits.count, try await index.count(where: question.filter)),
      milliseconds: (clock.now - (question.ready ?? start)).milliseconds,
      logitScale: question.logitScale,
      notes: question.notes + (damaged.isEmpty ? [] : [.damagedVectors(images: damaged)]))
  }

  /// The categories, those that differ in spelling alone as one, under the spelling of most images; by
  /// name.
  public func categories() throws -> [(name: String, count: Int)] {
    let version = try collection.changeCounter()
    if let known = kept.withLock({ $0.version == version ? $0.categories : nil }) { return known }
    let found = Dictionary(grouping: try collection.categories()) { CategoryName.key($0.name) }
      .values.compactMap { spellings in
        spellings.max { ($0.count, $1.name) < ($1.count, $0.name) }.map { most in
          (name: most.name, count: spellings.reduce(0) { $0 + $1.count })
        }
      }.sorted { $0.name < $1.name }
    keep(version) { $0.categories = found }
    return found
  }

  /// Keeps what was read while the change counter stood at `version`; what is of an older one goes.
  private func keep(_ version: Int, _ change: (inout Kept) -> Void) {
    kept.withLock { kept in
      if kept.version != version { kept = Kept(version: version) }
      change(&kept)
    }
  }

  // MARK: - Who takes part

  /// The request's filter, narrowed by what the query itself asks for.
  private func narrowed(_ request: SearchRequest) throws -> RowFilter {
    var filter = request.filter
    if let asked = filter.categories { try requireCategories(asked) }
    if let asked = filter.splits { try requireSplits(asked) }
    guard let query = request.subject.query else { return filter }
    if !query.categories.isEmpty {
      try requireCategories(query.categories)
      filter.categories = Self.both(filter.categories, query.categories, CategoryName.key)
    }
    if !query.splits.isEmpty {
      try requireSplits(query.splits)
      filter.splits = Self.both(filter.splits, query.splits, Splits.name)
    }
    if !query.phrases.isEmpty {
      let ids = try collection.imageIDs(withCaptions: query.phrases)
      filter.including = filter.including.map { $0.intersection(ids) } ?? ids
    }
    return filter
  }

  private static func both(_ first: [String]?, _ second: [String], _ form: (String) -> String)
    -> [String]
  {
    guard let first else { return second }
    let forms = Set(first.map(form))
    return second.filter { forms.contains(form($0)) }
  }

  private func requireCategories(_ names: [String]) throws {
    let known = try categories().map(\.name)
    let keys = Set(known.map(CategoryName.key))
    for name in names where !keys.contains(CategoryName.key(name)) {
      throw RetrievalError.noCategory(name, known: known)
    }
  }

  private func requireSplits(_ names: [String]) throws {
    let known = try collection.splits().map(\.name)
    for name in names where !known.contains(where: { Splits.name($0) == Splits.name(name) }) {
      throw RetrievalError.noSplit(name, known: known)
    }
  }

  // MARK: - What is looked for

  private struct Question {
    var vector: [Float]
    var filter: RowFilter
    /// The words that are looked for; empty where it is a picture.
    var text = ""
    var logitScale: Float?
    var notes: [Ranking.Note] = []
    /// The time at which the model was ready: opening it does not count as searching.
    var ready: ContinuousClock.Instant?
  }

  /// - Returns: `nil` where nothing is looked for, and images are listed.
  private func vector(of request: SearchRequest, _ filter: RowFilter) async throws -> Question? {
    var filter = filter
    switch request.subject {
    case .query(let query) where query.terms.isEmpty: return nil
    case .query(let query):
      let model = try await model(request.model)
      let ready = ContinuousClock.now
      try Task.checkCancellation()
      let vector = try await sum(query, by: model, request.model, &filter)
      return Question(
        vector: vector, filter: filter, text: query.wantedText, logitScale: model.logitScale,
        notes: query.texts.compactMap(model.cut).map { .textCut($0) }, ready: ready)
    case .similar(let image):
      guard let vector = try collection.vector(of: image, model: request.model) else {
        throw RetrievalError.noVector(image: try name(of: image), model: request.model.name)
      }
      filter.excluding.insert(image)
      return Question(vector: vector, filter: filter)
    case .vector(let vector):
      return Question(vector: vector, filter: filter)
    }
  }

  private func name(of image: Int64) throws -> String {
    try collection.images(ids: [image]).first?.filename ?? "image \(image)"
  }

  /// The query as one unit vector in the model's space.
  private func sum(
    _ query: SearchQuery, by model: any EmbeddingModel, _ indexed: IndexedModel,
    _ filter: inout RowFilter
  ) async throws -> [Float] {
    let embedded = try await model.embeddings(forTexts: query.texts)
    var sum = [Float](repeating: 0, count: indexed.width)
    var text = 0
    for term in query.terms {
      let vector: [Float]
      switch term.part {
      case .text:
        vector = embedded[row: text]
        text += 1
      case .image(let name):
        let image = try collection.image(named: name)
        filter.excluding.insert(image.id)
        guard let stored = try collection.vector(of: image.id, model: indexed) else {
          throw RetrievalError.noVector(image: image.filename, model: indexed.name)
        }
        vector = stored
      }
      if query.terms.count == 1, term.isWanted { return vector }
      for index in sum.indices { sum[index] += term.isWanted ? vector[index] : -vector[index] }
    }
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 1e-4 else { throw RetrievalError.partsCancelOut }
    return sum.map { $0 / length }
  }

  // MARK: - Rows

  /// The best rows; where windows are thinned out, more are asked for until there are enough.
  private func nearest(_ question: Question, _ index: any VectorIndex, _ request: SearchRequest)
    async throws -> [Hit]
  {
    var wanted = request.limit
    while true {
      let found = try await index.nearest(
        to: question.vector, limit: wanted, where: question.filter)
      var hits = try hits(found, for: question.text)
      guard request.thins, hits.contains(where: { $0.image.window != nil }) else { return hits }
      var thinning = Thinning()
      hits = hits.filter { hit in
        hit.image.window.map { thinning.keeps($0.region, of: $0.scene) } ?? true
      }
      if hits.count >= request.limit || found.count < wanted {
        for place in hits.indices { hits[place].rank = place + 1 }
        return Array(hits.prefix(request.limit))
      }
      wanted *= 4
    }
  }

  private func hits(_ found: [IndexHit], for text: String) throws -> [Hit] {
    let images = Dictionary(
      try collection.images(ids: found.map(\.id)).map { ($0.id, $0) },
      uniquingKeysWith: { a, _ in a })
    let words = words(of: text)
    return found.enumerated().compactMap { place, hit in
      images[hit.id].map {
        Hit(
          rank: place + 1, score: hit.score, image: $0,
          caption: fittingCaption(of: $0.captions, for: words))
      }
    }
  }

  /// The vectors of a model, ready to be searched; loaded again after the collection has changed.
  /// - Returns: with the images whose stored vectors are none and take no part.
  public func index(of model: IndexedModel) throws -> (index: any VectorIndex, damaged: [Int64]) {
    let version = try collection.changeCounter()
    if let known = kept.withLock({ $0.version == version ? $0.indexes[model.id] : nil }) {
      return known
    }
    let stored = try collection.vectors(of: model)
    let labels = try collection.labels(of: stored.ids)
    let areas = try collection.areas()
    let index = kind.index(
      of: IndexRows(
        ids: stored.ids, vectors: stored.rows.values, width: model.width,
        categories: LabelColumn(labels.categories, comparedBy: CategoryName.key),
        splits: LabelColumn(labels.splits, comparedBy: Splits.name),
        areas: areas.isEmpty ? [] : stored.ids.map { areas[$0] }))
    keep(version) { $0.indexes[model.id] = (index, stored.damaged) }
    return (index, stored.damaged)
  }
}

extension Duration {
  package var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
  }
}
