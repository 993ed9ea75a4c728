import Evaluation
import Testing

@Suite struct ZeroShotAccuracyTests {
  @Test("hits are counted within the first k, ties by the order of the labels")
  func hits() {
    // Twelve labels; the truth stands first, second, fourth, sixth, eleventh and tied with an earlier.
    func row(ahead: Int) -> [Float] { (0..<12).map { $0 < ahead ? 2 : $0 == 11 ? 1 : 0 } }
    let tied: [Float] = [1] + Array(repeating: 0, count: 10) + [1]
    let scores = [0, 1, 3, 5, 10].flatMap { row(ahead: $0) } + tied
    let found = ZeroShotAccuracy(scores: scores, labels: 12, truth: Array(repeating: 11, count: 6))
    #expect(found.hits == [1, 3, 4, 5])
    #expect(found.count == 6)
    #expect(ZeroShotAccuracy(scores: [], labels: 3, truth: []).accuracy == [0, 0, 0, 0])
  }

  @Test("the table has the ten published rows and marks what was measured")
  func table() {
    let measured = AccuracyRow(model: "mini", accuracy: [0.5, 0.6, 0.7, 0.8], count: 1027)
    let lines = ResultTable(measured: [measured]).text.split(separator: "\n")
    #expect(lines.count == 12)
    #expect(lines.count { $0.hasSuffix("published") } == 10)
    #expect(lines.last?.hasPrefix("mini ") == true)
    #expect(
      lines.last?.hasSuffix("0.500  0.600  0.700  0.800  measured here, 1,027 images") == true)
    #expect(lines[10].contains("bs128x8-lr5e-6-adam/ckpt-1") && lines[10].contains("0.883"))
  }

  @Test("a per-image line has the ten best pairs in the original's form")
  func line() {
    let labels = (0..<12).map { "c\($0)" }
    let probabilities = (0..<12).map { Float($0) / 66 }
    let cells = PerImageRows.line(
      file: "port_1.jpg", label: "c3", labels: labels, probabilities: probabilities
    ).split(separator: "\t")
    #expect(cells.count == 22)
    #expect(cells[0...3] == ["port_1.jpg", "c3", "c11", "0.16667"])
    #expect(cells[20] == "c2")
  }
}
