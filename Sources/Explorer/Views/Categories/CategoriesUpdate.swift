import Frame
import ImageCollections

extension CategoriesView {
  static let title = "Categories"
  static let contexts: [Context] = [.categories, .category, .matrix]
  static let hasQueryLine = false
  static let headRows = 1

  static func context(_ state: State) -> Context {
    state.categories.opened != nil
      ? .category : state.categories.matrix != nil ? .matrix : .categories
  }

  static func helpTitle(_ state: State) -> String {
    state.categories.opened.map { "In the category \($0.name)" } ?? "In \(title)"
  }

  static func signs(_ state: State) -> [String] {
    switch context(state) {
    case .category: ["\(state.glyphs.wrong)  what the model took the image for"]
    case .matrix:
      [
        "A row for what images are, a column for what the model takes them for;",
        "the denser a cell, the larger the share of its row.",
      ]
    default:
      [
        "Accuracy: share of images whose best prompt is their own,",
        "\"An aerial photograph of {category}\" over the categories listed,",
        "or over RSICD's thirty where all of these are among them.",
      ]
    }
  }

  static func images(_ state: State) -> ImageList? {
    state.categories.opened.map { opened in
      ImageList(selected: opened.position.selected) {
        opened.rows.indices.contains($0) ? opened.rows[$0].image : nil
      }
    }
  }

  static func top(_ state: State) -> Int {
    let categories = state.categories
    return categories.opened?.position.top ?? categories.matrix?.row.top ?? categories.position.top
  }

  static func place(_ state: State, in layout: inout Layout) {
    if state.categories.opened != nil {
      layout.placeListAndPane()
    } else {
      layout.lists = [(layout.body, 0)]
    }
  }

  static func status(_ state: State) -> AnswerStatus { AnswerStatus() }

  static func settlePositions(_ state: inout State, _ layout: Layout) {
    let (height, count) = (layout.listHeight, state.collection.value?.categories.count ?? 0)
    if var opened = state.categories.opened {
      opened.position.settle(count: opened.rows.count, height: height)
      state.categories.opened = opened
    } else if var matrix = state.categories.matrix {
      matrix.row.settle(count: count, height: height)
      matrix.column.settle(
        count: state.matrixColumnCount, height: MatrixShape(state, layout).columns)
      state.categories.matrix = matrix
    } else {
      state.categories.position.settle(count: count, height: height)
    }
  }

  static func settle(
    _ state: inout State, _ summary: CollectionSummary, _ model: IndexedModel
  ) -> [Effect] {
    guard !summary.categories.isEmpty else { return [] }
    var effects: [Effect] = []
    for model in summary.models where state.categories.accuracy[model.id] == nil {
      state.categories.accuracy[model.id] = .waiting
      effects.append(.ask(AccuracyQuestion(model: model)))
    }
    if var opened = state.categories.opened {
      let request = CategoryRequest(category: opened.name, model: model, judges: summary.models)
      if request != opened.requested {
        opened.requested = request
        opened.failure = nil
        opened.generation = state.generation
        state.categories.opened = opened
        effects.append(.ask(CategoryQuestion(request: request, generation: state.generation)))
      }
    }
    return effects
  }

  static func moveSelection(by distance: Int, _ state: inout State) {
    let categories = state.collection.value?.categories.count ?? 0
    if let opened = state.categories.opened {
      state.categories.opened?.position.move(by: distance, count: opened.rows.count)
    } else if state.categories.matrix != nil {
      state.categories.matrix?.row.move(by: distance, count: categories)
    } else {
      state.categories.position.move(by: distance, count: categories)
    }
  }

  static func selection(column: Int, row: Int, _ layout: Layout, _ state: State) -> Selection? {
    guard layout.lists.contains(where: { $0.rect.contains(column: column, row: row) }) else {
      return nil
    }
    var selection = Selection(row: layout.top + row - layout.body.row)
    if let matrix = state.categories.matrix, state.categories.opened == nil {
      // Beside the cells a click chooses the row alone.
      let cell = MatrixShape(state, layout).cell(column: column)
      selection.column = cell.map { matrix.column.top + $0 } ?? matrix.column.selected
    }
    return selection
  }

  static func select(_ selection: Selection, _ state: inout State) {
    let categories = state.orderedCategories.count
    let rows = state.categories.opened?.rows.count ?? categories
    guard (0..<rows).contains(selection.row) else { return }
    if state.categories.opened != nil {
      state.categories.opened?.position.selected = selection.row
    } else if state.categories.matrix != nil {
      guard let column = selection.column, (0..<categories).contains(column) else { return }
      state.categories.matrix?.row.selected = selection.row
      state.categories.matrix?.column.selected = column
    } else {
      state.categories.position.selected = selection.row
    }
    if selection.isOpening { open(&state) }
  }

  static func open(_ state: inout State) {
    if state.categories.opened != nil {
      guard needImage(&state) != nil else { return }
      state.isOpened.toggle()
    } else if state.categories.matrix != nil {
      openCell(&state)
    } else {
      let ordered = state.orderedCategories
      let selected = state.categories.position.selected
      guard ordered.indices.contains(selected) else { return }
      state.categories.opened = OpenedCategory(name: ordered[selected].name)
    }
  }

  /// Opens the images of the cell under the cursor.
  private static func openCell(_ state: inout State) {
    guard let cursor = state.categories.matrix, let model = state.model,
      let confusion = state.categories.accuracy[model.id]?.value?.confusion,
      confusion.categories.indices.contains(cursor.row.selected),
      confusion.categories.indices.contains(cursor.column.selected)
    else { return }
    guard confusion.counts[cursor.row.selected][cursor.column.selected] > 0 else {
      state.message = Message("No image in this cell")
      return
    }
    state.categories.opened = OpenedCategory(
      name: confusion.categories[cursor.row.selected],
      takenFor: confusion.categories[cursor.column.selected])
  }

  static func goBack(_ state: inout State) {
    if state.categories.opened != nil {
      state.categories.opened = nil
    } else if state.categories.matrix != nil {
      state.categories.matrix = nil
    } else {
      state.message = Message("q quits, Tab changes the view")
    }
  }

  /// Leads from an opened category, or the matrix, to the table.
  static func chooseAgain(_ state: inout State) {
    (state.categories.opened, state.categories.matrix) = (nil, nil)
  }

  static func retry(_ state: inout State) {
    state.categories.opened?.requested = nil
    for (model, accuracy) in state.categories.accuracy {
      if case .failed = accuracy { state.categories.accuracy[model] = nil }
    }
  }
}

/// Measures a model on each category.
struct AccuracyQuestion: Question {
  let model: IndexedModel

  var slot: String { "measure \(model.id)" }
  func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    AccuracyAnswer(
      model: model.id, accuracy: .ready(try await sources.collection.accuracy(of: model)))
  }
  func failure(_ reason: String) -> any Answer {
    AccuracyAnswer(model: model.id, accuracy: .failed(reason))
  }
}

struct AccuracyAnswer: Answer {
  let model: Int64
  let accuracy: Loading<CategoryAccuracy>
  func apply(to state: inout State) { state.categories.accuracy[model] = accuracy }
}

/// Ranks the images of a category.
struct CategoryQuestion: Question {
  let request: CategoryRequest
  let generation: Int

  var slot: String { "sort" }
  func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    CategoryAnswer(
      outcome: .ready(try await sources.collection.rows(request)), generation: generation)
  }
  func failure(_ reason: String) -> any Answer {
    CategoryAnswer(outcome: .failed(reason), generation: generation)
  }
}

struct CategoryAnswer: Answer {
  let outcome: Loading<[CategoryRow]>
  let generation: Int

  func apply(to state: inout State) {
    guard var opened = state.categories.opened, generation == opened.generation else { return }
    switch outcome {
    case .waiting: break
    case .failed(let reason): opened.failure = reason
    case .ready(let rows):
      opened.answered = opened.requested
      opened.rows = rows.filter { opened.includes($0) }
      opened.failure = nil
    }
    state.categories.opened = opened
  }
}

extension OpenedCategory {
  /// For a cell of the matrix, only the images that the ranking model takes for the cell's column.
  fileprivate func includes(_ row: CategoryRow) -> Bool {
    guard let takenFor, let answered,
      let judge = answered.judges.firstIndex(where: { $0.id == answered.model.id })
    else { return true }
    return row.verdicts.indices.contains(judge) && row.verdicts[judge] == takenFor
  }
}
