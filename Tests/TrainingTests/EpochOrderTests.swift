import Tokenizers
import AerialScenes
import Models
import Compute
import Foundation
import Imaging
import TestSupport
import Testing
import Training

@Suite struct EpochOrderTests {
  private func data(_ recipe: Recipe) throws -> TrainingData {
    let tokenizer = try Tokenizer(contentsOf: Places.model("clip-mini"), contextLength: 16)
    let store = PictureStore(side: 32, limit: 1 << 24)
    let workers = Workers(count: 2)
    return try TrainingData(recipe.data, tokenizer: tokenizer) {
      store.captions(ofScenes: $0, workers: workers)
    }
  }

  @Test("missing pictures are counted, equal captions are one text, the first captions are taken")
  func pairs() throws {
    try TrainingWorkshop.run { workshop in
      let data = try data(
        workshop.recipe(
          "run", "data.0.caption_choice=first", "data.0.captions_per_image=2",
          "data.0.category_caption=0"))
      #expect(data.missing == 1)
      #expect(data.pictures.count == 24)
      // One for the category, one for each picture.
      #expect(data.texts.count == 4 + 24)
      #expect(EpochOrder.count(data) == 48)
      let order = EpochOrder(data, seed: 1, epoch: 0)
      #expect(order.pairs.count == 48)
      #expect(Set(order.pairs.map(\.picture)).count == 24)
      for item in data.sets[0].items {
        let texts = order.pairs.filter { $0.picture == item.picture }.map(\.text)
        #expect(Set(texts) == Set(item.captions.prefix(2)))
      }
    }
  }

  @Test("an epoch's order depends on seed and epoch, and on nothing else")
  func order() throws {
    try TrainingWorkshop.run { workshop in
      let data = try data(workshop.recipe())
      let first = EpochOrder(data, seed: 1, epoch: 0).pairs
      #expect(first == EpochOrder(data, seed: 1, epoch: 0).pairs)
      #expect(first != EpochOrder(data, seed: 1, epoch: 1).pairs)
      #expect(first != EpochOrder(data, seed: 2, epoch: 0).pairs)
      #expect(first.map(\.picture).sorted() == Array(0..<24))
    }
  }

  @Test("weights repeat and halve a data set, and halves differ from epoch to epoch")
  func weights() throws {
    try TrainingWorkshop.run { workshop in
      let data = try data(workshop.recipe("run", "data.0.weight=1.5"))
      #expect(EpochOrder.count(data) == 36)
      let counts = (0..<2).map { epoch in
        Dictionary(
          EpochOrder(data, seed: 1, epoch: epoch).pairs.map { ($0.picture, 1) }, uniquingKeysWith: +
        )
      }
      #expect(counts[0].count == 24 && counts[0].values.max() == 2)
      #expect(counts[0] != counts[1])
    }
  }

  @Test("one caption in N is the category's")
  func categories() throws {
    try TrainingWorkshop.run { workshop in
      let data = try data(
        workshop.recipe("run", "data.0.category_caption=0.25", "data.0.weight=20"))
      let captions = Set(data.sets[0].items.compactMap(\.categoryCaption))
      #expect(captions.count == 4)
      let share = EpochOrder(data, seed: 1, epoch: 0).pairs.count { captions.contains($0.text) }
      #expect((80...160).contains(share))
    }
  }

  @Test("drawn scenes are pictures with captions like others, drawn once")
  func scenes() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe(
        "run", "data=[{scenes = 2, seeds = [1000, 1001], captions_per_image = 5}]")
      let data = try data(recipe)
      #expect(data.pictures.count == 2 * 2 * 30)
      #expect(data.sets[0].pairs == 5 * 120)
      #expect(Set(data.pictures).count == 120)
    }
  }

  @Test("a batch is the same whatever the number of threads, and wherever a run begins")
  func batches() throws {
    try TrainingWorkshop.run { workshop in
      let recipe = try workshop.recipe()
      let data = try data(recipe)
      func batches(from first: Int, threads: Int, cache: Int) throws -> Batches {
        let preprocessing = try ImagePreprocessing(
          contentsOf: workshop.path("tiny/preprocessor_config.json"), side: 32)
        return Batches(
          .init(
            data: data, store: PictureStore(side: 36, limit: cache),
            augmentation: recipe.augmentation, preprocessing: preprocessing, seed: 9, size: 8,
            perEpoch: 3), from: first, workers: Workers(count: threads))
      }
      let one = try batches(from: 0, threads: 1, cache: 1 << 24)
      let three = try batches(from: 0, threads: 3, cache: 0)
      let later = try batches(from: 3, threads: 2, cache: 10_000)
      var seen: [[Float]] = []
      for number in 0..<6 {
        let (a, b) = (try one.next(), try three.next())
        #expect(a.pixels == b.pixels && a.tokens == b.tokens)
        #expect(a.imageKeys == b.imageKeys && a.captionKeys == b.captionKeys)
        #expect(a.pixels.count == 8 * 3 * 32 * 32)
        if number >= 3 { #expect(try later.next().pixels == a.pixels) }
        seen.append(a.pixels)
      }
      #expect(Set(seen).count == 6)
      for batches in [one, three, later] { batches.end() }
    }
  }
}
