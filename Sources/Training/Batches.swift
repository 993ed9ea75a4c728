import RandomNumbers
import Compute
import Dispatch
import Foundation
import Imaging
import Synchronization
import Threads

/// Batches of a run from any place on, made ready beside the training step: what one epoch's order and
/// the recipe's augmentation say, whatever the number of threads.
package final class Batches: Sendable {
  /// What making a batch needs.
  package struct Source: Sendable {
    let data: TrainingData
    let store: PictureStore
    let augmentation: Augmentation
    let preprocessing: ImagePreprocessing
    let seed: UInt64
    /// Pairs of a batch.
    let size: Int
    /// The places of a batch that are made here, as other ranks make the others.
    let places: Range<Int>
    /// Batches of an epoch; what is left over of its pairs is not used.
    let perEpoch: Int
    /// Told of every picture that cannot be read, once.
    let note: @Sendable (String) -> Void

    package init(
      data: TrainingData, store: PictureStore, augmentation: Augmentation,
      preprocessing: ImagePreprocessing, seed: UInt64, size: Int, places: Range<Int>? = nil,
      perEpoch: Int, note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.data = data
      self.store = store
      self.augmentation = augmentation
      self.preprocessing = preprocessing
      self.seed = seed
      self.size = size
      self.places = places ?? 0..<size
      self.perEpoch = perEpoch
      self.note = note
    }

    /// Pictures that may fail before a run stops.
    var mostFailures: Int { max(8, data.pictures.count / 20) }
  }

  private let source: Source
  private let workers: Workers
  private let ready = Mutex<[Result<TrainingBatch, any Error>]>([])
  private let filled = DispatchSemaphore(value: 0)
  /// Batches that may still be made ahead. Starts at 0: libdispatch traps where a semaphore ends below
  /// what it began with.
  private let room = DispatchSemaphore(value: 0)
  private static let ahead = 2
  private let hasEnded = Mutex(false)
  /// Seconds in which the step had to wait, and those that making batches took on all threads.
  private let waited = Mutex((waiting: 0.0, working: 0.0))

  /// - Parameter first: the batch to begin with, counted from the start of the run.
  package init(_ source: Source, from first: Int, workers: Workers) {
    self.source = source
    self.workers = workers
    let produce: @Sendable () -> Void = { [weak self, filled, room] in
      var (epoch, order) = (-1, EpochOrder?.none)
      var next = first
      while true {
        room.wait()
        guard let self, !self.hasEnded.withLock({ $0 }) else { return }
        let (nextEpoch, place) = (next / source.perEpoch, next % source.perEpoch)
        if nextEpoch != epoch || order == nil {
          order = EpochOrder(source.data, seed: source.seed, epoch: nextEpoch)
          epoch = nextEpoch
        }
        let pairs = order?.pairs ?? []
        let made = Result { try self.make(pairs, epoch: nextEpoch, first: place * source.size) }
        self.ready.withLock { $0.append(made) }
        filled.signal()
        if case .failure = made { return }
        next += 1
      }
    }
    for _ in 0..<Self.ahead { room.signal() }
    do throws(ThreadError) {
      try OwnThread.start("batches", stackBytes: 4 << 20, produce)
    } catch {
      ready.withLock { $0.append(.failure(error)) }
      filled.signal()
    }
  }

  /// Lets the thread end that makes batches.
  package func end() {
    hasEnded.withLock { $0 = true }
    room.signal()
  }

  /// The next batch.
  /// - Throws: ``RunError`` where too many pictures cannot be read any more.
  package func next() throws -> TrainingBatch {
    let start = ContinuousClock.now
    filled.wait()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    waited.withLock { $0.waiting += seconds }
    let result = ready.withLock { $0.removeFirst() }
    room.signal()
    return try result.get()
  }

  /// Seconds that ``next()`` waited, and that making batches took, summed over threads.
  package var seconds: (waiting: Double, working: Double) { waited.withLock { $0 } }

  private func make(_ pairs: [EpochOrder.Pair], epoch: Int, first: Int) throws -> TrainingBatch {
    let (start, size) = (first + source.places.lowerBound, source.places.count)
    let parts = min(workers.count, size)
    let made = try workers.run(parts: parts) { [self] part in
      // Only what the training step leaves idle: on Linux this is the thread's own priority.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)
      let begin = ContinuousClock.now
      let places = start + size * part / parts..<start + size * (part + 1) / parts
      let result = try source.samples(pairs, epoch: epoch, places: places)
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      waited.withLock { $0.working += seconds }
      return result
    }
    var batch = TrainingBatch(pixels: [], tokens: [], imageKeys: [], captionKeys: [])
    batch.pixels.reserveCapacity(made.reduce(0) { $0 + $1.pixels.count })
    for part in made {
      batch.pixels += part.pixels
      batch.tokens += part.tokens
      batch.imageKeys += part.imageKeys
      batch.captionKeys += part.captionKeys
      batch.categories += part.categories
    }
    batch.prompts = source.data.prompts
    return batch
  }
}

extension Batches.Source {
  func samples(_ pairs: [EpochOrder.Pair], epoch: Int, places: Range<Int>) throws -> TrainingBatch {
    let side = preprocessing.output.width
    var batch = TrainingBatch(pixels: [], tokens: [], imageKeys: [], captionKeys: [])
    batch.pixels.reserveCapacity(3 * side * side * places.count)
    for place in places {
      let (pair, pixels) = try picture(pairs, at: place)
      var random = RandomNumbers(seed, UInt64(epoch), UInt64(place), 0xA06)
      pixels.augmented(augmentation, side: side, using: &random)
        .appendNormalized(preprocessing, to: &batch.pixels)
      batch.tokens.append(data.texts[pair.text])
      batch.imageKeys.append(pair.picture)
      batch.captionKeys.append(pair.text)
      batch.categories.append(data.categories[pair.picture])
    }
    return batch
  }

  /// The pair at a place; the next one whose picture is there where this one's is gone or unreadable.
  private func picture(_ pairs: [EpochOrder.Pair], at place: Int) throws -> (
    EpochOrder.Pair, Pixels
  ) {
    for step in 0..<pairs.count {
      let pair = pairs[(place + step) % pairs.count]
      let picture = data.pictures[pair.picture]
      if store.hasFailed(picture) { continue }
      do throws(ImageError) {
        return (pair, try store.pixels(picture))
      } catch {
        let (count, isNew) = store.fail(picture, error.description)
        if isNew { note("\(error); its pairs are left out from now on") }
        guard count <= mostFailures else {
          throw RunError(
            "\(error); \(count) of \(data.pictures.count) pictures have vanished or cannot be read, "
              + "more than a run goes on with", isAboutData: true)
        }
      }
    }
    throw RunError(
      "not one of \(data.pictures.count) pictures can be read any more", isAboutData: true)
  }
}
