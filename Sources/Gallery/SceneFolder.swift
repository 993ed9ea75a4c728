import AerialScenes
import Foundation
import Imaging
import Texts
import Threads

/// Why drawn scenes could not be written.
public struct SceneFolderError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// No category, or no scene of any.
    case nothingToDraw
    case unknownCategory
    /// The folder cannot be made.
    case noFolder
    /// A file of this name is there, with other contents.
    case other
    case unwritable
  }

  /// A file, a folder or a category.
  public let path: String
  public let reason: Reason

  public var description: String {
    "\(path): "
      + {
        switch reason {
        case .nothingToDraw: "no category, or no scene of any, is to be drawn"
        case .unknownCategory: "no scene of it can be drawn"
        case .noFolder: "cannot be made; check the folder above it"
        case .other: "is there and is something else"
        case .unwritable: "cannot be written; check the folder and the space on the disk"
        }
      }()
  }
}

/// Scenes as files: drawn on all cores, each written whole or not at all.
public enum SceneFolder {
  public struct Written: Sendable {
    public let filename: String
    public let category: String
    public let captions: [String]
  }

  /// - Parameters:
  ///   - captions: where their captions go; without it `captions.jsonl` beside them.
  ///   - overwriting: whether files of these names with other contents are replaced.
  /// - Throws: ``SceneFolderError`` before anything is written where there are such and they are not replaced.
  @discardableResult
  public static func write(
    categories: [String], count: Int, generator: SceneGenerator, to folder: URL,
    captions: URL? = nil, overwriting: Bool = true
  ) throws -> [Written] {
    guard !categories.isEmpty, count > 0 else {
      throw SceneFolderError(path: folder.path, reason: .nothingToDraw)
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw SceneFolderError(path: folder.path, reason: .noFolder)
    }
    let total = categories.count * count
    let captionFile = captions ?? folder.appendingPathComponent("captions.jsonl")
    if !overwriting {
      try refuseOthers(categories, count, generator, in: folder, captions: captionFile)
    }
    let written = try inParallel(total) { index in
      Result { try draw(categories[index / count], index % count + 1, generator, to: folder) }
    }.map { try $0.get() }
    try write(lines(written), to: captionFile)
    return written
  }

  private static func lines(_ scenes: [Written]) -> Data {
    let lines = scenes.map {
      JSONValue.object([
        ("filename", .text($0.filename)), ("captions", .list($0.captions.map { .text($0) })),
      ]).encoded
    }
    return Data((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Draws what would replace existing files, and compares.
  private static func refuseOthers(
    _ categories: [String], _ count: Int, _ generator: SceneGenerator, in folder: URL, captions: URL
  ) throws {
    func refuse(_ url: URL) -> SceneFolderError {
      SceneFolderError(path: url.path, reason: .other)
    }
    let files = FileManager.default
    let names = Set((try? files.contentsOfDirectory(atPath: folder.path)) ?? [])
    let hasCaptions = files.fileExists(atPath: captions.path)
    var written: [Written] = []
    for category in categories {
      for number in 1...count where hasCaptions || names.contains("\(category)_\(number).jpg") {
        let (scene, file) = try drawn(category, number, generator)
        written.append(scene)
        let url = folder.appendingPathComponent(scene.filename)
        if names.contains(scene.filename), files.contents(atPath: url.path) != file {
          throw refuse(url)
        }
      }
    }
    if hasCaptions, files.contents(atPath: captions.path) != lines(written) {
      throw refuse(captions)
    }
  }

  private static func draw(
    _ category: String, _ number: Int, _ generator: SceneGenerator, to folder: URL
  ) throws -> Written {
    let (scene, file) = try drawn(category, number, generator)
    try write(file, to: folder.appendingPathComponent(scene.filename))
    return scene
  }

  private static func drawn(_ category: String, _ number: Int, _ generator: SceneGenerator) throws
    -> (Written, Data)
  {
    guard let scene = generator.scene(category: category, number: number) else {
      throw SceneFolderError(path: category, reason: .unknownCategory)
    }
    return (
      Written(filename: scene.filename, category: scene.category, captions: scene.captions),
      Data(try JPEG.encode(scene.pixels, quality: 92))
    )
  }

  private static func write(_ data: Data, to url: URL) throws {
    do {
      try data.write(to: url, options: .atomic)
    } catch {
      throw SceneFolderError(path: url.path, reason: .unwritable)
    }
  }
}
