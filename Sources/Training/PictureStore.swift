import AerialScenes
import Compute
import Imaging
import Synchronization

/// Decoded pictures at the size that is trained on, kept in memory within a bound: small files would
/// else be decoded again in every epoch. What does not fit is read anew each time; with random order
/// throwing out older ones would gain nothing.
package final class PictureStore: Sendable {
  /// Shorter side of the pictures.
  package let side: Int
  private let limit: Int
  private let reader: ImageReader
  private let kept = Mutex<(pictures: [TrainingData.Picture: Pixels], bytes: Int)>(([:], 0))
  private let failures = Mutex<[TrainingData.Picture: String]>([:])

  /// - Parameter limit: bytes of pictures that are kept.
  package init(side: Int, limit: Int, reader: ImageReader = ImageReader()) {
    self.side = side
    self.limit = limit
    self.reader = reader
  }

  /// The picture, its shorter side ``side``.
  func pixels(_ picture: TrainingData.Picture) throws(ImageError) -> Pixels {
    if let found = kept.withLock({ $0.pictures[picture] }) { return found }
    let pixels: Pixels
    switch picture {
    case .file(let path): pixels = try reader.read(path).pixels.shortestEdge(side)
    case .scene(let seed, let category, let number):
      guard let scene = Self.scene(seed, category, number, side: side) else {
        throw ImageError(name: picture.name, reason: .invalid("cannot be drawn"))
      }
      pixels = scene.pixels
    }
    keep(pixels, of: picture)
    return pixels
  }

  private func keep(_ pixels: Pixels, of picture: TrainingData.Picture) {
    kept.withLock { kept in
      guard kept.bytes + pixels.bytes.count <= limit, kept.pictures[picture] == nil else { return }
      kept.bytes += pixels.bytes.count
      kept.pictures[picture] = pixels
    }
  }

  private static func scene(_ seed: Int, _ category: String, _ number: Int, side: Int)
    -> AerialScene?
  {
    SceneGenerator(seed: UInt64(seed), side: max(16, side)).scene(
      category: category, number: number)
  }

  /// Draws scenes on all workers, keeps their pictures and tells their captions.
  package func captions(ofScenes scenes: [TrainingData.Picture], workers: Workers) -> [[String]] {
    let parts = workers.count
    let drawn = try? workers.run(parts: parts) { part in
      stride(from: part, to: scenes.count, by: parts).map { place -> (Int, [String]) in
        guard case .scene(let seed, let category, let number) = scenes[place],
          let scene = Self.scene(seed, category, number, side: self.side)
        else { return (place, []) }
        self.keep(scene.pixels, of: scenes[place])
        return (place, scene.captions)
      }
    }
    var captions = Array(repeating: [String](), count: scenes.count)
    for (place, texts) in (drawn ?? []).joined() { captions[place] = texts }
    return captions
  }

  /// Remembers that a picture cannot be read.
  /// - Returns: how many cannot, and whether this one is new among them.
  func fail(_ picture: TrainingData.Picture, _ words: String) -> (count: Int, isNew: Bool) {
    failures.withLock { failures in
      let isNew = failures.updateValue(words, forKey: picture) == nil
      return (failures.count, isNew)
    }
  }

  var failureCount: Int { failures.withLock { $0.count } }

  func hasFailed(_ picture: TrainingData.Picture) -> Bool {
    failures.withLock { $0[picture] != nil }
  }
}
