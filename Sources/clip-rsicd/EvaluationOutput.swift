import Texts
import Models
import Evaluation
import Metrics
import Files
import Foundation

/// What `evaluate` prints and writes.
struct EvaluationOutput: Sendable {
  let settings: EvaluationRun.Settings
  let isJSON: Bool
  let showsCategories: Bool
  let showsConfusion: Bool
  let tsv: String?
  let svg: String?

  /// Before anything is measured for it.
  func requirePlaces() throws {
    for path in [svg, tsv?.hasSuffix(".tsv") == true ? tsv : nil].compactMap({ $0 }) {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      guard (try? FileFacts(folder))?.kind == .folder else {
        throw CommandError("\(path): there is no folder \(folder) to write it into")
      }
    }
  }

  /// What is written as soon as a model is measured.
  func write(_ result: EvaluationResult) throws {
    if let tsv, let found = result.zeroShot { try write(found.report, result, to: tsv) }
    if isJSON { Output.json(json(result)) }
  }

  /// Tables over all models, and the picture.
  func finish(_ results: [EvaluationResult], _ set: EvaluationSet) throws {
    if set.absent > 0 {
      Output.note(
        "\(Output.count(set.absent, "image is", "images are")) named in captions and not there")
    }
    if set.unreadable > 0 {
      Output.note(
        "\(Output.count(set.unreadable, "image")) cannot be read and "
          + "\(set.unreadable == 1 ? "is" : "are") left out")
    }
    let measured = results.compactMap { $0.zeroShot?.row }
    if !measured.isEmpty, set.unlabelled > 0 {
      Output.note(
        "\(Output.count(set.unlabelled, "image has", "images have")) none of the "
          + "\(settings.labels.count) categories"
      )
    }
    if !isJSON { showTables(results, measured) }
    // Last: what cannot be written takes no table along.
    if let svg {
      guard !measured.isEmpty else {
        throw CommandError("\(svg): not written: no image has one of the categories")
      }
      let figure = ResultFigure(rows: table(measured).rows, caption: zeroShotWords)
      try Self.write(figure.svg, to: svg)
    }
  }

  private func showTables(_ results: [EvaluationResult], _ measured: [AccuracyRow]) {
    if !measured.isEmpty {
      Output.line(Safe.text(zeroShotWords))
      for line in table(measured).text.split(separator: "\n") {
        Output.line(Safe.text(String(line)))
      }
    }
    if showsCategories { for result in results { showCategories(result) } }
    if showsConfusion { for result in results { showConfusion(result) } }
    showRecall(results)
  }

  private func table(_ measured: [AccuracyRow]) -> ResultTable {
    ResultTable(measured: measured, withPublished: settings.isOriginalList)
  }

  private var zeroShotWords: String {
    "zero-shot, \(settings.labels.count) categories, "
      + (settings.templates.count == 1
        ? "\"\(settings.templates[0])\"" : "mean of \(settings.templates.count) templates")
  }

  // MARK: Text

  private func showRecall(_ results: [EvaluationResult]) {
    let form = settings.captionForm == .lowercased ? "lowercased" : "as they stand"
    let ties =
      switch settings.ties {
      case .first: "the earlier first"
      case .best: "a right one first"
      case .worst: "a wrong one first"
      }
    let width = max(5, results.map { Safe.text($0.model).count }.max() ?? 0)
    for (what, words, recall) in [
      (
        "caption", form,
        results.map { ($0.model, $0.asTheyStand) }
      ),
      (
        "distinct caption", settings.captionForm == .lowercased ? form : "",
        results.map { ($0.model, $0.distinct) }
      ),
    ] {
      guard let first = recall.lazy.compactMap(\.1).first else { continue }
      Output.line("")
      Output.line(
        "recall, \(Output.count(first.imageCount, "image")), \(Output.count(first.textCount, what))"
          + "\(words.isEmpty ? "" : " \(words)"), of equal scores \(ties)")
      let padding = String(repeating: " ", count: width - 5)
      Output.line(
        "model\(padding)  image→text k=1   k=5   k=10  text→image k=1   k=5   k=10   mean")
      for (model, found) in recall {
        guard let found else { continue }
        let name = Safe.text(model)
        let cells = [found.imageToText, found.textToImage].map {
          "           " + $0.map { Output.fixed($0, 3) }.joined(separator: " ")
        }
        Output.line(
          name + String(repeating: " ", count: width - name.count) + "  "
            + cells.joined(separator: "  ")
            + "  " + Output.fixed(found.mean, 3))
      }
    }
  }

  private func showCategories(_ result: EvaluationResult) {
    guard let report = result.zeroShot?.report else { return }
    let width = max(12, settings.labels.map(\.count).max() ?? 0)
    func line(_ name: String, _ count: String, _ scores: [Double]) {
      let cells = scores.map { "     " + Output.fixed($0, 3) }.joined()
      Output.line(
        Safe.text(name) + String(repeating: " ", count: width - name.count)
          + String(repeating: " ", count: max(0, 8 - count.count)) + count + cells)
    }
    Output.line("")
    Output.line(
      Safe.text(result.model)
        + String(repeating: " ", count: max(1, width + 2 - result.model.count))
        + "images precision    recall        F1")
    for category in report.categories {
      line(
        category.name, grouped(category.count),
        [category.precision, category.recall, category.f1])
    }
    let count = grouped(report.categories.reduce(0) { $0 + $1.count })
    for (name, scores) in [("macro mean", report.macro), ("micro mean", report.micro)] {
      line(name, count, [scores.precision, scores.recall, scores.f1])
    }
  }

  private func showConfusion(_ result: EvaluationResult) {
    guard let report = result.zeroShot?.report else { return }
    Output.line("")
    Output.line(Safe.text("\(result.model): rows are categories, columns what was put first"))
    for line in confusionLines(report, empty: ".") { Output.line(Safe.text(line)) }
  }

  private func confusionLines(_ report: ClassificationReport, empty: String) -> [String] {
    let width = settings.labels.map(\.count).max() ?? 0
    let cell = max(3, String(report.confusion.joined().max() ?? 0).count + 1)
    func right(_ text: String) -> String {
      String(repeating: " ", count: max(0, cell - text.count)) + text
    }
    let header =
      String(repeating: " ", count: width + 4)
      + settings.labels.indices.map { right(String($0 + 1)) }.joined()
    return [header]
      + report.confusion.enumerated().map { index, row in
        let name = settings.labels[index]
        return String(repeating: " ", count: max(0, 3 - String(index + 1).count)) + "\(index + 1) "
          + name + String(repeating: " ", count: width - name.count)
          + row.map { right($0 == 0 ? empty : String($0)) }.joined()
      }
  }

  // MARK: JSON

  private func json(_ result: EvaluationResult) -> JSONValue {
    var fields: [(String, JSONValue)] = [("model", .text(result.model))]
    if let found = result.zeroShot {
      fields += [
        ("count", .integer(found.row.count ?? 0)),
        (
          "accuracy",
          .object(zip(ZeroShotAccuracy.ks, found.row.accuracy).map { (String($0), .number($1)) })
        ),
        ("macro", Self.json(found.report.macro)), ("micro", Self.json(found.report.micro)),
        ("templates", .list(settings.templates.map { .text($0.text) })),
      ]
      if showsCategories {
        fields.append(
          (
            "categories",
            .list(
              found.report.categories.map {
                .object([
                  ("name", .text($0.name)), ("count", .integer($0.count)),
                  ("precision", .number($0.precision)), ("recall", .number($0.recall)),
                  ("f1", .number($0.f1)),
                ])
              })
          ))
      }
      if showsConfusion {
        fields.append(
          (
            "confusion",
            .list(found.report.confusion.map { .list($0.map { .integer($0) }) })
          ))
      }
    }
    let recall = [("as_they_stand", result.asTheyStand), ("distinct", result.distinct)]
      .compactMap { name, found in found.map { (name, json($0)) } }
    if !recall.isEmpty { fields.append(("recall", .object(recall))) }
    fields += [
      ("absent", .integer(result.set.absent)), ("unreadable", .integer(result.set.unreadable)),
      ("without_category", .integer(result.set.unlabelled)),
    ]
    return .object(fields)
  }

  private static func json(_ scores: ClassificationReport.Scores) -> JSONValue {
    .object([
      ("precision", .number(scores.precision)), ("recall", .number(scores.recall)),
      ("f1", .number(scores.f1)),
    ])
  }

  private func json(_ recall: RetrievalRecall) -> JSONValue {
    func shares(_ values: [Double]) -> JSONValue {
      .object(zip(RetrievalRecall.ks, values).map { (String($0), .number($1)) })
    }
    return .object([
      ("images", .integer(recall.imageCount)), ("texts", .integer(recall.textCount)),
      ("image_to_text", shares(recall.imageToText)), ("text_to_image", shares(recall.textToImage)),
      ("mean", .number(recall.mean)), ("ties", .text(settings.ties.rawValue)),
      ("captions", .text(settings.captionForm.rawValue)),
    ])
  }

  // MARK: Files

  private func write(_ report: ClassificationReport, _ result: EvaluationResult, to folder: String)
    throws
  {
    let labels = settings.labels
    let names = labels.map(TSVField.escaped)
    let images = result.set.images.filter { $0.label != nil }
    let lines = images.enumerated().map { index, image in
      PerImageRows.line(
        file: TSVField.escaped(image.name), label: names[image.label ?? 0], labels: names,
        probabilities: softmax(result.logits[index * labels.count..<(index + 1) * labels.count]))
    }
    guard !folder.hasSuffix(".tsv") else { return try Self.write(lines, to: folder) }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandError("\(folder): cannot be made; check folder and space")
    }
    let stem = "\(folder)/\(result.model.replacing("/", with: "-"))"
    try Self.write(lines, to: "\(stem).tsv")
    try Self.write(
      ["category\timages\tprecision\trecall\tf1"]
        + report.categories.map { category in
          ([TSVField.escaped(category.name), "\(category.count)"]
            + [category.precision, category.recall, category.f1].map { Output.fixed($0, 5) })
            .joined(separator: "\t")
        }, to: "\(stem).categories.tsv")
    try Self.write(
      [(["category"] + names).joined(separator: "\t")]
        + zip(names, report.confusion).map { label, row in
          ([label] + row.map(String.init)).joined(separator: "\t")
        }, to: "\(stem).confusion.tsv")
  }

  private static func write(_ lines: [String], to path: String) throws {
    try write(lines.joined(separator: "\n") + "\n", to: path)
  }

  private static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError("\(path): cannot be written; check folder and space")
    }
  }
}
