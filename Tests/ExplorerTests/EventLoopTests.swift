import Explorer
import Foundation
import Frame
import ImageCollections
import Retrieval
import Synchronization
import Testing

/// The whole of it without a terminal: scripts through loop, runner and collection.
@Suite struct ScriptTests {
  private func sources(_ collection: any ExploredCollection = FakeCollection()) -> ExplorerSources {
    ExplorerSources(collection: collection, preview: { fakePreview($0.path, $1, $2) })
  }

  private func play(_ text: String, _ collection: any ExploredCollection = FakeCollection())
    async throws
    -> String
  {
    let (script, sources) = (try Script(text), sources(collection))
    return await onOwnThread {
      script.play(sources: sources, state: State(size: Size(columns: 80, rows: 24)))
    }
  }

  /// Runs the loop until it quits, on a screen that gives these inputs.
  private func run(
    _ inputs: [[Input]], _ collection: any ExploredCollection = FakeCollection(),
    waitsForAnswers: Bool = false
  ) async -> (frames: [Canvas], copied: [String], isEnding: Bool) {
    let sources = sources(collection)
    return await onOwnThread {
      let screen = RecordingScreen(inputs: inputs)
      screen.waitsForAnswers = waitsForAnswers
      let loop = EventLoop(
        screen: screen, sources: sources, state: State(size: Size(columns: 80, rows: 24)))
      loop.run()
      return (screen.frames, screen.copied, loop.state.isEnding)
    }
  }

  @Test func aScriptShowsWhatAPersonWouldSee() async throws {
    let frame = try await play("type beach\nkey Enter j j\n")
    let lines = frame.split(separator: "\n")
    #expect(lines[1].contains("› beach"))
    #expect(lines[4].hasPrefix(" ▸ 3"))
    #expect(frame.contains("▚"))
  }

  @Test func framesSizesAndComments() async throws {
    let frames = try await play("# comment\nsize 40 10\nframe\nsize 20 5\nframe\nsize 80 24\nframe")
    #expect(frames.contains("Too small"))
    #expect(frames.contains("scenes · rsicd-mini · 36 images"))
  }

  @Test func quittingEndsAScript() async throws {
    let frames = try await play("frame\nkey Esc q\nkey 3\nframe\nsize 40 10\nframe")
    // One frame was asked for before, and none is drawn afterwards: the view is that of before.
    #expect(frames.components(separatedBy: " clip-rsicd ").count == 2, "\(frames)")
    #expect(!frames.contains("Too small"))
  }

  @Test(arguments: ["hop", "key Entre", "size 80", "size 0 9", "size 80 99999"])
  func aLineThatIsWrongIsNamed(_ line: String) {
    #expect(throws: Script.LineError(line: 2, text: line)) { try Script("frame\n\(line)") }
  }

  @Test func theFirstFrameComesBeforeTheCollectionIsOpened() async {
    let run = await run([[.key(.escape)], [.character("q")]])
    #expect(run.frames.first?.text.contains("Opening the collection") == true)
    #expect(run.isEnding)
  }

  @Test func allInputThatWaitsIsDrawnOnce() async {
    let keys = "a query of many letters".map { Input.character($0) }
    let run = await run([keys, [.key(.escape), .character("q")]], SlowCollection())
    // No frame shows a part of the letters.
    let shown = run.frames.compactMap { frame in
      frame.text.split(separator: "\n").first { $0.contains("› ") }
        .map { $0.split(separator: "› ", maxSplits: 1).last.map(String.init) ?? "" }
    }
    #expect(shown.contains { $0.hasPrefix("a query of many letters") })
    for text in shown where text.hasPrefix("a") {
      #expect(text.hasPrefix("a query of many letters"), "\(text)")
    }
  }

  @Test func copyingGoesToTheScreen() async {
    let run = await run(
      [[.key(.escape)], [], [.character("y")], [.character("q")]], waitsForAnswers: true)
    #expect(run.copied == ["/images/airport_1.jpg"])
  }
}

/// As the program does: the loop waits, so it must not wait on a thread that tasks need.
private func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { done in
    Thread.detachNewThread { done.resume(returning: body()) }
  }
}

@Suite struct EffectRunnerTests {
  /// Gives answers one at a time, when told to.
  private final class Gate: Sendable {
    let posted = Mutex<[Int]>([])
  }

  private func request(_ text: String) -> SearchRequest {
    SearchRequest(
      subject: .query(SearchQuery(text)), model: FakeCollection().models[0],
      limit: 10)
  }

  @Test func aNewerSearchCancelsTheOlder() async throws {
    let gate = Gate()
    let runner = EffectRunner(
      sources: ExplorerSources(
        collection: SlowCollection(), preview: { fakePreview($0.path, $1, $2) })
    ) { action in
      guard case .answered(let answer) = action, let ranked = answer as? SearchAnswer else {
        return
      }
      gate.posted.withLock { $0.append(ranked.generation) }
    }
    for generation in 1...20 {
      let question = SearchQuestion(request("word \(generation)"), generation: generation)
      runner.run(.ask(question))
    }
    while !runner.isIdle { try await Task.sleep(for: .milliseconds(2)) }
    #expect(gate.posted.withLock { $0 } == [20])
  }

  @Test func savesComeOneAfterTheOther() async throws {
    let written = Gate()
    let runner = EffectRunner(
      sources: ExplorerSources(
        collection: FakeCollection(), preview: { fakePreview($0.path, $1, $2) },
        save: { state in written.posted.withLock { $0.append(state.history.count) } })
    ) { _ in }
    for count in 1...10 {
      runner.run(.save(SavedState(history: Array(repeating: "x", count: count))))
    }
    while !runner.isIdle { try await Task.sleep(for: .milliseconds(2)) }
    #expect(written.posted.withLock { $0 } == Array(1...10))
  }

  @Test func theLastSaveIsTheOneThatStays() throws {
    let written = Gate()
    let runner = EffectRunner(
      sources: ExplorerSources(
        collection: FakeCollection(), preview: { fakePreview($0.path, $1, $2) },
        save: { state in
          if state.history.count == 1 { usleep(100_000) }
          written.posted.withLock { $0.append(state.history.count) }
        })
    ) { _ in }
    runner.run(.save(SavedState(history: ["x"])))
    runner.cancelAll()
    runner.saveLast(SavedState(history: ["x", "y"]))
    #expect(written.posted.withLock { $0 } == [1, 2])
  }

  @Test func aLargePictureIsShownRoughlyFirst() async throws {
    let steps = Mutex<[String]>([])
    let runner = EffectRunner(
      sources: ExplorerSources(
        collection: FakeCollection(), preview: { fakePreview($0.path, $1, $2) },
        roughPreview: { image, columns, rows in
          image.path == "/large.jpg" ? fakePreview(image.path, columns, rows) : nil
        })
    ) { action in
      guard case .answered(let answer) = action, let preview = answer as? PreviewAnswer else {
        return
      }
      switch preview.preview {
      case .rough: steps.withLock { $0.append("rough") }
      case .ready: steps.withLock { $0.append("sharp") }
      case .failed: steps.withLock { $0.append("failed") }
      }
    }
    for path in ["/large.jpg", "/small.jpg"] {
      let key = PreviewKey(image: 1, columns: 8, rows: 4)
      let image = IndexedImage(
        id: 1, path: path, category: nil, split: nil, captions: [], width: 8, height: 8,
        byteCount: 1)
      runner.run(.ask(PreviewQuestion(key, image, generation: 1)))
      while !runner.isIdle { try await Task.sleep(for: .milliseconds(2)) }
    }
    #expect(steps.withLock { $0 } == ["rough", "sharp", "sharp"])
  }

  @Test func errorsComeBackAsText() async throws {
    struct Refused: Error, CustomStringConvertible { let description = "no viewer: install one" }
    let texts = Mutex<[String]>([])
    let runner = EffectRunner(
      sources: ExplorerSources(
        collection: FakeCollection(), preview: { fakePreview($0.path, $1, $2) },
        openExternally: { _ in throw Refused() })
    ) { action in
      if case .told(let message) = action { texts.withLock { $0.append(message.text) } }
    }
    runner.run(.openExternally(path: "/a.jpg"))
    while !runner.isIdle { try await Task.sleep(for: .milliseconds(2)) }
    #expect(texts.withLock { $0 } == ["no viewer: install one"])
  }
}

/// Takes a while for each ranking, unless it is cancelled.
private struct SlowCollection: ExploredCollection {
  var fake = FakeCollection()
  func open() async throws -> CollectionSummary { try await fake.open() }
  func load(_ model: IndexedModel) async throws {}
  func rank(_ request: SearchRequest) async throws -> Ranking {
    try await Task.sleep(for: .milliseconds(30))
    return try await fake.rank(request)
  }
  func accuracy(of model: IndexedModel) async throws -> CategoryAccuracy {
    try await fake.accuracy(of: model)
  }
  func rows(_ request: CategoryRequest) async throws -> [CategoryRow] {
    try await fake.rows(request)
  }
}

/// Hands out inputs a batch at a time and keeps what is presented.
private final class RecordingScreen: Screen {
  var size = (columns: 80, rows: 24)
  let hasColor = true
  var frames: [Canvas] = []
  var copied: [String] = []
  /// Gives an empty batch until pictures are there, in place of a person who looks.
  var waitsForAnswers = false
  private var inputs: [[Input]]
  private var waits = 0

  init(inputs: [[Input]]) { self.inputs = inputs }

  func present(_ canvas: Canvas) { frames.append(canvas) }
  func waitForInput(milliseconds: Int) -> [Input] {
    waits += 1
    if waitsForAnswers, waits < 2_000, inputs.count == 2,
      frames.last?.text.contains("airport_1.jpg") != true
    {
      // Answers come from other threads; the loop asks again, for ten seconds.
      Thread.sleep(forTimeInterval: 0.005)
      return []
    }
    return inputs.isEmpty ? [.control("c")] : inputs.removeFirst()
  }
  var waker: @Sendable () -> Void { {} }
  func suspend() {}
  func copyToClipboard(_ text: String) { copied.append(text) }
  func redraw() {}
}
