import Foundation
import TestSupport
import Testing

@Suite struct EvaluateTests {
  @Test("evaluate gives a model a line with counts and shares, and the original's lines per image")
  func form() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.captions, "--tsv", workshop.path("rows.tsv"), "--json")
      #expect(result.status == 0)
      let object = try JSONLines(result.stdout).first
      #expect(
        Set(object.keys)
          == [
            "model", "count", "accuracy", "macro", "micro", "templates", "recall", "absent",
            "unreadable", "without_category",
          ])
      let recall = try #require(object["recall"] as? [String: [String: Any]])
      #expect(Set(recall.keys) == ["as_they_stand", "distinct"])
      #expect(recall["distinct"]?["texts"] as? Int == 12)
      #expect(object["model"] as? String == "rsicd-mini")
      #expect(object["count"] as? Int == 12)
      let accuracy = try #require(object["accuracy"] as? [String: Double])
      #expect(Set(accuracy.keys) == ["1", "3", "5", "10"])
      let lines = try String(
        contentsOfFile: workshop.path("rows.tsv"), encoding: .utf8
      ).split(separator: "\n")
      #expect(lines.count == 12)
      // The file must say what the figures say.
      for k in [1, 3, 5, 10] {
        let hits = lines.count { line in
          let cells = line.split(separator: "\t")
          return cells.count == 22
            && (0..<k).contains { cells[2 + 2 * $0] == cells[1] }
        }
        #expect(abs((accuracy["\(k)"] ?? 9) - Double(hits) / 12) < 1e-9)
      }
    }
  }

  @Test("the table marks published rows and those measured here")
  func table() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--images", workshop.pictures.path, "--captions", workshop.captions, "--tsv",
        workshop.path("rows"))
      #expect(result.status == 0)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: workshop.path("rows")).sorted()
          == ["clip-mini", "rsicd-mini"].flatMap {
            ["\($0).categories.tsv", "\($0).confusion.tsv", "\($0).tsv"]
          })
      let lines = result.stdout.split(separator: "\n")
      #expect(lines.count { $0.hasSuffix("published") } == 10)
      #expect(lines.count { $0.hasSuffix("measured here, 12 images") } == 2)
      #expect(lines.contains { $0.hasPrefix("recall, 12 images, 12 captions as they stand") })
      #expect(lines.contains { $0.hasPrefix("recall, 12 images, 12 distinct captions") })
      let confusion = try String(
        contentsOfFile: workshop.path("rows/clip-mini.confusion.tsv"), encoding: .utf8
      ).split(separator: "\n")
      #expect(confusion.count == 31)
      let counts = confusion.dropFirst().flatMap { $0.split(separator: "\t").dropFirst() }
      let sum = counts.reduce(0) { $0 + (Int($1) ?? 99) }
      #expect(counts.count == 900)
      #expect(sum == 12)
    }
  }

  @Test("any list of classes, several templates, a figure, and the tables of categories")
  func classes() throws {
    try Workshop.withPictures { workshop in
      try workshop.write(Array("Air Port\n\nforest\n".utf8), to: "classes.txt")
      let arguments = [
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.captions, "--labels", workshop.path("classes.txt"),
      ]
      let result = try workshop.program(
        arguments + [
          "--template", "{category} from above", "--template", "a {category}", "--per-category",
          "--confusion", "--svg", workshop.path("table.svg"), "--json",
        ])
      #expect(result.status == 0, "\(result.stderr)")
      let object = try JSONLines(result.stdout).first
      // The four ports are none of the two classes.
      #expect(object["count"] as? Int == 8)
      #expect(object["without_category"] as? Int == 4)
      #expect((object["templates"] as? [String])?.count == 2)
      let categories = try #require(object["categories"] as? [[String: Any]])
      #expect(categories.compactMap { $0["name"] as? String } == ["Air Port", "forest"])
      let confusion = try #require(object["confusion"] as? [[Int]])
      #expect(confusion.reduce(0) { $0 + $1.reduce(0, +) } == 8)
      let svg = try String(contentsOfFile: workshop.path("table.svg"), encoding: .utf8)
      #expect(svg.hasPrefix("<svg ") && svg.contains(">rsicd-mini</text>"))
      // The published rows are of other classes, and have no place beside these.
      #expect(!svg.contains("published"))
      let plain = try workshop.program(arguments + ["--per-category", "--confusion"])
      #expect(!plain.stdout.contains("published") && plain.stdout.contains("measured here, 8"))
      #expect(plain.stdout.contains("macro mean") && plain.stdout.contains("rows are categories"))
      #expect(plain.stderr.contains("4 images have none of the 2 categories"))

      // One template given twice is that template.
      func accuracy(_ more: [String]) throws -> [String: Double]? {
        try JSONLines(workshop.program(arguments + ["--json"] + more).stdout).first["accuracy"]
          as? [String: Double]
      }
      let once = try accuracy(["--template", "a {category}"])
      #expect(try once == accuracy(["--template", "a {category}", "--template", "a {category}"]))
      #expect(try once == accuracy(["--template", "a {}"]))

      // Of several each one counts, and their order does not.
      func rows(_ templates: String...) throws -> String {
        let file = workshop.path("templates.tsv")
        _ = try workshop.program(
          arguments + ["--tsv", file] + templates.flatMap { ["--template", $0] })
        return try String(contentsOfFile: file, encoding: .utf8)
      }
      let (one, two) = ("a {category}", "no {category} at all, but the open sea")
      #expect(try rows(one, two) != rows(one) && rows(one, two) != rows(two))
      #expect(try rows(one, two) == rows(two, one))
    }
  }

  @Test("captions of images without a category give recall alone")
  func retrievalAlone() throws {
    try Workshop.withPictures { workshop in
      let lines = try (1...6).map { number in
        try workshop.write(
          Workshop.picture(hue: number, shade: number), to: "pictures/photo\(number).jpg")
        return
          "{\"filename\": \"photo\(number).jpg\", \"captions\": [\"one\", \"number \(number)\"]}"
      }
      try workshop.write(Array(lines.joined(separator: "\n").utf8), to: "photos.jsonl")
      let arguments = [
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.path("photos.jsonl"),
      ]
      let object = try JSONLines(workshop.program(arguments + ["--json"]).stdout).first
      #expect(object["accuracy"] == nil)
      #expect(
        try workshop.program(arguments).stderr.contains("recall alone is measured"))
      let recall = try #require(object["recall"] as? [String: [String: Any]])
      #expect(recall["as_they_stand"]?["texts"] as? Int == 12)
      #expect(recall["distinct"]?["texts"] as? Int == 7)
      let first =
        try JSONLines(
          workshop.program(arguments + ["--json", "--captions-per-image", "1"]).stdout
        ).first["recall"] as? [String: [String: Any]]
      #expect(first?["distinct"]?["texts"] as? Int == 1)
      let figure = try workshop.program(arguments + ["--svg", workshop.path("t.svg")])
      #expect(figure.status == 2 && figure.stderr.contains("no image has one of the categories"))
      #expect(!FileManager.default.fileExists(atPath: workshop.path("t.svg")))
      let nothing = try workshop.program(arguments + ["--no-retrieval"])
      #expect(nothing.status == 2 && nothing.stderr.contains("none of the images"))
    }
  }

  @Test("what recall is over, ties and the form of captions are options, and named in the output")
  func choices() throws {
    try Workshop.withPictures { workshop in
      let lines = (1...4).map { number in
        let caption = number % 2 == 0 ? "An airport ." : "an  airport ."
        return "{\"filename\": \"airport_\(number).jpg\", \"captions\": [\"\(caption)\"]}"
      }
      try workshop.write(Array(lines.joined(separator: "\n").utf8), to: "alike.jsonl")
      func recall(_ more: String...) throws -> [String: [String: Any]] {
        let result = try workshop.program(
          [
            "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
            "--captions", workshop.path("alike.jsonl"), "--json",
          ] + more)
        return try #require(
          JSONLines(result.stdout).first["recall"] as? [String: [String: Any]], "\(result.stderr)")
      }
      func first(_ recall: [String: Any]?) -> Double? {
        (recall?["image_to_text"] as? [String: Double])?["1"]
      }
      let plain = try recall()
      #expect(plain["distinct"]?["texts"] as? Int == 2)
      #expect(plain["distinct"]?["ties"] as? String == "first")
      #expect(plain["distinct"]?["captions"] as? String == "as-they-stand")
      let one = try recall("--retrieval", "distinct-text", "--caption-form", "lowercased")
      #expect(Set(one.keys) == ["distinct"])
      #expect(one["distinct"]?["texts"] as? Int == 1)
      // The tokenizer reads all four alike, so that only the order of ties decides.
      #expect(first(try recall("--ties", "best")["as_they_stand"]) == 1)
      #expect(first(plain["as_they_stand"]) == 0.25)
      let worst = try recall("--retrieval", "by-image", "--ties", "worst")
      #expect(Set(worst.keys) == ["as_they_stand"])
      #expect(first(worst["as_they_stand"]) == 0)
    }
  }

  @Test("models of the same name are told apart by their folders, in tables and files")
  func namesakes() throws {
    try Workshop.withPictures { workshop in
      for run in ["a", "b"] {
        try FileManager.default.createDirectory(
          atPath: workshop.path(run), withIntermediateDirectories: true)
        _ = try workshop.copyOfModel("\(run)/best")
      }
      let arguments = ["evaluate", "--images", workshop.pictures.path, "--captions"]
      let result = try workshop.program(
        arguments + [
          workshop.captions, "--model", workshop.path("a/best"), "--model", workshop.path("b/best"),
          "--tsv", workshop.path("rows"), "--json",
        ])
      #expect(result.status == 0, "\(result.stderr)")
      #expect(
        try JSONLines(result.stdout).objects.map { $0["model"] as? String } == ["a/best", "b/best"])
      let files = try FileManager.default.contentsOfDirectory(atPath: workshop.path("rows"))
      #expect(files.contains("a-best.tsv") && files.contains("b-best.tsv"))
      let twice = try workshop.program(
        arguments + [
          workshop.captions, "--model", workshop.path("a/best"), "--model",
          workshop.path("a/./best"),
        ])
      #expect(twice.status == 2 && twice.stderr.contains("is given twice"))
    }
  }

  static let mistakes: [([String], String)] = [
    (["--template", "a photo"], "it has no {category}"),
    (["--label", "port"], "--label: 1 category, expected 2 to 10000"),
    (["--label", "port", "--label", "Port"], "category \"Port\" is there twice"),
    (["--label", "port", "--label", " - "], "category \" - \": expected a name of 1 to 200 bytes"),
    (["--labels", "/nowhere.txt"], "/nowhere.txt: cannot be read"),
    (["--labels", "/tmp"], "/tmp: cannot be read"),
    (["--label", "a", "--label", "b", "--labels", "x"], "give either --label or --labels"),
    (["--ties", "luck"], "luck"),
    (["--retrieval", "by-image", "--no-retrieval"], "give either --retrieval or --no-retrieval"),
    (["--captions-per-image", "0"], "--captions-per-image is 0, expected at least 1"),
    (["--svg", "/nowhere/t.svg"], "/nowhere/t.svg: there is no folder /nowhere to write it"),
    (["--tsv", "/nowhere/t.tsv"], "/nowhere/t.tsv: there is no folder /nowhere to write it"),
  ]

  @Test("a figure that cannot be written takes no table along")
  func tablesComeFirst() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.captions, "--svg", workshop.pictures.path)
      #expect(result.status == 2)
      #expect(result.stderr.contains("\(workshop.pictures.path): cannot be written"))
      #expect(result.stdout.contains("zero-shot, 30 categories"))
      #expect(result.stdout.contains("recall"), "\(result.stdout)")
    }
  }

  @Test("each mistake is one line and code 2", arguments: mistakes)
  func mistake(_ more: [String], _ words: String) throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        [
          "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
          "--captions", workshop.captions,
        ] + more)
      #expect(result.status == 2)
      #expect(result.stdout.isEmpty)
      #expect(result.stderr.contains(words), "\(result.stderr)")
    }
  }

  @Test("Ctrl-C ends it with 130 and leaves no file half written", .timeLimit(.minutes(1)))
  func interrupted() throws {
    try Workshop.withPictures { workshop in
      // Many pictures, so that there is time; one named twice would be one.
      let first = try #require(
        try FileManager.default.contentsOfDirectory(atPath: workshop.pictures.path)
          .filter { $0.hasSuffix(".jpg") }.sorted().first)
      var lines: [String] = []
      for number in 1...4_000 {
        let name = "port_\(1_000 + number).jpg"
        try FileManager.default.linkItem(
          atPath: workshop.pictures.path + "/" + first,
          toPath: workshop.pictures.path + "/" + name)
        lines.append("{\"filename\": \"\(name)\", \"captions\": [\"number \(number)\"]}")
      }
      try workshop.write(Array(lines.joined(separator: "\n").utf8), to: "many.jsonl")
      let process = Process()
      process.executableURL = Places.executable
      process.arguments = [
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.path("many.jsonl"), "--tsv", workshop.path("rows"), "--threads", "1",
      ]
      let errors = Pipe()
      process.standardError = errors
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // Its first progress line.
      _ = try errors.fileHandleForReading.read(upToCount: 1)
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      let said = String(
        decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      #expect(process.terminationStatus == 130, "\(said)")
      #expect(!FileManager.default.fileExists(atPath: workshop.path("rows")))
    }
  }

  @Test(
    "images without captions give zero-shot alone, which is said, or refused where recall was asked for"
  )
  func zeroShotAlone() throws {
    try Workshop.withPictures { workshop in
      let lines = (1...4).map { "{\"filename\": \"port_\($0).jpg\", \"captions\": [\" \"]}" }
      try workshop.write(Array(lines.joined(separator: "\n").utf8), to: "bare.jsonl")
      let arguments = [
        "evaluate", "--model", Places.model("rsicd-mini"), "--images", workshop.pictures.path,
        "--captions", workshop.path("bare.jsonl"), "--json",
      ]
      let result = try workshop.program(arguments)
      #expect(result.status == 0 && result.stderr.contains("recall is not measured"))
      let object = try JSONLines(result.stdout).first
      #expect(object["recall"] == nil && object["count"] as? Int == 4)
      let asked = try workshop.program(arguments + ["--retrieval", "by-image"])
      #expect(asked.status == 2 && asked.stdout.isEmpty)
      #expect(asked.stderr.contains("no image that is here has a caption, which --retrieval needs"))
    }
  }

  @Test(
    "class folders need no caption file; their pictures are told apart by folder in the lines of each"
  )
  func withoutCaptions() throws {
    try Workshop.withPictures { workshop in
      let files = FileManager.default
      for category in Workshop.categories {
        let folder = workshop.path("by-class/\(category)")
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 1...Workshop.picturesPerCategory {
          try files.copyItem(
            atPath: workshop.path("pictures/\(category)_\(number).jpg"),
            toPath: "\(folder)/IMG_\(number).jpg")
        }
      }
      let model = ["evaluate", "--model", Places.model("rsicd-mini")]
      let result = try workshop.program(
        model + ["--images", workshop.path("by-class"), "--tsv", workshop.path("t.tsv"), "--json"])
      #expect(result.status == 0, "\(result.stderr)")
      let named = try workshop.program(
        model + ["--images", workshop.pictures.path, "--captions", workshop.captions, "--json"])
      let objects = try [result, named].map { try JSONLines($0.stdout).first }
      #expect(
        objects[0]["accuracy"] as? [String: Double] == objects[1]["accuracy"] as? [String: Double])
      #expect(objects[0]["count"] as? Int == 12 && objects[0]["recall"] == nil)
      let lines = try String(contentsOfFile: workshop.path("t.tsv"), encoding: .utf8)
      #expect(lines.hasPrefix("airport/IMG_1.jpg\tairport\t"))
      for more in [["--split", "test"], ["--retrieval", "by-image"]] {
        let refused = try workshop.program(
          model + ["--images", workshop.path("by-class")] + more)
        #expect(refused.status == 2 && refused.stderr.contains("give --captions"))
      }
    }
  }

  @Test("captions without one image with a category are refused")
  func nothingToMeasure() throws {
    try Workshop.withPictures { workshop in
      let result = try workshop.program(
        "evaluate", "--images", workshop.path("elsewhere"), "--captions", workshop.captions)
      #expect(result.status == 2)
      #expect(result.stderr.contains("there is no such folder"))
    }
  }

  /// The hits that transformers gives for the same weights on RSICD's 1,027 test images.
  @Test(
    "the figures of the reference models are transformers' within two images",
    .needs("data/rsicd/test_rsicd.jsonl", "data/rsicd/rsicd_images", "models"),
    arguments: [
      (
        "An aerial photograph of {category}",
        [
          "clip-mini": [0.0701, 0.1967, 0.2639, 0.4352],
          "rsicd-mini": [0.6417, 0.8773, 0.9338, 0.9825],
        ]
      ),
      (
        "Aerial photograph of {category}",
        [
          "clip-mini": [0.0740, 0.1870, 0.2804, 0.4430],
          "rsicd-mini": [0.6475, 0.8734, 0.9318, 0.9834],
        ]
      ),
    ])
  func parity(_ template: String, _ expected: [String: [Double]]) throws {
    let data = Places.shared.appendingPathComponent("data/rsicd")
    let models = Places.shared.appendingPathComponent("models")
    let result = try run([
      "evaluate", "--model", models.appendingPathComponent("clip-mini").path, "--model",
      models.appendingPathComponent("rsicd-mini").path, "--images",
      data.appendingPathComponent("rsicd_images").path, "--captions",
      data.appendingPathComponent("test_rsicd.jsonl").path, "--template", template, "--json",
    ])
    #expect(result.status == 0)
    let objects = try JSONLines(result.stdout).objects
    #expect(objects.count == 2)
    for object in objects {
      #expect(object["count"] as? Int == 1027)
      let name = try #require(object["model"] as? String)
      let accuracy = try #require(object["accuracy"] as? [String: Double])
      for (k, share) in zip([1, 3, 5, 10], try #require(expected[name])) {
        let difference = abs((accuracy["\(k)"] ?? 9) - share) * 1027
        #expect(difference < 2.1, "\(name), k = \(k): \(difference) images")
      }
      let recall = try #require(
        (object["recall"] as? [String: [String: Any]])?["as_they_stand"])
      let file = models.appendingPathComponent("\(name)/zero_shot_expected.json")
      let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
      let wanted = try #require(json?["retrieval_1027"] as? [String: [String: Double]])
      // Where captions repeat, the reference took equal scores in no fixed order: torch.topk gives four
      // images more on another day for the same weights.
      for (way, count, most) in [("image_to_text", 1027, 4.1), ("text_to_image", 5135, 2.1)] {
        let found = try #require(recall[way] as? [String: Double])
        for (k, share) in try #require(wanted[way]) {
          // Four decimals of the share are half a text.
          let difference = abs((found[k] ?? 9) - share) * Double(count)
          #expect(difference < most, "\(name), \(way), k = \(k): \(difference)")
        }
      }
    }
  }
}
