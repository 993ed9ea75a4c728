import Foundation
import TestSupport
import Testing
import Training

@Suite struct RecipeTests {
  static let smallest = """
    model = "m"
    output = "o"
    epochs = 2

    [[data]]
    captions = ["a.jsonl"]
    images = "photos"
    """

  private func recipe(_ text: String, settings: [String] = []) throws -> Recipe {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("r.toml").path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return try Recipe(contentsOf: path, settings: settings)
    }
  }

  @Test("the smallest recipe has defaults for the rest")
  func defaults() throws {
    let found = try recipe(Self.smallest)
    #expect(found.start == .checkpoint("m"))
    #expect(found.length == .epochs(2))
    #expect(found.maxLength == 32)
    #expect(found.optimiser == .adamw && found.schedule == .linear)
    #expect(found.equalCaptions == .negatives)
    #expect(found.augmentation == .init())
    #expect(found.data[0].source == .files(captions: ["a.jsonl"], images: "photos"))
    #expect(found.data[0].weight == 1)
  }

  @Test("settings are put over the recipe, into tables and lists too")
  func settings() throws {
    let found = try recipe(
      Self.smallest,
      settings: [
        "learning_rate=1e-4", "augmentation.crop = 0.8", "data.0.weight=2", "model=other/place",
        "freeze=[\"vision_model.*\"]", "valid.captions=v.jsonl", "valid.images=p",
      ])
    #expect(found.learningRate == 1e-4)
    #expect(found.augmentation.crop == 0.8)
    #expect(found.data[0].weight == 2)
    #expect(found.start == .checkpoint("other/place"))
    #expect(found.freeze == ["vision_model.*"])
    #expect(found.valid?.captions == ["v.jsonl"])
  }

  @Test("a length that is put over the recipe takes the place of the recipe's")
  func length() throws {
    #expect(try recipe(Self.smallest, settings: ["steps=7"]).length == .steps(7))
    #expect(throws: RecipeError.self) {
      try recipe(Self.smallest, settings: ["steps=7", "epochs=3"])
    }
  }

  /// What is put above the smallest recipe's data, and the message without the file's name.
  static let mistakes: [(String, String)] = [
    ("learning_rat = 1e-4", "line 4: unknown key learning_rat; did you mean learning_rate?"),
    ("lerning_rate = 1e-4", "line 4: unknown key lerning_rate; did you mean learning_rate?"),
    ("learning_rate = 0", "line 4: learning_rate should be a number above 0 and below 10, found 0"),
    (
      "learning_rate = \"fast\"",
      "line 4: learning_rate should be a number above 0 and below 10, found the text \"fast\""
    ),
    ("batch = 1", "line 4: batch should be a whole number 2…1048576, found 1"),
    (
      "initial_weights = \"mimetic\"",
      "line 4: initial_weights is for a run from scratch; this one starts from model"
    ),
    ("batch = 64.5", "line 4: batch should be a whole number 2…1048576, found 64.5"),
    ("batch = true", "line 4: batch should be a whole number 2…1048576, found true"),
    (
      "optimiser = \"sgd\"",
      "line 4: optimiser should be \"adamw\" or \"adafactor\", found the text \"sgd\""
    ),
    (
      "negatives = \"local\"\nbatch = 100\ngroup = 30",
      "line 6: group is 30, which does not divide batch (100)"
    ),
    ("steps = 5", "line 3: epochs or steps: give one of them"),
    ("scratch = \"x\"", "line 4: scratch and model are both given; a run has one start"),
    ("freeze = [1]", "line 4: freeze should be a list of texts, found a list of 1"),
    ("seed = 1979-05-27", "line 4: seed should be a whole number of at least 0, found a date"),
    (
      "[augmentation]\nhorizontal_flipp = 0.5",
      "line 5: unknown key augmentation.horizontal_flipp; did you mean augmentation.horizontal_flip?"
    ),
    (
      "[augmentation]\nresized_crop = [1.2, 0.8]",
      "line 5: augmentation.resized_crop should be two numbers [low, high] within 0.01…4.0, found a list of 2"
    ),
    (
      "[valid]\nimages = \"p\"",
      "line 4: valid.captions is missing; give the jsonl files of the valid split"
    ),
    ("augmentation = 3", "line 4: augmentation should be a table, found 3"),
  ]

  @Test("each mistake is one line that names its place", arguments: mistakes)
  func mistake(_ lines: String, _ words: String) throws {
    let parts = Self.smallest.components(separatedBy: "\n\n")
    let text = parts[0] + "\n" + lines + "\n\n" + parts[1]
    do {
      _ = try recipe(text)
      Issue.record("accepted: \(lines)")
    } catch let error as RecipeError {
      #expect(error.description.hasSuffix("/r.toml, \(words)"), "\(error)")
      #expect(!error.description.contains("\n"))
    }
  }

  static let dataMistakes: [(String, String)] = [
    (
      "captions_per_imag = 2",
      "line 8: unknown key data.0.captions_per_imag; did you mean data.0.captions_per_image?"
    ),
    ("weight = -1", "line 8: data.0.weight should be a number 0.0…1000.0, found -1"),
    ("weight = 0", "line 5: data has no data set of a weight above 0"),
    (
      "template = \"a photograph\"",
      "line 8: data.0.template should be a text with {category} in it, found the text \"a photograph\""
    ),
    (
      "scenes = 4", "line 8: data.0.scenes are drawn: captions and images have no place beside them"
    ),
  ]

  @Test("mistakes in a data set too", arguments: dataMistakes)
  func dataMistake(_ line: String, _ words: String) throws {
    do {
      _ = try recipe(Self.smallest + "\n" + line)
      Issue.record("accepted: \(line)")
    } catch let error as RecipeError {
      #expect(error.description.hasSuffix("/r.toml, \(words)"), "\(error)")
    }
  }

  @Test(
    "a setting that is wrong is named as such",
    arguments: [
      ("batch", "setting batch: expected key=value, e.g. batch=256"),
      ("batchh=5", "setting batchh: unknown key batchh; did you mean batch?"),
      (
        "learning_rate=0",
        "setting learning_rate: learning_rate should be a number above 0 and below 10, found 0"
      ),
      ("data.3.weight=1", "setting data.3.weight: 3 is no place in this list, which has 0 to 0"),
    ])
  func settingMistake(_ setting: String, _ words: String) throws {
    do {
      _ = try recipe(Self.smallest, settings: [setting])
      Issue.record("accepted: \(setting)")
    } catch let error as RecipeError {
      #expect(error.description == words)
      #expect(error.setting.map { words.hasPrefix("setting \($0): ") } == true)
    }
  }

  @Test(
    "brackets that belong to nothing are told, and the parser does not end the process",
    arguments: [
      ("x = [}", 1), ("x = [ # why\n\n }", 3), ("x = [1, }", 1), ("x = [[1], }]", 1),
      ("x = { a = [} ]", 1), ("x = { ]", 1), ("x = \"\"\"\n\"\"\"\"\"\ny = [}", 3),
      ("x = 'a\\'\ny = [}", 2), ("x = 1\n[.a]", 2), ("[[ ]]", 1), ("\u{FEFF}\u{FEFF}[[[_[", 1),
      ("\u{FEFF}[ ]", 1), ("}", 1), ("x = [1]]", 1),
    ])
  func brackets(text: String, line: Int) throws {
    let error = #expect(throws: RecipeError.self) { try recipe(text) }
    #expect(error?.line == line, "\(error.map(\.description) ?? "")")
  }

  @Test("brackets within texts and comments are none, and lists may have several lines")
  func soundBrackets() throws {
    let sound = """
      # ] } [
      a = "]}\\"[{" # }
      b = '}\\'
      c = \"\"\"
      ]}\\\"\"\"[
      \"\"\"\"\"
      d = '''}]'''
      e = [
        [1, 2], # ]
        { f = [1], "g]" = '}' },
      ]
      [ "h]" ]
      [[i]]
      """
    // None of these is a setting: that is what is told, and not a bracket.
    for text in [sound, "\u{FEFF}[a]\nb = 1"] {
      let error = #expect(throws: RecipeError.self) { try recipe(text) }
      #expect(
        error?.description.contains("not TOML") == false, "\(error.map(\.description) ?? "")")
    }
  }

  @Test("what is no TOML, no text or not there is told")
  func noRecipe() throws {
    do {
      _ = try recipe("model = \"m\"\nbatch = = 3\n")
      Issue.record("accepted")
    } catch let error as RecipeError {
      #expect(error.description.contains("r.toml, line 2: is not TOML: "))
    }
    #expect(throws: RecipeError.self) { try recipe(String(repeating: "[", count: 100_000)) }
    #expect(throws: RecipeError.self) { try Recipe(contentsOf: "/nonexistent.toml") }
    #expect(throws: RecipeError.self) { try Recipe(contentsOf: "/") }
  }

  @Test("every committed recipe can be read")
  func committed() throws {
    let folder = Places.package.appendingPathComponent("recipes")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".toml") }
    #expect(names.count >= 11)
    for name in names {
      let recipe = try Recipe(contentsOf: folder.appendingPathComponent(name).path)
      #expect(recipe.valid != nil, "\(name)")
    }
  }
}
