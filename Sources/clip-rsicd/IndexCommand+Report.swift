import Texts
import Datasets
import Files
import Foundation
import ImageCollections
import Imaging

/// What a run did, in lines for a person or as JSON.
extension IndexCommand {
  /// So many files that cannot be read are named in any case.
  private static let fewUnreadable = 5

  func show(_ report: IndexingReport) {
    let kept = report.kept.reduce(0) { $0 + $1.count }
    let noted = Set(report.notes.map { PathBytes($0.path) }).count
    let skipped = report.skipped.values.reduce(0, +)
    let numbers: [(String, Int)] = [
      ("found", report.found), ("embedded", report.embedded), ("unchanged", report.unchanged),
      ("reused", report.reused),
      ("moved", report.moved), ("removed", report.removed), ("pruned", report.pruned),
      ("kept", kept), ("gone_elsewhere", report.goneElsewhere),
      ("unreadable", report.unreadable.count),
      ("unreadable_folders", report.unreadableFolders.count),
      ("absent", report.absentFromDisk.count), ("ambiguous", report.ambiguousCaptions.count),
      ("bad_caption_lines", report.badCaptionLines), ("captioned", report.captioned),
      ("categories", report.categories), ("categories_from_folders", report.categoriesFromFolders),
      ("categories_from_names", report.categoriesFromNames),
      ("noted", noted),
      ("skipped", skipped),
    ]
    if output.json {
      var fields: [(String, JSONValue)] = [("collection", .text(into))]
      for (name, count) in numbers { fields.append((name, .integer(count))) }
      var leftOut: [(String, JSONValue)] = []
      for kind in LeftOut.Kind.allCases {
        leftOut.append((kind.rawValue, .integer(report.leftOut.counts[kind] ?? 0)))
      }
      let endings = report.skipped.sorted { $0.key < $1.key }
      leftOut.append(("endings", .object(endings.map { ($0.key, .integer($0.value)) })))
      fields.append(("left_out", .object(leftOut)))
      var changes: [(String, JSONValue)] = []
      for change in ReadingChange.allCases {
        changes.append((change.rawValue, .integer(report.readOtherwise[change] ?? 0)))
      }
      fields.append(("read_otherwise", .object(changes)))
      fields.append(("scenes", Self.json(report.scenes)))
      fields.append(("images_per_second", .number(report.imagesPerSecond)))
      Output.json(.object(fields))
    } else {
      // Where no folder was looked at, none was found and none embedded.
      var parts =
        folders.isEmpty
        ? ["no folder looked at", "\(grouped(report.pruned)) dropped"]
        : ["\(Output.count(report.found, "image")): \(grouped(report.embedded)) embedded"]
      for (name, count) in [
        ("unchanged", report.unchanged), ("re-used from another place", report.moved),
        ("re-used as copies", report.copied), ("re-used, written anew", report.touched),
        ("removed", report.removed), ("dropped", folders.isEmpty ? 0 : report.pruned),
      ]
      where count > 0 { parts.append("\(grouped(count)) \(name)") }
      var text = parts.joined(separator: ", ")
      if report.embedded > 0 { text += " (\(Output.fixed(report.imagesPerSecond, 1)) images/s)" }
      let isMade = FileManager.default.fileExists(atPath: into)
      if report.scenes != SceneReport() {
        text += "; \(Self.words(report.scenes, rate: report.imagesPerSecond))"
      }
      Output.line(text + (isMade ? " in \(Safe.text(into))" : ", no collection was made"))
    }
    let more = verbose ? "" : " (--verbose lists them)"
    let unreadable = report.unreadable.map {
      Self.sentence(path: $0.path, reason: $0.error.map(ErrorText.sentence) ?? $0.reason)
    }
    let areFew = unreadable.count <= Self.fewUnreadable
    note(unreadable, "unreadable", areFew ? "" : more, areFew)
    // A folder that was left out is always reported: its images would be missing without a trace.
    note(report.unreadableFolders.map(Self.sentence), "unreadable folders", "", true)
    tellCategories(report)
    note(report.absentFromDisk, "named in captions, not on disk", more)
    note(report.ambiguousCaptions, "named in captions, and any of several pictures", more)
    if !captions.captions.isEmpty, report.captioned == 0, report.found > 0 {
      Output.note("not one of the images got a caption")
    }
    if report.redescribed > 0 {
      let isOne = report.redescribed == 1
      Output.note(
        "\(Output.count(report.redescribed, "known image")) \(isOne ? "has" : "have") other captions, another "
          + "category or another split now")
    }
    if report.keptCaptions > 0 {
      let isOne = report.keptCaptions == 1
      Output.note(
        "\(Output.count(report.keptCaptions, "image")) not named in the captions given "
          + "\(isOne ? "keeps" : "keep") those of an earlier run")
    }
    for drop in report.unusedDrops {
      Output.note(Safe.text("--drop \(drop) dropped nothing: no image lies there"))
    }
    for note in report.captionNotes { Output.note(Safe.text(note)) }
    tellNotes(report)
    tellReadOtherwise(report)
    tellLeftOut(report)
    tellSkipped(report)
    Self.tellKept(report, drop: "--drop")
    if report.goneElsewhere > 0 {
      let isOne = report.goneElsewhere == 1
      Output.note(
        "\(grouped(report.goneElsewhere)) \(isOne ? "image" : "images") of other folders "
          + "\(isOne ? "is" : "are") not on disk any more; --prune drops \(isOne ? "it" : "them")")
    }
    for pattern in report.unusedExclusions {
      Output.note(Safe.text("--exclude \(pattern) left nothing out"))
    }
  }

  private static func counts(_ scenes: SceneReport) -> [(String, String, Int)] {
    [
      ("windows", "windows embedded", scenes.windows),
      ("unchanged", "unchanged", scenes.unchanged), ("moved", "moved", scenes.moved),
      ("touched", "written anew", scenes.touched), ("removed", "removed", scenes.removed),
      ("empty", "windows without data", scenes.empty),
      ("other_sizes", "windows of other sizes dropped", scenes.otherSizes),
    ]
  }

  private static func json(_ scenes: SceneReport) -> JSONValue {
    .object([("found", .integer(scenes.found))] + counts(scenes).map { ($0.0, .integer($0.2)) })
  }

  private static func words(_ scenes: SceneReport, rate: Double) -> String {
    let parts = counts(scenes).filter { $0.2 > 0 || $0.0 == "windows" }.map {
      "\(grouped($0.2)) \($0.1)"
    }
    let speed = scenes.windows > 0 ? " (\(Output.fixed(rate, 1)) windows/s)" : ""
    return "\(Output.count(scenes.found, "scene")): \(parts.joined(separator: ", "))\(speed)"
  }

  /// - Parameter drop: what to say to take them out in any case.
  static func tellKept(_ report: IndexingReport, drop: String) {
    for kept in report.kept {
      Output.note(
        Safe.text(
          "\(grouped(kept.count)) below \(kept.place) kept, not seen: \(kept.reason); "
            + "\(drop) \(Safe.word(kept.place)) takes them out"))
    }
  }

  private static func words(_ kind: LeftOut.Kind, _ count: Int) -> String {
    let isOne = count == 1
    return switch kind {
    case .hiddenFile: isOne ? "hidden picture" : "hidden pictures"
    case .hiddenFolder: isOne ? "hidden or system folder" : "hidden or system folders"
    case .resourceFork: isOne ? "file ._* of macOS" : "files ._* of macOS"
    case .excluded: "excluded by name"
    case .linkToFolder: isOne ? "link to a folder" : "links to folders"
    case .loop: isOne ? "link in a circle" : "links in a circle"
    case .secondWay: "reached by another path"
    case .danglingLink: isOne ? "link that leads nowhere" : "links that lead nowhere"
    }
  }

  private func tellReadOtherwise(_ report: IndexingReport) {
    let parts = ReadingChange.allCases.compactMap { change -> String? in
      guard let count = report.readOtherwise[change] else { return nil }
      let kind =
        switch change {
        case .bands: "whose bands are named"
        case .alpha: "with a band marked as alpha"
        case .palette: "with a palette"
        case .missingBlocks: "with blocks left out"
        case .mask: "with a mask"
        case .stretch: "of more than 8 bits"
        }
      return "\(grouped(count)) \(kind)"
    }
    if !parts.isEmpty {
      Output.note(
        "embedded anew, since this version reads them otherwise: \(parts.joined(separator: ", "))")
    }
  }

  private func tellLeftOut(_ report: IndexingReport) {
    let parts = LeftOut.Kind.allCases.compactMap { kind -> String? in
      guard let count = report.leftOut.counts[kind] else { return nil }
      let example = report.leftOut.examples[kind].map { " (such as \($0))" } ?? ""
      return "\(grouped(count)) \(Self.words(kind, count))\(example)"
    }
    if !parts.isEmpty { Output.note(Safe.text("left out: \(parts.joined(separator: ", "))")) }
  }

  /// By which rule, so that a wrong one is seen.
  private func tellCategories(_ report: IndexingReport) {
    guard report.found > 0, !output.json else { return }
    let (folders, names) = (report.categoriesFromFolders, report.categoriesFromNames)
    let origin =
      switch (folders > 0, names > 0) {
      case (true, true):
        "\(grouped(folders)) from folders, \(grouped(names)) from file names"
      case (true, false): "from folders"
      case (false, true): "from file names"
      case (false, false): "neither folders nor file names tell any"
      }
    let count =
      "\(grouped(report.categories)) \(report.categories == 1 ? "category" : "categories")"
    Output.note(
      "\(count)\(folders > 0 && names > 0 || report.categories == 0 ? ": " : " ")\(origin)")
  }

  /// What was chosen for the reader: once with an example, all of it with --verbose.
  private func tellNotes(_ report: IndexingReport) {
    guard let first = report.notes.first else { return }
    let count = Set(report.notes.map(\.path)).count
    let more = verbose ? "" : ", such as \(Safe.text(first.path)): \(Safe.text(first.reason))"
    Output.note(
      "\(grouped(count)) \(count == 1 ? "image" : "images") not shown as stored\(more)")
    guard verbose else { return }
    for note in report.notes { Output.note("  \(Safe.text("\(note.path): \(note.reason)"))") }
  }

  private func tellSkipped(_ report: IndexingReport) {
    guard !report.skipped.isEmpty else { return }
    let list = report.skipped.sorted {
      $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value
    }
    .map { "\(grouped($0.value)) \($0.key.isEmpty ? "without ending" : "." + $0.key)" }
    .prefix(verbose ? Int.max : 8)
    let rest = report.skipped.count - list.count
    Output.note(
      Safe.text(
        "skipped, not JPEG, PNG, TIFF, WebP or JPEG 2000 by name: \(list.joined(separator: ", "))"
          + (rest > 0 ? " and \(rest) other endings" : "")))
  }

  /// Some reasons name their file already.
  private static func sentence(path: String, reason: String) -> String {
    reason.hasPrefix(path) ? reason : "\(path): \(reason)"
  }

  private func note(_ items: [String], _ what: String, _ more: String, _ always: Bool = false) {
    guard !items.isEmpty else { return }
    Output.note("\(grouped(items.count)) \(what)\(more)")
    guard verbose || always else { return }
    for item in items { Output.note("  \(Safe.text(item))") }
  }
}
