import Foundation
import TestSupport
import Testing

/// What scripts rely on: fields, streams and exit codes of what works.
@Suite struct ResultTests {
  @Test("search prints ranked objects with the promised fields, best first")
  func search() throws {
    try Workshop.withCollection { workshop in
      let result = try workshop.program(
        "search", "a port", "--collection", workshop.collection, "--model",
        Places.model("rsicd-mini"), "-k", "5", "--json")
      #expect(result.status == 0)
      #expect(result.stderr == "")
      let rows = try JSONLines(result.stdout).objects
      #expect(rows.compactMap { $0["rank"] as? Int } == [1, 2, 3, 4, 5])
      for row in rows {
        #expect(Set(row.keys) == ["rank", "score", "path", "category", "caption"])
        let path = try #require(row["path"] as? String)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect((row["caption"] as? String)?.contains(row["category"] as? String ?? "-") == true)
      }
      let scores = rows.compactMap { $0["score"] as? Double }
      #expect(scores.count == 5 && scores == scores.sorted(by: >))
      #expect(scores.allSatisfy { (-1...1).contains($0) })
    }
  }

  @Test("filters, plain rows, bare paths and zero-ended paths name the same images")
  func forms() throws {
    try Workshop.withCollection { workshop in
      func search(_ more: String...) throws -> CommandResult {
        try workshop.program(
          ["search", "green trees", "--collection", workshop.collection] + more)
      }
      let files = try search("--files-only", "--category", "forest").stdout
        .split(separator: "\n").map(String.init)
      #expect(files.count == Workshop.picturesPerCategory)
      #expect(files.allSatisfy { $0.contains("/forest_") })
      let zero = try search("-0", "--category", "forest").stdout
      #expect(zero == files.map { $0 + "\0" }.joined())
      let plain = try search("--category", "forest")
      #expect(plain.stdout.split(separator: "\n").count == files.count)
      #expect(!plain.stdout.contains("\u{1B}"))
      let preview = try search("--preview", "-k", "1")
      #expect(preview.status == 0)
      #expect(preview.stdout.split(separator: "\n").count > 4)
      #expect(!preview.stdout.contains("\u{1B}"), "no colours into a pipe")
    }
  }

  @Test("nothing found is exit code 1 and an empty stdout")
  func nothing() throws {
    try Workshop.withCollection { workshop in
      let none = try workshop.program(
        "search", "\"words that no caption has\"", "--collection", workshop.collection)
      #expect(none.status == 1)
      #expect(none.stdout == "")
      #expect(none.stderr == "Nothing found.\n")
      try FileManager.default.createDirectory(
        atPath: workshop.path("empty"), withIntermediateDirectories: true)
      let empty = try workshop.program(
        "index", workshop.path("empty"), "--into", workshop.path("empty.sqlite"))
      #expect(empty.status == 1)
    }
  }

  @Test("similar leaves the image itself out, whether by its path or through a link")
  func similar() throws {
    try Workshop.withCollection { workshop in
      let image = workshop.pictures.appendingPathComponent("port_2.jpg").path
      let link = workshop.path("link.jpg")
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: image)
      let total = Workshop.categories.count * Workshop.picturesPerCategory
      for query in [image, "pictures/port_2.jpg", link] {
        let result = try workshop.program(
          "similar", query, "--collection", workshop.collection, "-k", "100", "--json")
        let paths = try JSONLines(result.stdout).objects.compactMap { $0["path"] as? String }
        #expect(paths.count == total - 1)
        #expect(!paths.contains { $0.hasSuffix("/port_2.jpg") })
      }
      // Another file of the same picture is another image: the one in the collection comes first.
      try FileManager.default.copyItem(atPath: image, toPath: workshop.path("copy.jpg"))
      let copy = try workshop.program(
        "similar", workshop.path("copy.jpg"), "--collection", workshop.collection, "--json")
      let first = try JSONLines(copy.stdout).first
      #expect((first["path"] as? String)?.hasSuffix("/port_2.jpg") == true)
      #expect((first["score"] as? Double ?? 0) > 0.999)
    }
  }

  @Test("embed gives unit vectors, texts before images, whose products are search's scores")
  func embed() throws {
    try Workshop.withCollection { workshop in
      let image = workshop.pictures.appendingPathComponent("forest_1.jpg").path
      let result = try workshop.program(
        "embed", "--model", Places.model("rsicd-mini"), "--text", "many green trees", image,
        "--json")
      #expect(result.status == 0)
      let objects = try JSONLines(result.stdout).objects
      #expect(objects.map { $0["kind"] as? String } == ["text", "image"])
      #expect(objects.map { $0["input"] as? String } == ["many green trees", image])
      let vectors = objects.compactMap { $0["embedding"] as? [Double] }
      #expect(vectors.map(\.count) == [256, 256])
      for vector in vectors { #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4) }
      let cosine = zip(vectors[0], vectors[1]).reduce(0) { $0 + $1.0 * $1.1 }
      let rows = try JSONLines(
        try workshop.program(
          "search", "many green trees", "--collection", workshop.collection, "-k", "100", "--json"
        ).stdout
      ).objects
      let row = try #require(
        rows.first { ($0["path"] as? String)?.hasSuffix("/forest_1.jpg") == true })
      #expect(abs((row["score"] as? Double ?? 9) - cosine) < 1e-4)
    }
  }

  @Test("classify gives probabilities, best first, that belong to the labels")
  func classify() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "classify", "pictures/port_1.jpg", "pictures/port_2.jpg", "--label", "port", "--label",
        "forest", "--json")
      #expect(result.status == 0)
      for object in try JSONLines(result.stdout).objects {
        let labels = try #require(object["labels"] as? [[String: Any]])
        #expect(Set(labels.compactMap { $0["label"] as? String }) == ["port", "forest"])
        let shares = labels.compactMap { $0["probability"] as? Double }
        #expect(abs(shares.reduce(0, +) - 1) < 1e-4)
        #expect(shares == shares.sorted(by: >))
      }
    }
  }

  @Test("-k and --template change what classify says")
  func classifyOptions() throws {
    try Workshop.withPictures { workshop in
      func shares(_ more: String...) throws -> [String: Double] {
        let result = try workshop.program(
          [
            "classify", "pictures/port_1.jpg", "--json", "--label", "port", "--label", "forest",
            "--label", "airport",
          ] + more)
        let labels = try JSONLines(result.stdout).first["labels"] as? [[String: Any]] ?? []
        return Dictionary(
          uniqueKeysWithValues: labels.compactMap { label in
            guard let name = label["label"] as? String, let share = label["probability"] as? Double
            else { return nil }
            return (name, share)
          })
      }
      let all = try shares()
      #expect(all.count == 3)
      #expect(try shares("-k", "1").keys.first == all.max { $0.value < $1.value }?.key)
      #expect(try shares("-k", "1").count == 1)
      try workshop.write(Array("\u{FEFF}port\r\nforest\r\nairport\r\n".utf8), to: "labels.txt")
      let listed = try workshop.program(
        "classify", "pictures/port_1.jpg", "--json", "--labels", workshop.path("labels.txt"))
      let given = try workshop.program(
        "classify", "pictures/port_1.jpg", "--json", "--label", "port", "--label", "forest",
        "--label", "airport")
      #expect(listed.stdout == given.stdout && listed.status == 0)
      for labels in [[""], ["port"], ["port", "port"]] {
        let refused = try workshop.program(
          ["classify", "pictures/port_1.jpg"] + labels.flatMap { ["--label", $0] })
        #expect(refused.status == 2 && refused.stdout.isEmpty, "\(labels)")
      }
      let other = try shares("--template", "no {category} at all, but the open sea")
      #expect(other.count == 3 && other != all)
    }
  }

  @Test("index tells its counts, goes on where it stands, and info describes the collection")
  func index() throws {
    try Workshop.withPictures { workshop in
      let total = Workshop.categories.count * Workshop.picturesPerCategory
      let first = try JSONLines(try workshop.index("--json").stdout).first
      #expect(first["found"] as? Int == total)
      #expect(first["embedded"] as? Int == total)
      let again = try JSONLines(try workshop.index("--json").stdout).first
      #expect(again["embedded"] as? Int == 0)
      #expect(again["unchanged"] as? Int == total)
      let info = try JSONLines(
        try workshop.program("info", "--collection", workshop.collection, "--json").stdout
      ).first
      #expect(info["images"] as? Int == total)
      #expect(info["categories"] as? [String: Int] == ["airport": 4, "forest": 4, "port": 4])
      #expect(try workshop.vectors() == total)
      let model = try JSONLines(
        try workshop.program("info", "--model", Places.model("clip-mini"), "--json").stdout
      ).first
      #expect(model["model"] as? String == "clip-mini")
      #expect((model["fingerprint"] as? String)?.count == 64)
    }
  }

  @Test("images named in captions and absent are counted, and listed with --verbose")
  func absent() throws {
    try Workshop.withPictures { workshop in
      try FileManager.default.removeItem(atPath: workshop.path("pictures/port_3.jpg"))
      let quiet = try workshop.index()
      #expect(quiet.status == 0)
      #expect(quiet.stderr.contains("1 named in captions, not on disk (--verbose lists them)"))
      #expect(!quiet.stderr.contains("port_3.jpg"))
      #expect(try workshop.index("--verbose").stderr.contains("  port_3.jpg\n"))
    }
  }

  @Test("names with controls, quotes and directions are data in JSON and harmless as text")
  func hostileNames() throws {
    try Workshop.withPictures { workshop in
      let name = "a\u{1B}[31m\"b\\\n\u{202E}_1.jpg"
      try workshop.write(Workshop.picture(hue: 1, shade: 2), to: "pictures/\(name)")
      #expect(try workshop.index().status == 0)
      let arguments = ["search", "trees", "--collection", workshop.collection, "-k", "100"]
      let paths = try JSONLines(try workshop.program(arguments + ["--json"]).stdout).objects
        .compactMap { $0["path"] as? String }
      #expect(paths.contains { $0.hasSuffix("/" + name) })
      let plain = try workshop.program(arguments).stdout
      #expect(plain.split(separator: "\n").count == paths.count)
      #expect(!plain.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
    }
  }

  @Test("doctor tells terminal, libraries, models and collection, as text and as JSON")
  func doctor() throws {
    try Workshop.withCollection { workshop in
      let result = try workshop.program("doctor", "--collection", workshop.collection, "--json")
      #expect(result.status == 0)
      let facts = try JSONLines(result.stdout).first
      for name in ["clip-rsicd", "TERM", "locale", "ncurses", "chafa", "oneDNN", "SQLite"] {
        #expect((facts[name] as? String)?.isEmpty == false, "\(name)")
      }
      #expect(facts["TERM"] as? String == "dumb")
      #expect((facts["collection"] as? String)?.contains("12 images") == true)
      let plain = try workshop.program("doctor", "--collection", workshop.path("none.sqlite"))
      #expect(plain.status == 0)
      #expect(plain.stdout.contains("there is no such collection"))
    }
  }
}
