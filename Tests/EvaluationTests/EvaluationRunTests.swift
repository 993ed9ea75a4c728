import Datasets
import Evaluation
import Foundation
import Imaging
import Metrics
import Models
import TestSupport
import Testing

@Suite struct EvaluationRunTests {
  private static func name(_ number: Int) -> String {
    "\(number % 2 == 0 ? "beach" : "port")_\(1000 + number).jpg"
  }

  /// More pictures than are embedded at a time; the last ones have no captions, and the
  /// others have one twice.
  @Test("recall is over the images with captions, whatever piece they are read in, each text once")
  func recall() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("evaluation-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    let (captioned, all) = (129, 133)
    var lines: [String] = []
    for number in 0..<all {
      let name = Self.name(number)
      let shades = [number, number * 7, number * 13].map { UInt8($0 % 256) }
      let pixels = try Pixels(width: 8, height: 8, bytes: (0..<64).flatMap { _ in shades })
      try Data(JPEG.encode(pixels)).write(to: images.appendingPathComponent(name))
      let captions =
        number < captioned ? Array(repeating: "number \(number)", count: 2) : []
      let list = captions.map { "\"\($0)\"" }.joined(separator: ", ")
      lines.append("{\"filename\": \"\(name)\", \"captions\": [\(list)]}")
    }
    let file = folder.appendingPathComponent("c.jsonl").path
    try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)

    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"), threads: 2)
    let set = try EvaluationSet(
      captions: CaptionSources([file]), images: images.path, labels: nil, captionsPerImage: 5,
      form: .asTheyStand)
    #expect(set.texts.count == captioned && set.images.count == all)
    for ties in [RetrievalRecall.Ties.first, .worst] {
      var run = EvaluationRun(
        settings: .init(
          labels: set.labels, isOriginalList: false, templates: [.aerial], bases: [.distinctText],
          ties: ties, captionForm: .asTheyStand, threads: 2, reader: ImageReader()),
        set: set, isFirst: true
      ) { _ in }
      let found = try #require(try await run.run(model, "mini").distinct)
      let captionedImages = set.images.filter { !$0.captions.isEmpty }
      #expect(captionedImages.allSatisfy { Set($0.captions).count == 1 })
      var owners = [[Int]](repeating: [], count: captioned)
      for (place, image) in captionedImages.enumerated() { owners[image.captions[0]] = [place] }
      let vectors = try model.embed(files: captionedImages.map(\.path), ImageReader()).vectors
      let expected = try RetrievalRecall(
        images: vectors.values, texts: model.embed(texts: set.texts).values,
        width: model.embeddingWidth, owners: owners, threads: 2, ties: ties)
      #expect(found == expected, "\(ties)")
    }
  }
}
