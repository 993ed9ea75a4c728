import AerialScenes
import Files
import Foundation
import ImageCollections
import Models
import Threads

/// The collection for a user who has none yet: scenes drawn and indexed at the first run, and kept in the
/// user's data folder.
///
///     gallery/scenes/airport_1.jpg …   what was drawn, with captions.jsonl
///     gallery/gallery.sqlite           the collection, put in place last: with it all is complete
///     gallery/version                  what the two were made by
///
/// Everything is made beside its place and renamed when it is whole, under a lock that the system
/// releases with its process; so a run that was killed leaves nothing that passes for a gallery.
public struct Gallery: Sendable {
  /// The version of the drawings, raised when a change of the generator should reach galleries that exist.
  package static let drawingVersion = 4
  package static let scenesPerCategory = 10
  static let side = 256

  let folder: URL
  /// Folders of the models that it is indexed with: the baseline, then the fine-tuned one.
  let models: @Sendable () throws -> [String]

  /// - Parameters:
  ///   - folder: `gallery` in the user's data folder.
  ///   - models: asked for when they are needed.
  public init(folder: URL, models: @escaping @Sendable () throws -> [String]) {
    (self.folder, self.models) = (folder, models)
  }

  public var collection: URL { folder.appendingPathComponent("gallery.sqlite") }
  private var scenes: URL { folder.appendingPathComponent("scenes") }
  private var captions: URL { scenes.appendingPathComponent("captions.jsonl") }
  private var versionFile: URL { folder.appendingPathComponent("version") }

  /// There, and made by this program from these models.
  func isComplete(for stamp: String) -> Bool {
    FileManager.default.fileExists(atPath: collection.path) && storedVersion == stamp
  }

  /// The path of the embedded collection, which is drawn and indexed first where there is none.
  /// - Parameter progress: gets a line of text now and then, from any thread.
  /// - Throws: ``GalleryError``, and what `models` throws.
  public func ensure(progress: @escaping @Sendable (String) -> Void) async throws -> String {
    let directories = try models()
    let stamp = try Self.stamp(of: directories)
    if isComplete(for: stamp) { return collection.path }
    do {
      try FileManager.default.createDirectory(
        at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
      let lock = try await Self.lock(folder.path + ".lock") {
        progress("Waiting for another run that is making the gallery")
      }
      defer { withExtendedLifetime(lock) {} }
      // Another run may have made it meanwhile.
      if isComplete(for: stamp) { return collection.path }
      if !hasDrawings { try await draw(progress: progress) }
      try await index(directories, progress: progress)
      try Data(stamp.utf8).write(to: versionFile, options: .atomic)
      return collection.path
    } catch let error as CancellationError {
      throw error
    } catch {
      // A gallery of another version that cannot be replaced, say on a full disk, is better than none.
      if hasDrawings, FileManager.default.fileExists(atPath: collection.path) {
        return collection.path
      }
      throw GalleryError(
        path: folder.path, why: (error as? CocoaError)?.localizedDescription ?? "\(error)",
        isAboutThePlace: Self.isAboutThePlace(error))
    }
  }

  /// Waits for another holder without keeping a thread; `waiting` is called once if it has to.
  private static func lock(_ path: String, waiting: () -> Void) async throws -> FileLock {
    var isTold = false
    while true {
      do throws(FileLock.Failure) {
        return try FileLock(path)
      } catch .taken {
        if !isTold { waiting() }
        isTold = true
      } catch {
        throw GalleryError(
          path: path, why: unsafe String(cString: strerror(error.code)), isAboutThePlace: true)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Whether another folder would help: files could not be made, and neither a model nor an image is at
  /// fault.
  private static func isAboutThePlace(_ error: any Error) -> Bool {
    if let error = error as? GalleryError { return error.isAboutThePlace }
    if let error = error as? SceneFolderError {
      return error.reason == .noFolder || error.reason == .unwritable
    }
    guard let code = (error as? CocoaError)?.code.rawValue else { return false }
    let fileErrors = 4...260
    let writeErrors = 512...642
    return fileErrors.contains(code) || writeErrors.contains(code)
  }

  // MARK: What it was made by

  private var storedVersion: String? {
    (try? Data(contentsOf: versionFile)).map { String(decoding: $0.prefix(4096), as: UTF8.self) }
  }

  private static var drawingLine: String {
    "drawings \(drawingVersion): \(scenesPerCategory) of \(SceneGenerator.categories.count) "
      + "categories, \(side) pixels"
  }

  /// Names the drawings and, by size and time of their weights, the models: cheap enough for every
  /// start, where reading the weights to hash them would not be.
  private static func stamp(of directories: [String]) throws -> String {
    let models = try directories.map { directory in
      let file = URL(fileURLWithPath: directory).appendingPathComponent("model.safetensors").path
      let facts = try FileManager.default.attributesOfItem(atPath: file)
      let time = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return "model \(file) \(facts[.size] ?? 0) \(time)"
    }
    return ([drawingLine] + models).joined(separator: "\n") + "\n"
  }

  private var hasDrawings: Bool {
    let drawn = try? Data(contentsOf: folder.appendingPathComponent("drawings"))
    return drawn == Data(Self.drawingLine.utf8)
  }

  // MARK: Making it

  /// Draws every scene into a folder beside the gallery and puts that in the gallery's place.
  private func draw(progress: @escaping @Sendable (String) -> Void) async throws {
    let files = FileManager.default
    let partial = folder.deletingLastPathComponent().appendingPathComponent("gallery.partial")
    let categories = SceneGenerator.categories
    progress("Drawing the gallery: \(categories.count * Self.scenesPerCategory) scenes")
    do {
      if files.fileExists(atPath: partial.path) { try files.removeItem(at: partial) }
      let drawings = partial.appendingPathComponent("scenes")
      try await OwnThread.run("gallery") {
        _ = try SceneFolder.write(
          categories: categories, count: Self.scenesPerCategory,
          generator: SceneGenerator(side: Self.side), to: drawings)
      }
      try Task.checkCancellation()
      try Data(Self.drawingLine.utf8).write(to: partial.appendingPathComponent("drawings"))
      if files.fileExists(atPath: folder.path) { try files.removeItem(at: folder) }
      try files.moveItem(at: partial, to: folder)
    } catch {
      try? files.removeItem(at: partial)
      throw error
    }
  }

  /// Indexes the drawings, which are in their final place, into a file that is renamed when complete.
  private func index(
    _ directories: [String], progress: @escaping @Sendable (String) -> Void
  ) async throws {
    let files = FileManager.default
    // A gallery with the same drawings and other models is updated in place.
    let stands = files.fileExists(atPath: collection.path)
    let target = stands ? collection : folder.appendingPathComponent("gallery.partial.sqlite")
    if !stands { try Self.remove(target) }
    let request = IndexingRequest(
      folders: [scenes.path], captionFiles: [captions.path],
      models: try directories.map { try EmbeddingModels.open($0) }, collection: target.path,
      replacingModels: true)
    _ = try await Indexer(request).run { step in
      if step.phase == .embedding {
        progress("Indexing the gallery: \(step.done) of \(step.total) scenes")
      }
    }
    guard !stands else { return }
    try Self.move(target, to: collection)
    // Nobody else can hold it: whoever makes a gallery holds the gallery's own lock.
    try? files.removeItem(atPath: target.path + ".lock")
  }

  /// SQLite may leave a log and its index beside a file that was closed in a hurry.
  private static let companions = ["-wal", "-shm", ""]

  private static func remove(_ file: URL) throws {
    for suffix in companions where FileManager.default.fileExists(atPath: file.path + suffix) {
      try FileManager.default.removeItem(atPath: file.path + suffix)
    }
  }

  private static func move(_ file: URL, to place: URL) throws {
    for suffix in companions where FileManager.default.fileExists(atPath: file.path + suffix) {
      try FileManager.default.moveItem(atPath: file.path + suffix, toPath: place.path + suffix)
    }
  }
}

/// Why there is no embedded gallery.
public struct GalleryError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let why: String
  /// Whether another folder would help.
  public let isAboutThePlace: Bool

  public var description: String { "\(path): cannot make the embedded gallery (\(why))" }
}
