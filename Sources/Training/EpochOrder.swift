import RandomNumbers
import Imaging

/// Which pair comes at which place of an epoch: a function of data, seed and epoch, and of nothing that
/// happened before, so that a run can begin anywhere.
package struct EpochOrder: Sendable {
  package struct Pair: Sendable, Equatable {
    package let picture: Int
    package let text: Int
  }

  package let pairs: [Pair]

  /// What the streams of random numbers are for.
  private enum Purpose {
    static let shuffle: UInt64 = 1
    static let part: UInt64 = 2
    static let captions: UInt64 = 3
    static let category: UInt64 = 4
  }

  package init(_ data: TrainingData, seed: UInt64, epoch: Int) {
    let epoch = UInt64(epoch)
    var all: [(set: Int, item: Int, slot: Int)] = []
    for (place, set) in data.sets.enumerated() {
      var once: [(set: Int, item: Int, slot: Int)] = []
      once.reserveCapacity(set.pairs)
      for (index, item) in set.items.enumerated() {
        for slot in 0..<min(set.settings.captionsPerImage, item.captions.count) {
          once.append((place, index, slot))
        }
      }
      let whole = Int(set.settings.weight)
      for _ in 0..<whole { all += once }
      let rest = Int((Double(once.count) * (set.settings.weight - Double(whole))).rounded())
      var random = RandomNumbers(seed, epoch, Purpose.part, UInt64(place))
      all += random.permutation(once.count).prefix(rest).map { once[$0] }
    }
    var random = RandomNumbers(seed, epoch, Purpose.shuffle)
    let order = random.permutation(all.count)
    pairs = order.enumerated().map { place, index in
      let (set, item, slot) = all[index]
      return Self.pair(data.sets[set], set, item, slot, seed: seed, epoch: epoch, place: place)
    }
  }

  private static func pair(
    _ set: TrainingData.Set, _ number: Int, _ index: Int, _ slot: Int, seed: UInt64, epoch: UInt64,
    place: Int
  ) -> Pair {
    let item = set.items[index]
    if let replaced = item.categoryCaption {
      var random = RandomNumbers(seed, epoch, Purpose.category, UInt64(place))
      if random.chance(set.settings.categoryCaption) {
        return Pair(picture: item.picture, text: replaced)
      }
    }
    guard set.settings.captionChoice == .random else {
      return Pair(picture: item.picture, text: item.captions[slot])
    }
    // One order of the captions for picture and epoch, so that two slots never draw the same.
    var random = RandomNumbers(seed, epoch, Purpose.captions, UInt64(number), UInt64(index))
    let order = random.permutation(item.captions.count)
    return Pair(picture: item.picture, text: item.captions[order[slot]])
  }

  /// Pairs of every epoch.
  package static func count(_ data: TrainingData) -> Int {
    data.sets.reduce(0) { sum, set in
      let whole = Int(set.settings.weight)
      let rest = Double(set.pairs) * (set.settings.weight - Double(whole))
      return sum + whole * set.pairs + Int(rest.rounded())
    }
  }
}
