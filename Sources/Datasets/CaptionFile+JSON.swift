import Foundation

// JSON lines, and the documents in which data sets are published.
extension CaptionFile {
  /// Stands for half of a pair of surrogates, which JSON can spell and no text can hold: a code point
  /// that Unicode keeps free for ever, as long when spelled `\uFDD0`.
  private static let notAText: UInt32 = 0xFDD0

  private static func isNoText(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value == notAText }
  }

  mutating func readJSON(_ bytes: [UInt8]) throws {
    let start = bytes.firstIndex { !Self.isBlank($0) } ?? 0
    let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    let first = end - start <= Self.lineLimit ? Self.object(bytes[start..<end]) : nil
    if let first, isEntry(first) { return readLines(bytes) }
    let document = try? JSONSerialization.jsonObject(with: Data(bytes))
    if let document {
      guard try read(document: document) else {
        throw failure("holds no captions; expected \(Self.forms)")
      }
      return
    }
    // Half a surrogate pair costs its entry. Python writes such halves for names that are not UTF-8.
    if let mended = Self.withoutLoneSurrogates(bytes),
      let document = try? JSONSerialization.jsonObject(with: Data(mended)),
      try read(document: document)
    {
      return
    }
    readLines(bytes)
    guard images.isEmpty else { return }
    // Lines of a document that ends too early say nothing.
    if bytes[start] == 0x5B || first == nil, badLines.count > 1 {
      throw failure("is broken JSON: \(Self.place(of: bytes)); is the file complete?")
    }
  }

  private static func place(of bytes: [UInt8]) -> String {
    do {
      _ = try JSONSerialization.jsonObject(with: Data(bytes))
      return ""
    } catch {
      let said = (error as NSError).userInfo["NSDebugDescription"] as? String
      return said.map { String($0.prefix(200)) } ?? "it cannot be parsed"
    }
  }

  private static func object(_ line: ArraySlice<UInt8>) -> [String: Any]? {
    try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
  }

  /// One line at a time: half a gigabyte of line ends would become as many slices of 24 bytes each.
  private mutating func readLines(_ bytes: [UInt8]) {
    var (start, number) = (0, 0)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      let line = bytes[start..<end]
      start = end + 1
      if line.allSatisfy(Self.isBlank) { continue }
      guard line.count <= Self.lineLimit else {
        leaveOut("longer than \(Self.lineLimit) bytes", line: number)
        continue
      }
      guard let object = Self.object(line) else {
        leaveOut("is no JSON object; expected {\"filename\": …, \"captions\": […]}", line: number)
        continue
      }
      add(object, "line", line: number)
    }
  }

  // MARK: One entry

  private static let imageFields = [
    "filename", "file_name", "filepath", "image_path", "image_name", "image",
  ]
  private static let textFields = ["captions", "caption", "text", "texts", "title", "sentences"]

  private func isEntry(_ object: [String: Any]) -> Bool { filename(object) != nil }

  /// COCO's Karpathy split has the folder beside the name.
  private func filename(_ object: [String: Any]) -> String? {
    if let own = layout.imageColumn { return (object[own] as? String).flatMap(Self.filled) }
    for field in Self.imageFields {
      let value = (object[field] as? [String: Any])?["path"] ?? object[field]
      guard let name = (value as? String).flatMap(Self.filled) else { continue }
      if field == "filename", let folder = (object["filepath"] as? String).flatMap(Self.filled),
        !folder.hasSuffix(name)
      {
        return "\(folder)/\(name)"
      }
      return name
    }
    return nil
  }

  private static func filled(_ text: String) -> String? { text.isEmpty ? nil : text }

  /// - Returns: `nil` where the entry says nothing of captions.
  private func captions(_ object: [String: Any]) -> Any? {
    if let own = layout.textColumn { return object[own] }
    if let field = Self.textFields.first(where: { object[$0] != nil }) { return object[field] }
    // NWPU-Captions: raw, raw_1, raw_2, …
    let raw = (0..<Self.captionLimit).lazy.map { $0 == 0 ? "raw" : "raw_\($0)" }
      .prefix { object[$0] != nil }.compactMap { object[$0] as? String }
    return raw.isEmpty ? nil : Array(raw)
  }

  /// A text, texts, or texts each in an object of its own.
  private static func texts(_ value: Any) -> [String]? {
    if let text = value as? String { return [text] }
    if value is NSNull { return [] }
    guard let list = value as? [Any] else { return nil }
    var texts: [String] = []
    for element in list {
      let inner = element as? [String: Any]
      let text =
        element as? String ?? inner?["raw"] as? String ?? inner?["caption"] as? String
        ?? inner?["text"] as? String
      guard let text else { return nil }
      texts.append(text)
    }
    return texts
  }

  private mutating func add(
    _ object: [String: Any], _ what: String, line: Int?, folder: String? = nil
  ) {
    let subject = line == nil ? "\(what) " : ""
    guard let name = filename(object) else {
      return leaveOut("\(subject)has no \(layout.imageColumn ?? "filename")", line: line)
    }
    guard let value = captions(object) else {
      return leaveOut("\(subject)has no \(layout.textColumn ?? "captions")", line: line)
    }
    guard let texts = Self.texts(value), texts.count <= Self.captionLimit else {
      return leaveOut(
        "\(subject)captions is no list of at most \(Self.captionLimit) texts", line: line)
    }
    guard !([name] + texts).contains(where: { Self.isNoText($0) }) else {
      return leaveOut("\(subject)has half a pair of surrogates, which is no text", line: line)
    }
    add(folder.map { "\($0)/\(name)" } ?? name, texts, split: object["split"] as? String)
  }

  // MARK: Documents

  /// - Returns: false where it is none that is known.
  private mutating func read(document: Any) throws -> Bool {
    if let list = document as? [Any] {
      for (index, element) in list.enumerated() {
        guard let object = element as? [String: Any] else {
          leaveOut("entry \(index + 1) is no object", line: nil)
          continue
        }
        add(object, "entry \(index + 1)", line: nil)
      }
      return true
    }
    guard let object = document as? [String: Any] else { return false }
    if let images = object["images"] as? [Any] {
      if let annotations = object["annotations"] as? [Any] {
        readCOCO(images, annotations)
      } else {
        for (index, element) in images.enumerated() {
          add(element as? [String: Any] ?? [:], "image \(index + 1)", line: nil)
        }
      }
      return true
    }
    if isEntry(object) {
      add(object, "entry", line: nil)
      return true
    }
    return readClasses(object)
  }

  /// NWPU-Captions: a list of entries for each class; the pictures lie in folders of these names.
  private mutating func readClasses(_ object: [String: Any]) -> Bool {
    let classes = object.compactMapValues { $0 as? [[String: Any]] }
    guard !classes.isEmpty, classes.count == object.count else { return false }
    // A dictionary has no order, and the file's is lost in parsing.
    for (name, entries) in classes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    ) {
      for (index, entry) in entries.enumerated() {
        let isRelative = !(filename(entry) ?? "").contains("/")
        add(
          entry, "\(name), entry \(index + 1)", line: nil,
          folder: isRelative && !name.isEmpty ? name : nil)
      }
    }
    return true
  }

  /// COCO: pictures by number, and an annotation for each caption.
  private mutating func readCOCO(_ images: [Any], _ annotations: [Any]) {
    var captions: [String: [String]] = [:]
    for (index, element) in annotations.enumerated() {
      guard let annotation = element as? [String: Any],
        let id = Self.identifier(annotation["image_id"]),
        let text = annotation[layout.textColumn ?? "caption"] as? String
      else {
        leaveOut("annotation \(index + 1) has no image_id or no caption", line: nil)
        continue
      }
      guard !Self.isNoText(text) else {
        leaveOut("annotation \(index + 1) has half a pair of surrogates", line: nil)
        continue
      }
      guard captions[id, default: []].count < Self.captionLimit else {
        leaveOut(
          "annotation \(index + 1): its image has \(Self.captionLimit) captions already", line: nil)
        continue
      }
      captions[id, default: []].append(text)
    }
    for (index, element) in images.enumerated() {
      let image = element as? [String: Any] ?? [:]
      guard let name = filename(image), let id = Self.identifier(image["id"]) else {
        leaveOut("image \(index + 1) has no file_name or no id", line: nil)
        continue
      }
      add(name, captions[id] ?? [], split: image["split"] as? String)
    }
  }

  /// Numbers in COCO's own files, texts in files of others.
  private static func identifier(_ value: Any?) -> String? {
    if let text = value as? String { return text }
    return (value as? NSNumber).map { "\($0)" }
  }

  // MARK: Half pairs

  /// The same bytes with `\uFDD0` for each spelled half of a pair of surrogates; `nil` without one.
  private static func withoutLoneSurrogates(_ bytes: [UInt8]) -> [UInt8]? {
    var result = bytes
    var place = 0
    var found = false
    func unit(_ at: Int) -> UInt16? {
      guard at + 6 <= bytes.count, bytes[at] == 0x5C, bytes[at + 1] == 0x75 else { return nil }
      return UInt16(String(decoding: bytes[at + 2..<at + 6], as: UTF8.self), radix: 16)
    }
    while place < bytes.count {
      guard bytes[place] == 0x5C else {
        place += 1
        continue
      }
      guard let high = unit(place), (0xD800...0xDFFF).contains(high) else {
        place += 2
        continue
      }
      if high < 0xDC00, let low = unit(place + 6), (0xDC00...0xDFFF).contains(low) {
        place += 12
        continue
      }
      result.replaceSubrange(place..<place + 6, with: Array("\\uFDD0".utf8))
      found = true
      place += 6
    }
    return found ? result : nil
  }
}
