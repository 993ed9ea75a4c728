import Explorer
import Frame

/// Presses keys and answers effects, in ten lines:
///
///     var driver = await Driver.opened()
///     await driver.type("beach").press("Enter", "j")
final class Driver {
  var state: State
  var collection: FakeCollection
  /// Effects that were not for collection or previews, in order.
  var told: [Effect] = []
  private var waiting: [Effect] = []

  init(
    collection: FakeCollection = FakeCollection(), columns: Int = 120, rows: Int = 40,
    saved: SavedState = SavedState()
  ) {
    self.collection = collection
    state = State(size: Size(columns: columns, rows: rows), saved: saved)
  }

  static func opened(
    collection: FakeCollection = FakeCollection(), columns: Int = 120, rows: Int = 40,
    saved: SavedState = SavedState()
  ) async -> Driver {
    let driver = Driver(collection: collection, columns: columns, rows: rows, saved: saved)
    driver.waiting = [.ask(CollectionQuestion())]
    await driver.answerAll()
    return driver
  }

  /// An input, without answering what it starts.
  func send(_ input: Input) {
    for action in actions(for: input, in: state) { apply(action) }
  }

  func apply(_ action: Action) { waiting += update(&state, action) }

  @discardableResult func press(_ names: String...) async -> Driver {
    for name in names {
      guard let script = try? Script("key \(name)"), case .input(let input) = script.steps.first
      else { preconditionFailure("no key is named \(name)") }
      send(input)
      await answerAll()
    }
    return self
  }

  @discardableResult func type(_ text: String) async -> Driver {
    for character in text { send(.character(character)) }
    await answerAll()
    return self
  }

  /// Effects that wait for an answer, which stay unanswered.
  func takeWaiting() -> [Effect] {
    defer { waiting = [] }
    return waiting
  }

  func answerAll() async {
    while !waiting.isEmpty {
      let effect = waiting.removeFirst()
      if let action = await answer(effect) { apply(action) } else { told.append(effect) }
    }
  }

  func answer(_ effect: Effect) async -> Action? {
    guard case .ask(let question) = effect else { return nil }
    do {
      return .answered(try await question.answer(from: sources) { _ in })
    } catch {
      return .answered(question.failure("\(error)"))
    }
  }

  private var sources: ExplorerSources {
    ExplorerSources(collection: collection, preview: { fakePreview($0.path, $1, $2) })
  }

  var canvas: Canvas { draw(state, columns: state.size.columns, rows: state.size.rows) }
  var lines: [Substring] { canvas.text.split(separator: "\n", omittingEmptySubsequences: false) }
  var header: String { String(lines.first ?? "") }
  var footer: String { String(lines.last { !$0.isEmpty } ?? "") }
}
