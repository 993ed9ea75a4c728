import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct CaptionFileTests {
  private func read(_ text: String, name: String = "train_rsicd.jsonl") throws -> [CaptionedImage] {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(name)
      try Data(text.utf8).write(to: url)
      return try CaptionFile.read(url.path)
    }
  }

  @Test("a jsonl file gives names, captions and the split of its name")
  func lines() throws {
    let images = try read(
      """
      {"filename": "rsicd_images/airport_1.jpg", "captions": ["one .", "two ."]}

      {"filename": "b.jpg", "captions": [], "split": "test"}
      """)
    #expect(
      images == [
        CaptionedImage(
          filename: "rsicd_images/airport_1.jpg", captions: ["one .", "two ."], split: "train"),
        CaptionedImage(filename: "b.jpg", captions: [], split: "test"),
      ])
    #expect(images[0].name == "airport_1.jpg")
  }

  @Test("dataset_rsicd.json gives each image its own split")
  func whole() throws {
    let images = try read(
      #"{"images":[{"filename":"a.jpg","split":"val","sentences":[{"raw":"x ."}]}],"dataset":"rsicd"}"#,
      name: "dataset_rsicd.json")
    #expect(images == [CaptionedImage(filename: "a.jpg", captions: ["x ."], split: "valid")])
  }

  @Test(
    "a broken line is named by its number",
    arguments: [
      ("{\"filename\": \"a.jpg\"", "no JSON object"), ("[1]", "no JSON object"),
      ("{\"captions\": [\"x\"]}", "no filename"), ("{\"filename\": \"a.jpg\"}", "captions"),
      ("{\"filename\": \"a.jpg\", \"captions\": [1]}", "captions"),
    ])
  func broken(line: String, words: String) {
    let good = #"{"filename": "ok.jpg", "captions": ["x"]}"#
    let error = #expect(throws: CaptionFileError.self) { try read(good + "\n" + line + "\n") }
    #expect(error?.line == 2)
    #expect(error?.description.contains(words) == true)
  }

  @Test("an empty file, a folder and a missing file are refused")
  func absent() throws {
    #expect(throws: CaptionFileError.self) { try read("\n\n") }
    try withTemporaryFolder { folder in
      #expect(throws: CaptionFileError.self) { try CaptionFile.read(folder.path) }
      #expect(throws: CaptionFileError.self) { try CaptionFile.read(folder.path + "/none") }
      let pipe = folder.path + "/pipe.jsonl"
      #expect(mkfifo(pipe, 0o600) == 0)
      let error = #expect(throws: CaptionFileError.self) { try CaptionFile.read(pipe) }
      #expect(error?.description.contains("a pipe") == true)
    }
  }

  @Test("RSICD's test file has its 1,027 images with a category", .enabled(if: Places.hasShared))
  func rsicd() throws {
    let path = Places.shared.appendingPathComponent("data/rsicd/test_rsicd.jsonl").path
    let images = try CaptionFile.read(path)
    #expect(images.count == 1093)
    let named = images.filter { SceneCategories.category(ofPath: $0.name) != nil }
    #expect(named.count == 1027)
    #expect(named.allSatisfy { $0.captions.count == 5 && $0.split == "test" })
  }

  @Test(
    "the category comes from the name, else from a known folder",
    arguments: [
      ("x/airport_12.jpg", "airport"), ("Port_1.JPG", "port"), ("river/0001.jpg", "river"),
      ("photos/0001.jpg", nil), ("00623.jpg", nil), ("a_b.jpg", nil), ("_1.jpg", nil),
      ("wind turbine_3.jpg", nil), ("", nil),
    ] as [(String, String?)])
  func category(path: String, wanted: String?) {
    #expect(SceneCategories.category(ofPath: path) == wanted)
  }
}
