import Imaging
import Threads

/// Vectors of picture files, of which some may not be readable.
public struct EmbeddedPictures: Sendable {
  /// Places among the paths of those that were read, in their order.
  public let places: [Int]
  /// A unit vector for each of these.
  public let vectors: EmbeddingMatrix
  /// What was chosen when a picture was read, in sentences, by its path.
  public let notes: [(path: String, notes: [String])]
  /// Why the other pictures could not be read.
  public let failures: [ImageError]
}

extension EmbeddingModel {
  /// Reads and embeds picture files on all cores; one that cannot be read does not affect the others.
  ///
  /// Each picture is released as soon as the tower's input is made from it, so that memory holds one picture
  /// per core, however large they are.
  public func embed(files paths: [String], _ reader: ImageReader) throws -> EmbeddedPictures {
    let results = inParallel(paths.count) {
      index -> Result<(input: [Float], notes: [String]), ImageError> in
      do throws(ImageError) {
        let picture = try reader.read(paths[index])
        return .success((preprocess(picture.pixels), picture.notes))
      } catch {
        return .failure(error)
      }
    }
    var (places, inputs, failures): ([Int], [Float], [ImageError]) = ([], [], [])
    var notes: [(path: String, notes: [String])] = []
    for (place, result) in results.enumerated() {
      switch result {
      case .success(let picture):
        if !picture.notes.isEmpty { notes.append((paths[place], picture.notes)) }
        places.append(place)
        inputs += picture.input
      case .failure(let error): failures.append(error)
      }
    }
    let vectors =
      places.isEmpty
      ? EmbeddingMatrix(count: 0, width: embeddingWidth, values: [])
      : try embedShared(preprocessed: inputs, count: places.count)
    return EmbeddedPictures(places: places, vectors: vectors, notes: notes, failures: failures)
  }
}
