import Datasets
import Files
import Foundation
import GRDB
import Imaging
import Scenes
import Threads
import VectorIndexes

/// The scenes of a run: compared with what is stored, cut into windows, and the windows that are missing
/// embedded and committed as they come. A run may be killed at any moment, as with pictures.
struct SceneIndexing {
  let database: DatabaseQueue
  let request: IndexingRequest
  /// Keys of the request's models.
  let modelIDs: [Int64]
  let finder: PictureFinder
  let scenes: [FoundImage]
  let cancelled: StopFlag
  let progress: @Sendable (IndexingProgress) -> Void

  /// A commit comes at least after this many windows or seconds.
  private static let batch = 64
  private static let secondsPerBatch = 2.0

  private var options: SceneRequest { request.scenes ?? SceneRequest() }

  /// A scene of which windows are missing.
  private struct Waiting {
    let file: FoundImage
    let digest: FileDigest?
    let plan: WindowPlan
    let tasks: [WindowTask]
    /// Whether what is stored of it is void.
    let isNew: Bool
  }

  func run(_ report: inout IndexingReport) throws {
    var found = SceneReport()
    found.found = scenes.count
    let stored = try database.read { try StoredScene.all($0) }
    guard !scenes.isEmpty || !stored.isEmpty else { return }
    defer { report.scenes = found }
    var waiting: [Waiting] = []
    var moved: Set<Int64> = []
    let known = Dictionary(stored.map { ($0.file.key, $0) }, uniquingKeysWith: { $1 })
    for file in scenes {
      if cancelled.isSet { throw CancellationError() }
      do {
        let next = try compare(file, known[file.key], stored, &moved, &found)
        if let next { waiting.append(next) }
      } catch let error as ImageError {
        // A file that was only half looked at is not one that cannot be read.
        if cancelled.isSet { throw CancellationError() }
        tell(error, file, known[file.key] != nil, &report)
      }
    }
    try removeGone(stored, except: moved, &report, &found)
    try embed(waiting, &report, &found)
  }

  private func tell(
    _ error: ImageError, _ file: FoundImage, _ isKnown: Bool, _ report: inout IndexingReport
  ) {
    let rest = isKnown ? "; what was indexed of it before is kept" : ""
    report.unreadable.append((file.path, "\(error)\(rest)", error))
  }

  // MARK: What is to be done

  /// - Returns: `nil` where nothing is.
  private func compare(
    _ file: FoundImage, _ known: StoredScene?, _ stored: [StoredScene],
    _ moved: inout Set<Int64>, _ report: inout SceneReport
  ) throws -> Waiting? {
    var known = known
    var digest: FileDigest?
    if known == nil || !file.isUnchanged(since: known?.file ?? file) || request.rereading {
      digest = self.digest(of: file)
      let same =
        known ?? stored.first { $0.digest == digest && !moved.contains($0.id) && isGone($0) }
      if let same, let digest, same.isSound, same.digest == digest {
        if known == nil {
          moved.insert(same.id)
          report.moved += 1
        } else if !file.isUnchanged(since: same.file) {
          report.touched += 1
        }
        if known == nil || !file.isUnchanged(since: same.file) {
          try database.write { try SceneWriter(database: $0).move(same, to: file) }
        }
        known = same
      } else {
        known = nil
      }
    }
    if let scene = known, !scene.isSound || isReadOtherwise(scene, file) { known = nil }
    guard let known else {
      return try fresh(file, digest ?? self.digest(of: file))
    }
    let plan = try plan(of: file, known)
    let wanted = plan.windows(width: known.width, height: known.height)
    let tasks = try missing(wanted, of: known, plan, &report)
    guard !tasks.isEmpty else {
      report.unchanged += 1
      return nil
    }
    return Waiting(
      file: file, digest: digest ?? known.digest, plan: plan, tasks: tasks, isNew: false)
  }

  private func fresh(_ file: FoundImage, _ digest: FileDigest?) throws(ImageError) -> Waiting {
    let scene = try open(file)
    let plan = try plan(of: scene, file)
    let all = Array(modelIDs.indices)
    let tasks = plan.windows(width: scene.width, height: scene.height).map {
      WindowTask($0, models: all)
    }
    return Waiting(file: file, digest: digest, plan: plan, tasks: tasks, isNew: true)
  }

  private func open(_ file: FoundImage) throws(ImageError) -> Scene {
    let cancelled = cancelled
    return try Scene(file.path, request.reader) { cancelled.isSet }
  }

  private func digest(of file: FoundImage) -> FileDigest? {
    (try? FileDigest(ofFile: file.path) { cancelled.isSet }) ?? nil
  }

  private func isGone(_ scene: StoredScene) -> Bool {
    do throws(FileFacts.Failure) {
      _ = try FileFacts(scene.file.path)
      return false
    } catch {
      return error.isAbsence
    }
  }

  private func isReadOtherwise(_ scene: StoredScene, _ file: FoundImage) -> Bool {
    guard scene.reading < ImageReader.revision else { return false }
    let change = try? request.reader.change(of: file.path, since: scene.reading)
    return change.flatMap { $0 } != nil
  }

  private func plan(of file: FoundImage, _ known: StoredScene) throws(ImageError) -> WindowPlan {
    let stride = options.stride ?? known.stride
    switch options.size {
    case nil: return WindowPlan(sides: known.sides, stride: stride)
    case .pixels(let sides): return WindowPlan(sides: sides, stride: stride)
    case .metres, .usual: return try plan(of: open(file), file)
    }
  }

  private func plan(of scene: Scene, _ file: FoundImage) throws(ImageError) -> WindowPlan {
    do throws(WindowSizeError) {
      let sides = try (options.size ?? .usual).sides(of: scene)
      return WindowPlan(sides: sides, stride: options.stride ?? WindowPlan.usualStride)
    } catch {
      throw ImageError(name: file.path, reason: .invalid(error.words))
    }
  }

  /// The windows without all vectors; drops those that are damaged, or of other sizes.
  private func missing(
    _ wanted: [PixelRegion], of scene: StoredScene, _ plan: WindowPlan,
    _ report: inout SceneReport
  ) throws -> [WindowTask] {
    try database.write { database in
      let writer = SceneWriter(database: database)
      if plan != scene.plan { try writer.set(plan, of: scene.id) }
      var windows = try scene.windows(writer.database)
      let isWanted = Set(wanted)
      for (region, window) in windows where !window.isSound || !isWanted.contains(region) {
        try writer.remove(window)
        windows[region] = nil
        if window.isSound, window.image != nil { report.otherSizes += 1 }
      }
      return wanted.compactMap { region -> WindowTask? in
        guard let window = windows[region] else {
          return WindowTask(region, models: Array(modelIDs.indices))
        }
        let models = modelIDs.indices.filter { !window.models.contains(modelIDs[$0]) }
        return window.image == nil || models.isEmpty ? nil : WindowTask(region, models: models)
      }
    }
  }

  /// Scenes below the folders whose files are not there any more.
  private func removeGone(
    _ stored: [StoredScene], except moved: Set<Int64>, _ report: inout IndexingReport,
    _ found: inout SceneReport
  ) throws {
    let present = Set(finder.images.map(\.key))
    let hidden = Set(finder.hidden)
    for scene in stored where !moved.contains(scene.id) && !present.contains(scene.file.key) {
      let path = scene.file.key
      guard let root = finder.roots.first(where: { path.isBelow($0) }) else { continue }
      if finder.bareRoots.contains(root)
        || hidden.contains(where: { path == $0 || path.isBelow($0) })
      {
        report.kept.append(
          KeptImages(
            place: finder.bareRoots.contains(root) ? root.description : path.parent.description,
            count: 1,
            reason: finder.bareRoots.contains(root) ? KeptImages.bare : KeptImages.hidden))
        continue
      }
      guard isGone(scene) else { continue }
      try database.write { try SceneWriter(database: $0).remove(scene.id) }
      found.removed += 1
    }
  }

  // MARK: Windows

  private func embed(
    _ waiting: [Waiting], _ report: inout IndexingReport, _ found: inout SceneReport
  ) throws {
    let total = waiting.reduce(0) { $0 + $1.tasks.count }
    guard total > 0 else { return }
    let start = ContinuousClock.now
    var done = 0
    for scene in waiting {
      let before = done
      do {
        try embed(scene, &report, &found) { count in
          done += count
          let seconds = max(1e-9, (ContinuousClock.now - start) / .seconds(1))
          let rate = Double(done) / seconds
          progress(
            .init(
              phase: .cutting, done: done, total: total, imagesPerSecond: rate,
              secondsLeft: Double(total - done) / max(1e-9, rate)))
        }
      } catch let error as ImageError {
        if error.reason == .cancelled { throw CancellationError() }
        report.unreadable.append((scene.file.path, "\(error)", error))
      }
      done = before + scene.tasks.count
    }
    report.imagesPerSecond = Double(done) / max(1e-9, (ContinuousClock.now - start) / .seconds(1))
  }

  private func embed(
    _ waiting: Waiting, _ report: inout IndexingReport, _ found: inout SceneReport,
    _ tell: (Int) -> Void
  ) throws {
    let scene = try open(waiting.file)
    let cancelled = cancelled
    let places = Places(of: scene)
    let id = try begin(waiting, scene, places)
    report.notes += scene.notes.map { (waiting.file.path, $0) }
    let pipeline = WindowPipeline(
      scene, waiting.tasks, models: request.models, leastData: options.leastData,
      threads: request.threads ?? ProcessInfo.processInfo.activeProcessorCount
    ) { cancelled.isSet }
    var outcomes: [WindowOutcome] = []
    var lastCommit = ContinuousClock.now
    func commit() throws {
      guard !outcomes.isEmpty else { return }
      try database.write { database in
        let writer = SceneWriter(database: database)
        for outcome in outcomes {
          try writer.write(
            outcome, of: (id, waiting.file), area: places.area(of: outcome.region),
            models: modelIDs)
        }
      }
      found.windows += outcomes.count { !$0.vectors.isEmpty }
      found.empty += outcomes.count { $0.vectors.isEmpty }
      (outcomes, lastCommit) = ([], .now)
    }
    do {
      try pipeline.run { some in
        outcomes += some
        if outcomes.count >= Self.batch
          || (ContinuousClock.now - lastCommit) / .seconds(1) >= Self.secondsPerBatch
        {
          try commit()
        }
        tell(some.count)
      }
    } catch {
      try commit()
      throw error
    }
    try commit()
    try checkUnchanged(waiting.file)
  }

  /// The scene's row, before any of its windows.
  private func begin(_ waiting: Waiting, _ scene: Scene, _ places: Places) throws -> Int64 {
    try database.write { database in
      let writer = SceneWriter(database: database)
      if waiting.isNew {
        let old = try Int64.fetchOne(
          database, sql: "SELECT id FROM scenes WHERE path = ?", arguments: [waiting.file.path])
        if let old { try writer.remove(old) }
      }
      return try writer.write(
        .init(
          file: waiting.file, digest: waiting.digest, width: scene.width, height: scene.height,
          notes: scene.notes, taken: scene.taken, placement: places.place.map(ScenePlacement.init),
          plan: waiting.plan))
    }
  }

  /// A file that was replaced while it was read has windows of both: the stored size and time are the former
  /// one's, so that the next run makes them anew.
  private func checkUnchanged(_ file: FoundImage) throws(ImageError) {
    guard let facts = try? FileFacts(file.path), facts.byteCount == file.byteCount,
      facts.modifiedNanoseconds == file.modifiedNanoseconds
    else {
      throw ImageError(
        name: file.path, reason: .invalid("it changed while it was read; index again"))
    }
  }

  /// Where windows lie.
  private struct Places {
    let place: ScenePlace?
    let camera: GeographicPosition?

    init(of scene: Scene) {
      switch scene.place {
      case .found(let place): (self.place, camera) = (place, nil)
      case .camera(let position): (place, camera) = (nil, position)
      case .none: (place, camera) = (nil, nil)
      }
    }

    func area(of region: PixelRegion) -> GeographicArea? {
      if let camera { return GeographicArea(around: [camera]) }
      return place?.corners(of: region).flatMap { GeographicArea(around: $0) }
    }
  }
}

extension WindowSizeError {
  var words: String {
    switch self {
    case .noPlace: "windows in metres need a scene that says where it lies; give pixels"
    case .tooSmall(let metres):
      "a pixel is \(metres) m on the ground, so the windows would be too small; give more metres"
    }
  }
}
