import Foundation
import Imaging
import TestSupport
import Testing
import Training

/// The built program, as a user runs it.
@Suite struct TrainCommandTests {
  static var canMount: Bool {
    let result = try? run(
      ["-rm", "/bin/sh", "-c", "mount -t tmpfs -o size=64k none /mnt"],
      executable: URL(fileURLWithPath: "/usr/bin/unshare"))
    return result?.status == 0
  }

  private func shell(_ script: String, _ arguments: [String]) throws -> CommandResult {
    try run(
      ["-c", script, "sh", Places.executable.path] + arguments,
      executable: URL(fileURLWithPath: "/bin/sh"))
  }

  private func errors(_ result: CommandResult) -> [Substring] {
    result.stderr.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
  }

  @Test("a run tells what it does on stderr, in whole lines without control characters")
  func plain() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let result = try run(["train", workshop.path("recipe.toml")])
      #expect(result.status == 0, "\(result.stderr)")
      #expect(result.stdout == "")
      #expect(
        result.stderr.contains(
          "24 pictures, 24 pairs an epoch; 1 picture named in captions is not there"))
      #expect(result.stderr.contains("equal captions are positives, negatives from all 8 pairs"))
      #expect(result.stderr.contains("step 6 of 6, epoch 2.00, loss "))
      #expect(result.stderr.contains("step 0: valid loss "))
      #expect(result.stderr.contains(", the model as it was\n"))
      #expect(result.stderr.contains("step 6: valid loss "))
      #expect(result.stderr.contains("best: step "))
      #expect(result.stderr.contains("; in brackets: since the start"))
      #expect(result.stderr.contains("saved \(workshop.path("run/final")) at step 6"))
      #expect(!result.stderr.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }
  }

  @Test("--json is one object a line on stdout")
  func json() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let result = try run(["train", workshop.path("recipe.toml"), "--json", "--set", "epochs=1"])
      #expect(result.status == 0)
      let objects = try result.stdout.split(separator: "\n").map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(
        objects.compactMap { $0["event"] as? String }
          == [
            "started", "evaluated", "step", "step", "step", "evaluated", "saved", "saved",
            "finished",
          ])
      #expect(objects[0]["missing"] as? Int == 1)
      #expect(objects[0]["captions"] as? Int == 72 && objects[0]["cut_captions"] as? Int == 0)
      #expect(objects[1]["step"] as? Int == 0)
      #expect(objects[2]["step"] as? Int == 1)
      #expect(objects[2]["train_loss"] is Double && objects[2]["learning_rate"] is Double)
      #expect((objects[5]["accuracy"] as? [Double])?.count == 4)
      #expect(objects[5]["recall"] is Double)
      let start = try #require(objects[8]["start"] as? [String: Any])
      let best = try #require(objects[8]["best"] as? [String: Any])
      #expect(start["eval_loss"] as? Double == objects[1]["eval_loss"] as? Double)
      #expect([0, 3].contains(best["step"] as? Int))
    }
  }

  @Test("the command at the end makes a collection with both models")
  func next() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let recipe = workshop.path("recipe.toml")
      #expect(try run(["train", recipe]).status == 0)
      let settings = [
        "model=\(workshop.path("run/final"))", "output=\(workshop.path("it's here"))",
      ]
      let text = try String(contentsOfFile: recipe, encoding: .utf8)
      try text.replacing(/scratch = .*/, with: "").write(
        toFile: recipe, atomically: true, encoding: .utf8)
      let result = try run(["train", recipe] + settings.flatMap { ["--set", $0] })
      #expect(result.status == 0, "\(result.stderr)")
      let line = try #require(
        result.stderr.split(separator: "\n").first { $0.hasPrefix("see it: ") })
      let parts = line.dropFirst("see it: ".count).components(separatedBy: " && ")
      #expect(parts.count == 2 && parts[1].hasPrefix("clip-rsicd explore --collection "))
      let made = try shell("\"$1\"\(parts[0].dropFirst("clip-rsicd".count))", [])
      #expect(made.status == 0, "\(made.stderr)")
      #expect(made.stdout.hasPrefix("24 images: 24 embedded"), "\(made.stdout)")
      let info = try run(["info", "--collection", workshop.path("it's here/compare.sqlite")])
      #expect(info.stdout.contains("best") && info.stdout.contains("final"), "\(info.stdout)")
    }
  }

  @Test(
    "validation and evaluate measure the same: accuracy over the folder's categories, and recall")
  func sameFigures() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let recipe = workshop.path("recipe.toml")
      #expect(try run(["train", recipe]).status == 0)
      // RSICD's names, then class folders of other names, of which the valid split lacks one.
      for folders in [false, true] {
        if folders { try moveIntoFolders(workshop) }
        let model = workshop.path("run/final")
        let name = folders ? "folders" : "names"
        let text = try String(contentsOfFile: recipe, encoding: .utf8)
        try text.replacing(/scratch = .*/, with: "model = \"\(model)\"").write(
          toFile: recipe, atomically: true, encoding: .utf8)
        let trained = try run([
          "train", recipe, "--json", "--set", "output=\(workshop.path(name))", "--set", "steps=3",
          "--set", "valid.template=seen from above: {category}",
        ])
        let start = try #require(
          trained.stdout.split(separator: "\n").lazy.map {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
          }.first { $0?["event"] as? String == "evaluated" } ?? nil, "\(trained.stderr)")
        let evaluated = try run([
          "evaluate", "--model", model, "--images", workshop.folder.path, "--captions",
          workshop.path("valid.jsonl"), "--captions-per-image", "1", "--retrieval", "distinct-text",
          "--template", "seen from above: {category}", "--per-category", "--json",
        ])
        let object = try #require(
          JSONSerialization.jsonObject(with: Data(evaluated.stdout.utf8)) as? [String: Any],
          "\(evaluated.stderr)")
        let shares = try #require(object["accuracy"] as? [String: Double])
        #expect(
          start["accuracy"] as? [Double] == ["1", "3", "5", "10"].compactMap { shares[$0] })
        let recall = (object["recall"] as? [String: [String: Any]])?["distinct"]?["mean"]
        #expect(abs((start["recall"] as? Double ?? 9) - (recall as? Double ?? 0)) < 1e-9)
        let categories = (object["categories"] as? [[String: Any]])?.compactMap { $0["name"] }
        #expect(categories?.count == (folders ? 4 : 30))
        if folders {
          #expect(categories as? [String] == ["beach", "big_port", "forest", "river"])
        }
      }
    }
  }

  private func moveIntoFolders(_ workshop: TrainingWorkshop) throws {
    for name in try workshop.names("photos") {
      let category = name.prefix { $0 != "_" }
      let folder = workshop.path("photos/\(category == "port" ? "big_port" : String(category))")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let number = name.drop { $0 != "_" }
      try FileManager.default.moveItem(
        atPath: workshop.path("photos/\(name)"), toPath: "\(folder)/IMG\(number)")
    }
    for file in ["train.jsonl", "valid.jsonl"] {
      let text = try String(contentsOfFile: workshop.path(file), encoding: .utf8)
      try text.split(separator: "\n").filter {
        file == "train.jsonl" || !$0.contains("/river_")
      }.joined(separator: "\n")
        .replacing(/photos\/([a-z]+)_/) { "photos/\($0.1 == "port" ? "big_port" : $0.1)/IMG_" }
        .write(toFile: workshop.path(file), atomically: true, encoding: .utf8)
    }
  }

  static let published = [
    "lr1e-4-augs", "lr1e-4-imgaugs", "lr1e-4-imgaugs-textaugs", "lr5e-5-imgaugs-textaugs",
    "lr5e-5-imgaugs", "lr5e-5-imgaugs-textaugs-2", "lr5e-5-imgaugs-textaugs-3", "lr5e-5-wd02",
    "lr5e-6-adam",
  ]

  @Test("each published recipe is what its name says", arguments: published)
  func nameOfRecipe(name: String) throws {
    let path = Places.package.appendingPathComponent("recipes/bs128x8-\(name).toml").path
    let recipe = try Recipe(contentsOf: path, settings: [])
    let rate = try #require(name.firstMatch(of: /lr([0-9]e-[0-9])/).flatMap { Double($0.1) })
    #expect(recipe.learningRate == rate)
    #expect(recipe.optimiser == (name.hasSuffix("-adam") ? .adamw : .adafactor))
    #expect(recipe.weightDecay == (name.hasSuffix("-wd02") ? 0.2 : 0))
    #expect(recipe.batch == 1024 && recipe.group == 128 && recipe.negatives == .local)
    #expect((recipe.augmentation != Augmentation()) == name.contains("augs"))
    guard case .files(let captions, _) = recipe.data[0].source else {
      Issue.record("no files")
      return
    }
    let isOfTexts = name.contains("textaugs") || name.hasSuffix("-augs")
    #expect(captions.map { $0.contains("textaug_") } == [isOfTexts])
  }

  @Test("each published recipe starts on any checkpoint with one command")
  func publishedRecipes() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      #expect(try run(["train", workshop.path("recipe.toml")]).status == 0)
      for name in Self.published {
        let recipe = Places.package.appendingPathComponent("recipes/bs128x8-\(name).toml").path
        let settings = [
          "model=\(workshop.path("run/final"))", "output=\(workshop.path(name))", "steps=2",
          "log_every=1",
          "warmup_steps=0", "batch=16", "group=4",
          "data.0.captions=\(workshop.path("train.jsonl"))",
          "data.0.images=\(workshop.folder.path)", "valid.captions=\(workshop.path("valid.jsonl"))",
          "valid.images=\(workshop.folder.path)",
        ]
        let result = try run(["train", recipe] + settings.flatMap { ["--set", $0] })
        #expect(result.status == 0, "\(name): \(result.stderr)")
        #expect(result.stderr.contains("plain, 4 groups of 4 with negatives of their own"))
        let model = try workshop.bytes("\(name)/final/model.safetensors")
        #expect(model != (try workshop.bytes("run/final/model.safetensors")), "\(name)")
        let log = try String(contentsOfFile: workshop.path("\(name)/log.jsonl"), encoding: .utf8)
        let rates = try log.split(separator: "\n").compactMap { line in
          let fields = try JSONSerialization.jsonObject(with: Data(line.utf8))
          return (fields as? [String: Any])?["learning_rate"] as? Double
        }
        let wanted = name.firstMatch(of: /lr([0-9]e-[0-9])/).flatMap { Double($0.1) }
        #expect(wanted != nil && abs((rates.first ?? 0) - (wanted ?? 1)) < 1e-9, "\(name): \(log)")
      }
    }
  }

  @Test("bad input is one clear line, exit code 2")
  func badInput() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let recipe = workshop.path("recipe.toml")
      let cases: [([String], String)] = [
        (["train", "/nonexistent.toml"], "Error: /nonexistent.toml: there is no such file"),
        (
          ["train", recipe, "--set", "learning_rte=1"],
          "Error: --set learning_rte: unknown key learning_rte; did you mean learning_rate?"
        ),
        (
          ["train", recipe, "--set", "learning_rate=0"], "learning_rate should be a number above 0"
        ),
        (
          ["train", recipe, "--set", "batch=2000"],
          "Error: batch is 2000, larger than the data: an epoch has 24 pairs"
        ),
        (
          ["train", recipe, "--set", "scratch=/nonexistent"],
          "Error: /nonexistent/config.json: does not exist"
        ),
        (
          ["train", recipe, "--set", "data.0.captions=/nonexistent.jsonl"],
          "Error: /nonexistent.jsonl: there is no such file"
        ),
        (
          ["train", recipe, "--set", "output=/proc/none/run"],
          "Error: /proc/none/run: cannot be made"
        ),
        (["train", recipe, "--threads", "0"], "--threads is 0, expected 1 to 1024"),
      ]
      for (arguments, words) in cases {
        let result = try run(arguments)
        #expect(result.status == 2, "\(arguments)")
        #expect(result.stdout == "")
        #expect(errors(result).count == 1, "\(result.stderr)")
        #expect(result.stderr.contains(words), "\(result.stderr)")
      }
    }
  }

  @Test("the environment's limit of pixels holds for training, and for its valid split")
  func pixelLimit() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let recipe = workshop.path("recipe.toml")
      func trained(_ limit: String) throws -> CommandResult {
        try run(
          ["train", recipe, "--set", "output=\(workshop.path("limit-\(limit)"))"],
          environment: ["CLIP_RSICD_MAX_PIXELS": limit])
      }
      // The pictures have 40 × 36.
      let refused = try trained("1439")
      #expect(refused.status == 2)
      #expect(refused.stderr.contains("more than the limit of 1439"), "\(refused.stderr)")
      #expect(try trained("1440").status == 0)
      let wrong = try trained("many")
      #expect(wrong.status == 2)
      #expect(wrong.stderr.contains("CLIP_RSICD_MAX_PIXELS is \"many\""), "\(wrong.stderr)")
    }
  }

  @Test(
    "a picture of the valid split that cannot be read costs itself, is named, and the exit code says so"
  )
  func unreadableValid() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("whole")
      #expect(try run(["train", workshop.path("recipe.toml")]).status == 0)
      let bad = workshop.path("photos/beach_99.jpg")
      try Data("no picture".utf8).write(to: URL(fileURLWithPath: bad))
      let valid = try String(contentsOfFile: workshop.path("valid.jsonl"), encoding: .utf8)
      try ("{\"filename\": \"photos/beach_99.jpg\", \"captions\": [\"a beach\"]}\n" + valid)
        .write(toFile: workshop.path("valid.jsonl"), atomically: true, encoding: .utf8)
      _ = try workshop.recipe("parts")
      let result = try run(["train", workshop.path("recipe.toml")])
      #expect(result.status == 2)
      #expect(
        result.stderr.components(separatedBy: "valid: \(bad): not a picture").count == 2,
        "\(result.stderr)")
      #expect(result.stderr.contains("1 picture could not be read and was left out"))
      // What is left is measured as if the bad one had never been named.
      func curve(_ name: String) throws -> [Substring] {
        try String(contentsOfFile: workshop.path("\(name)/log.jsonl"), encoding: .utf8)
          .split(separator: "\n").filter { $0.contains("eval_loss") }
      }
      #expect(try curve("whole") == curve("parts"))
      #expect(
        try workshop.bytes("whole/best/model.safetensors")
          == workshop.bytes("parts/best/model.safetensors"))
    }
  }

  @Test("Ctrl-C saves, says how to go on, and going on gives the same bytes")
  func interrupt() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("whole")
      let more = ["--set", "epochs=100", "--set", "save_every_epochs=100"]
      let whole = try run(["train", workshop.path("recipe.toml")] + more)
      #expect(whole.status == 0, "\(whole.stderr)")
      _ = try workshop.recipe("parts")
      let arguments = ["train", workshop.path("recipe.toml")] + more
      let script = """
        "$@" & pid=$!
        while kill -0 $pid 2>/dev/null && ! grep -q '"step":40,' '\(workshop.path("parts/log.jsonl"))' 2>/dev/null
        do sleep 0.01; done
        kill -INT $pid; wait $pid
        """
      let first = try shell(script, arguments)
      #expect(first.status == 130, "\(first.stderr)")
      #expect(
        first.stderr.contains(
          "Saved. Go on with: clip-rsicd train \(workshop.path("recipe.toml")) --set epochs=100 --set save_every_epochs=100 --resume\n"
        ))
      #expect(try workshop.names("parts").contains("ckpt-interrupted"))
      let second = try run(arguments + ["--resume"])
      #expect(second.status == 0)
      #expect(second.stderr.contains("going on from step "))
      #expect(
        try workshop.bytes("whole/final/model.safetensors")
          == workshop.bytes("parts/final/model.safetensors"))
    }
  }

  @Test(
    "a run whose messages cannot be written trains to the end",
    arguments: ["2>/dev/full", "2>&-", "<&- >&- 2>&-"])
  func unwritableMessages(_ redirections: String) throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let result = try shell(
        "exec \"$@\" \(redirections)", ["train", workshop.path("recipe.toml")])
      #expect(result.status == 0)
      #expect(try workshop.names("run").contains("final"))
      // Nothing of stderr's went into a file that got its number.
      let log = String(decoding: try workshop.bytes("run/log.jsonl"), as: UTF8.self)
      #expect(log.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"step\":") })
    }
  }

  @Test("a terminal that goes saves a checkpoint, however often it says so")
  func hangUp() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let more = ["--set", "epochs=1000", "--set", "save_every_epochs=1000"]
      let script = """
        "$@" & pid=$!
        while kill -0 $pid 2>/dev/null && ! grep -q '"step":40,' '\(workshop.path("run/log.jsonl"))' 2>/dev/null
        do sleep 0.01; done
        kill -HUP $pid; kill -HUP $pid; wait $pid
        """
      let result = try shell(script, ["train", workshop.path("recipe.toml")] + more)
      #expect(result.status == 130, "\(result.stderr)")
      #expect(try workshop.names("run").contains("ckpt-interrupted"))
    }
  }

  @Test("killed again and again at any moment, a run still ends with the same bytes")
  func killed() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("whole")
      // Almost all of the time goes into writing: a checkpoint at every step.
      let more = ["--set", "epochs=8", "--set", "save_every=1", "--set", "eval_every=8"]
      #expect(try run(["train", workshop.path("recipe.toml")] + more).status == 0)
      _ = try workshop.recipe("parts")
      let arguments = ["train", workshop.path("recipe.toml")] + more + ["--resume"]
      var kills = 0
      for delay in [0.35, 0.42, 0.39, 0.5, 0.45, 0.37, 0.55, 0.4] {
        let result = try shell(
          "\"$@\" & pid=$!; sleep \(delay); kill -9 $pid; wait $pid", arguments)
        if result.status == 0 { break }
        kills += 1
      }
      let last = try run(arguments)
      #expect(last.status == 0, "\(last.stderr)")
      #expect(kills > 0)
      for name in ["final/model.safetensors", "ckpt-24/trainer/optimiser.safetensors"] {
        #expect(try workshop.bytes("whole/\(name)") == workshop.bytes("parts/\(name)"))
      }
      #expect(try workshop.names("parts").filter { $0.hasPrefix(".unfinished") }.isEmpty)
    }
  }

  @Test(
    "a full disk is one line; the last checkpoint is intact and there is room to go on",
    .enabled(if: canMount))
  func fullDisk() throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("disk/run")
      let disk = workshop.path("disk")
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      // One checkpoint fits, and half of the next.
      let script = """
        mount -t tmpfs -o size=7m none '\(disk)' || exit 99
        "$@"; status=$?
        ls -A '\(disk)/run'; stat -c '%s' '\(disk)'/run/ckpt-*/model.safetensors
        exit $status
        """
      let result = try run(
        [
          "-rm", "/bin/sh", "-c", script, "sh", Places.executable.path, "train",
          workshop.path("recipe.toml"),
          "--set", "save_every=1", "--set", "save_total_limit=5", "--set", "eval_every=100",
        ],
        executable: URL(fileURLWithPath: "/usr/bin/unshare"))
      #expect(result.status == 2, "\(result.stderr)")
      #expect(errors(result).count == 1, "\(result.stderr)")
      #expect(errors(result).first?.contains("the disk is full; ckpt-") == true, "\(result.stderr)")
      #expect(
        errors(result).first?.contains("is intact. Make room and go on with --resume") == true)
      #expect(result.stdout.contains("ckpt-1\n"))
      #expect(!result.stdout.contains(".unfinished"))
    }
  }
}
