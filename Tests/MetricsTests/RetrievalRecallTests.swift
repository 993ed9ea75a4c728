import Metrics
import Foundation
import FoundationXML
import TestSupport
import Testing

@Suite struct RetrievalRecallTests {
  /// Ranks as one would count them by hand, from the whole matrix.
  private static func plain(_ images: [Float], _ texts: [Float], _ width: Int, _ owners: [[Int]])
    -> (imageToText: [Double], textToImage: [Double])
  {
    let (m, n) = (images.count / width, texts.count / width)
    func score(_ image: Int, _ text: Int) -> Float {
      (0..<width).reduce(0) { $0 + images[image * width + $1] * texts[text * width + $1] }
    }
    func shares(_ ranks: [Int]) -> [Double] {
      [1, 5, 10].map { k in Double(ranks.count { $0 < k }) / Double(ranks.count) }
    }
    func order(_ scores: [Float]) -> [Int] {
      scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    }
    let byImage = (0..<m).map { image in
      order((0..<n).map { score(image, $0) }).firstIndex { owners[$0].contains(image) } ?? n
    }
    let byText = (0..<n).map { text in
      order((0..<m).map { score($0, text) }).firstIndex { owners[text].contains($0) } ?? m
    }
    return (shares(byImage), shares(byText))
  }

  private static func vectors(_ count: Int, _ width: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).flatMap { _ -> [Float] in
      let row = (0..<width).map { _ -> Float in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
      }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
  }

  @Test("the fixtures' recall")
  func fixtures() throws {
    let folder = Places.fixtures.appendingPathComponent("metrics")
    let cases = try SafetensorsFixture(
      contentsOf: folder.appendingPathComponent("cases.safetensors"))
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    let expected = try #require(json as? [String: Any])
    let (images, texts) = (try cases.floats("images"), try cases.floats("captions"))
    let found = try RetrievalRecall(
      images: images, texts: texts, width: 16, owners: (0..<200).map { [$0 / 5] }, threads: 2)
    for (key, shares) in [
      ("image_to_text_recall", found.imageToText), ("text_to_image_recall", found.textToImage),
    ] {
      let wanted = try #require(expected[key] as? [String: Double])
      for (k, share) in zip([1, 5, 10], shares) {
        #expect(abs(share - (wanted["\(k)"] ?? 9)) < 1e-6, "\(key) \(k)")
      }
    }
    let labels = try cases.integers("labels").map(Int.init)
    let classes = try cases.floats("classes")
    let scores = (0..<40).flatMap { image in
      (0..<30).map { label in
        (0..<16).reduce(Float(0)) { $0 + images[image * 16 + $1] * classes[label * 16 + $1] }
      }
    }
    let hits = ZeroShotAccuracy(scores: scores, labels: 30, truth: labels).accuracy
    let wanted = try #require(expected["zero_shot"] as? [String: Double])
    for (k, share) in zip([1, 3, 5, 10], hits) {
      #expect(abs(share - (wanted["\(k)"] ?? 9)) < 1e-6)
    }
  }

  @Test("counted in blocks it is what the whole matrix gives", arguments: [1, 2, 3])
  func blocks(threads: Int) throws {
    let (count, width) = (300, 8)
    let images = Self.vectors(count, width, seed: 1)
    let texts = Self.vectors(5 * count, width, seed: 2)
    let owners = (0..<5 * count).map { [$0 / 5] }
    let found = try RetrievalRecall(
      images: images, texts: texts, width: width, owners: owners, threads: threads)
    let plain = Self.plain(images, texts, width, owners)
    #expect(found.imageToText == plain.imageToText)
    #expect(found.textToImage == plain.textToImage)
    let sum = (plain.imageToText + plain.textToImage).reduce(0, +)
    #expect(abs(found.mean - sum / 6) < 1e-12)
  }

  @Test("a text of several images is right for each of them")
  func shared() throws {
    let images: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    let texts: [Float] = [0.6, 0.8, 0, 0, 0, 1]
    let found = try RetrievalRecall(
      images: images, texts: texts, width: 3, owners: [[0, 1], [2]], threads: 1)
    #expect(found.imageToText[0] == 1)
    #expect(found.textToImage[0] == 1)
    let alone = try RetrievalRecall(
      images: images, texts: texts, width: 3, owners: [[0], [2]], threads: 1)
    // The first text now finds image 1 before its own; image 1 has no text and is not asked.
    #expect(alone.textToImage[0] == 0.5)
    #expect(alone.imageToText[0] == 1)
  }

  @Test("of equal texts the earlier ranks first")
  func ties() throws {
    // Ten images that look alike, and the same text for each.
    let images = (0..<20).flatMap { _ -> [Float] in [1, 0] }
    let found = try RetrievalRecall(
      images: images, texts: images, width: 2, owners: (0..<20).map { [$0] }, threads: 2)
    #expect(found.imageToText == [0.05, 0.25, 0.5])
    #expect(found.textToImage == [0.05, 0.25, 0.5])
  }

  @Test("of equal scores a right or a wrong one may rank first; right ones are in nobody's way")
  func orders() throws {
    // Ten equal images with two equal texts each: 18 of 20 equal texts are wrong for each of them.
    let images = (0..<10).flatMap { _ -> [Float] in [1, 0] }
    let owners = (0..<20).map { [$0 / 2] }
    func recall(_ ties: RetrievalRecall.Ties, _ owners: [[Int]]) throws -> RetrievalRecall {
      try RetrievalRecall(
        images: images, texts: Array(repeating: [1, 0], count: owners.count).flatMap { $0 },
        width: 2, owners: owners, threads: 2, ties: ties)
    }
    #expect(try recall(.best, owners).imageToText == [1, 1, 1])
    #expect(try recall(.best, owners).textToImage == [1, 1, 1])
    #expect(try recall(.worst, owners).imageToText == [0, 0, 0])
    #expect(try recall(.worst, owners).textToImage == [0, 0, 1])
    // One text of all images: nothing is wrong.
    #expect(try recall(.worst, [Array(0..<10)]).imageToText == [1, 1, 1])
    #expect(try recall(.worst, [Array(0..<10)]).textToImage == [1, 1, 1])
  }

  @Test("counting stops where it is told to")
  func cancelled() {
    let images = [Float](repeating: 1, count: 600)
    #expect(throws: CancellationError.self) {
      try RetrievalRecall(
        images: images, texts: images, width: 1, owners: (0..<600).map { [$0] }, threads: 2,
        isCancelled: { true })
    }
  }

  @Test("the memory does not grow with the square of the images")
  func memory() throws {
    func peak() throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
      return try #require(Int(line.split(whereSeparator: { !$0.isNumber }).first ?? ""))
    }
    let (count, width) = (20_000, 4)
    let images = Self.vectors(count, width, seed: 5)
    let before = try peak()
    let found = try RetrievalRecall(
      images: images, texts: images, width: width, owners: (0..<count).map { [$0] }, threads: 2)
    // The whole matrix has 1.6 GB.
    #expect(try peak() - before < 64 << 10)
    #expect(found.imageToText[2] > 0.99)
  }
}

@Suite struct ClassificationReportTests {
  @Test("precision, recall and F1 as scikit-learn gives them")
  func report() {
    // true: a a a b b c; first: a b a b b a
    let truth = [0, 0, 0, 1, 1, 2]
    let first = [0, 1, 0, 1, 1, 0]
    let scores = first.flatMap { label in (0..<4).map { $0 == label ? Float(1) : 0 } }
    let report = ClassificationReport(scores: scores, labels: ["a", "b", "c", "d"], truth: truth)
    #expect(report.categories.map(\.count) == [3, 2, 1, 0])
    let twoThirds = 2.0 / 3
    let precision: [Double] = [twoThirds, twoThirds, 0, 0]
    let recall: [Double] = [twoThirds, 1, 0, 0]
    #expect(report.categories.map(\.precision) == precision)
    #expect(report.categories.map(\.recall) == recall)
    #expect(abs(report.categories[0].f1 - twoThirds) < 1e-12)
    #expect(abs(report.categories[1].f1 - 0.8) < 1e-12)
    #expect(report.confusion[0] == [2, 1, 0, 0])
    let macro = (twoThirds + 0.8) / 3
    #expect(abs(report.macro.f1 - macro) < 1e-12)
    #expect(abs(report.micro.recall - twoThirds) < 1e-12)
  }
}
