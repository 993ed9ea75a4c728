import Datasets
import Files
import Foundation
import Imaging
import Threads

/// Which of the files found are scenes: those that the collection knows as such, those that were named, and
/// those larger than the request's limit. The others are pictures.
struct SceneSelection {
  private(set) var scenes: [FoundImage] = []
  private(set) var pictures: [FoundImage] = []

  /// - Parameters:
  ///   - known: paths of the collection's scenes.
  ///   - named: files that were given one by one.
  ///   - request: `nil` where only known scenes are.
  init(
    _ found: [FoundImage], known: Set<PathBytes>, named: Set<PathBytes>, _ request: SceneRequest?,
    reader: ImageReader
  ) {
    let isScene = inParallel(found.count) { index -> Bool in
      let image = found[index]
      if known.contains(image.key) { return true }
      guard let request else { return false }
      if named.contains(image.key) { return true }
      do throws(ImageError) {
        let facts = try reader.facts(of: image.path)
        return max(facts.width, facts.height) > request.above
      } catch {
        // Told when it is read as a picture.
        return false
      }
    }
    for (image, isScene) in zip(found, isScene) {
      if isScene { scenes.append(image) } else { pictures.append(image) }
    }
  }
}
