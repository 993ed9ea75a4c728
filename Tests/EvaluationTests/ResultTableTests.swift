import Evaluation
import Foundation
import FoundationXML
import Testing

@Suite struct ResultTableTests {
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

  @Test("labels of equal probability stand in their own order")
  func equalProbabilities() {
    let cells = PerImageRows.line(
      file: "a.jpg", label: "x", labels: ["x", "y", "z", "w"], probabilities: [0.2, 0.3, 0.2, 0.3]
    ).split(separator: "\t")
    #expect(stride(from: 2, to: 10, by: 2).map { cells[$0] } == ["y", "w", "x", "z"])
  }

  @Test("the figure is XML whatever the names, with a bar for each model and k")
  func figure() throws {
    let rows =
      PublishedRows.all + [
        AccuracyRow(model: "<b>\u{1B}[31m&\"x", accuracy: [0.5, 0.6, 0.7, 1.2], count: 3)
      ]
    let svg = ResultFigure(rows: rows, caption: "3 images & more").svg
    #expect(
      !svg.contains("\u{1B}") && !svg.contains("<b>") && svg.contains("&lt;b&gt;[31m&amp;&quot;x"))
    #expect(svg.components(separatedBy: "height=\"8\"").count - 1 == 44)
    let long = AccuracyRow(
      model: String(repeating: "m", count: 90) + "/end", accuracy: [1, 1, 1, 1], count: 1)
    #expect(
      ResultFigure(rows: [long], caption: "").svg.contains(
        ">…\(String(repeating: "m", count: 37))/end<"))
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse())
  }
}
