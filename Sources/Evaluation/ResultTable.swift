import Texts
import Metrics
import Foundation

/// The table of models as plain text: published rows and those measured here, marked as such.
public struct ResultTable: Sendable {
  public let rows: [AccuracyRow]

  /// - Parameter withPublished: whether the original's rows stand above; they are of RSICD's thirty
  ///   categories and mean nothing beside others.
  public init(measured: [AccuracyRow], withPublished: Bool = true) {
    rows = (withPublished ? PublishedRows.all : []) + measured
  }

  /// Lines without a final newline.
  public var text: String {
    let names = ["model"] + rows.map(\.model)
    let width = names.map(\.count).max() ?? 0
    func line(_ name: String, _ cells: [String], _ note: String) -> String {
      let padded = name + String(repeating: " ", count: width - name.count)
      return ([padded] + cells + [note]).joined(separator: "  ")
    }
    let header = line("model", ZeroShotAccuracy.ks.map { "k=\($0)  ".prefix(5) + "" }, "")
    let body = rows.map { row in
      line(
        row.model, row.accuracy.map { String(format: "%.3f", $0) },
        row.count.map { "measured here, \(grouped($0)) \($0 == 1 ? "image" : "images")" }
          ?? "published")
    }
    return ([header.trimmingCharacters(in: .whitespaces)] + body).joined(separator: "\n")
  }
}

/// The per-image lines of the original: file, label, then ten times category and probability.
public enum PerImageRows {
  /// Pairs on a line, as in the original's files.
  public static let pairs = 10

  /// - Parameter probabilities: of each of `labels`.
  public static func line(file: String, label: String, labels: [String], probabilities: [Float])
    -> String
  {
    let best = zip(labels, probabilities).enumerated().sorted {
      ($1.element.1, $0.offset) < ($0.element.1, $1.offset)
    }
    let cells = best.prefix(pairs).flatMap {
      [$0.element.0, String(format: "%.5f", Double($0.element.1))]
    }
    return ([file, label] + cells).joined(separator: "\t")
  }
}

/// Names in a file of tab-separated values, where a tab or a line's end within one would make other
/// columns and lines of it.
public enum TSVField {
  /// Tab, newline, return and backslash as `\t`, `\n`, `\r` and `\\`; every other control, and what
  /// changes the direction of writing, as `\u{202E}`.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\\": result += "\\\\"
      default:
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator,
          .format where scalar != "\u{200C}" && scalar != "\u{200D}":
          result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
