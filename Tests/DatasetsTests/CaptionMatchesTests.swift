import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct CaptionMatchesTests {
  /// Files of a folder `photos`, caption files as they are given, and what comes of them.
  private func matches(
    _ files: [String], _ captions: [String: String], split: String? = nil,
    images: String = "photos",
    order: [String]? = nil
  ) throws -> (found: [String: [String]], matches: CaptionMatches) {
    try withTemporaryFolder { folder in
      for file in files + captions.keys {
        let url = folder.appendingPathComponent(file)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((captions[file] ?? "").utf8).write(to: url)
      }
      let root = PictureListing.resolved(folder.path)
      let sources = CaptionSources(
        (order ?? captions.keys.sorted()).map { "\(root)/\($0)" }, split: split)
      let found = try CaptionMatches(
        sources, in: PictureListing(folder: folder.appendingPathComponent(images).path))
      let pairs = found.pictures.map {
        (String($0.path.description.dropFirst(root.utf8.count + 1)), $0.captions)
      }
      return (Dictionary(pairs) { first, _ in first }, found)
    }
  }

  private func lines(_ entries: [(String, String)]) -> String {
    entries.map { name, caption in
      "{\"filename\": \"\(name.replacing("\\", with: "\\\\"))\", \"captions\": [\"\(caption)\"]}"
    }.joined(separator: "\n")
  }

  @Test("a name with a folder is that folder's picture, or none")
  func folders() throws {
    let files = [
      "photos/001.png", "photos/airport/001.png", "photos/airport/002.png", "photos/port/001.png",
    ]
    let (found, all) = try matches(
      files,
      [
        "c.jsonl": lines([
          ("airport/001.png", "A"), ("port/002.png", "no"), ("beach/001.png", "no"),
        ])
      ])
    #expect(found == ["photos/airport/001.png": ["A"]])
    #expect(all.absent == ["port/002.png"] && all.elsewhere.count == 1)
    // The one at the top has fewer folders than the name, and is not alone.
    #expect(all.ambiguous.map(\.name) == ["beach/001.png"])
  }

  @Test("a bare name is the file beside the captions or in the folder, else the only one below")
  func bare() throws {
    let (found, all) = try matches(
      ["photos/1.png", "photos/a/1.png", "photos/a/2.png", "photos/a/3.png", "photos/b/3.png"],
      ["c.jsonl": lines([("1.png", "one"), ("2.png", "two"), ("3.png", "three")])])
    #expect(found == ["photos/1.png": ["one"], "photos/a/2.png": ["two"]])
    #expect(all.ambiguous.map(\.name) == ["3.png"] && all.ambiguous.map(\.count) == [2])
  }

  @Test("captions among pictures are about those, as in the hub's image folders")
  func inside() throws {
    let (found, all) = try matches(
      ["photos/train/1.png", "photos/test/1.png", "photos/test/2.png", "photos/9.png"],
      [
        "photos/train/metadata.jsonl": lines([
          ("1.png", "of train"), ("2.png", "no"), ("9.png", "no"),
        ]),
        "photos/test/metadata.jsonl": lines([("1.png", "of test")]),
      ])
    #expect(found == ["photos/train/1.png": ["of train"], "photos/test/1.png": ["of test"]])
    #expect(all.absent.sorted() == ["2.png", "9.png"])
    #expect(all.pictures.map(\.split) == ["test", "train"])
  }

  @Test("names with more folders than there are fit by their ends, where these are there once")
  func shortened() throws {
    let names = [
      ("rsicd_images/1.jpg", "one"), ("/home/x/set/2.jpg", "two"), ("C:\\set\\3.jpg", "three"),
    ]
    let (found, _) = try matches(
      ["photos/1.jpg", "photos/2.jpg", "photos/3.jpg"], ["c.jsonl": lines(names)])
    #expect(
      found == ["photos/1.jpg": ["one"], "photos/2.jpg": ["two"], "photos/3.jpg": ["three"]])
    let (none, all) = try matches(
      ["photos/1.jpg"], ["c.jsonl": lines([("beach/1.jpg", "no"), ("port/1.jpg", "no")])])
    #expect(none.isEmpty && all.ambiguous.count == 2)
    // Another folder holds a file of that name: which is meant?
    let (twice, _) = try matches(
      ["photos/1.jpg", "photos/a/1.jpg"], ["c.jsonl": lines([("beach/1.jpg", "no")])])
    #expect(twice.isEmpty)
  }

  @Test("names are relative to the caption file, with .. and backslashes")
  func relative() throws {
    let (found, _) = try matches(
      ["photos/a/1.png", "photos/b/1.png", "photos/b/2.png"],
      [
        "sets/c.jsonl": lines([
          ("../photos/a/1.png", "a"), ("..\\photos\\b\\1.png", "b"), ("./b/2.png", "c"),
        ])
      ])
    #expect(found == ["photos/a/1.png": ["a"], "photos/b/1.png": ["b"], "photos/b/2.png": ["c"]])
  }

  @Test("the case of the ending alone may differ, and only where that leaves one file")
  func endings() throws {
    let (found, all) = try matches(
      [
        "photos/a.JPG", "photos/B.jpg", "photos/c.jpg", "photos/c.JPG", "photos/d.Jpg",
        "photos/d.JPG",
      ],
      [
        "c.jsonl": lines([
          ("a.jpg", "a"), ("b.jpg", "no"), ("c.JPG", "c"), ("d.jpg", "no"), ("a.JPEG", "no"),
        ])
      ])
    #expect(found == ["photos/a.JPG": ["a"], "photos/c.JPG": ["c"]])
    #expect(all.absent == ["b.jpg", "a.JPEG"] && all.ambiguous.map(\.name) == ["d.jpg"])
  }

  @Test("canonically equal names are two pictures")
  func bytes() throws {
    let (_, all) = try matches(
      ["photos/S\u{E3}o.png", "photos/Sa\u{303}o.png"],
      ["c.jsonl": lines([("S\u{E3}o.png", "composed"), ("Sa\u{303}o.png", "decomposed")])])
    #expect(all.pictures.map(\.captions) == [["composed"], ["decomposed"]])
    #expect(Set(all.pictures.map(\.path)).count == 2)
  }

  @Test("a picture named on several lines and in several files is one with all captions")
  func merged() throws {
    let (found, all) = try matches(
      ["photos/1.png", "photos/2.png"],
      [
        "a.jsonl": lines([("1.png", "one"), ("2.png", "x"), ("photos/1.png", "two")]),
        "b.csv": "filepath,title\n./photos/1.png,three\n",
      ], order: ["a.jsonl", "b.csv", "a.jsonl"])
    #expect(found == ["photos/1.png": ["one", "two", "three"], "photos/2.png": ["x"]])
    #expect(all.pictures.map(\.name) == ["1.png", "2.png"])
  }

  @Test("a split is chosen before pictures are merged, in any spelling")
  func split() throws {
    let text =
      #"{"filename": "1.png", "captions": ["a"], "split": "val"}"# + "\n"
      + #"{"filename": "2.png", "captions": ["b"], "split": "train"}"# + "\n"
      + #"{"filename": "1.png", "captions": ["c"], "split": "train"}"#
    for spelling in ["val", "dev", "validation"] {
      let (found, _) = try matches(
        ["photos/1.png", "photos/2.png"], ["c.jsonl": text], split: spelling)
      #expect(found == ["photos/1.png": ["a"]])
    }
    let (_, all) = try matches(["photos/1.png", "photos/2.png"], ["c.jsonl": text])
    #expect(all.inSeveralSplits == 1)
  }

  @Test("a folder gives its metadata files, else the texts beside its pictures")
  func sources() throws {
    let (texts, all) = try matches(
      ["photos/a/1.png", "photos/a/2.png", "photos/3.png", "photos/4.png"],
      [
        "photos/a/1.txt": "\u{FEFF}one\r\n\r\ntwo\r\n", "photos/3.txt": "three",
        "photos/4.txt": "0 0.5 0.5 0.1 0.1\n",
      ], order: ["photos"])
    #expect(texts == ["photos/a/1.png": ["one", "two"], "photos/3.png": ["three"]])
    #expect(all.badLines.count == 1)
    let (metadata, _) = try matches(
      ["photos/train/1.png", "photos/2.png"],
      ["photos/train/metadata.csv": "file_name,text\n1.png,one\n", "photos/2.txt": "no"],
      order: ["photos"])
    #expect(metadata == ["photos/train/1.png": ["one"]])
    #expect(throws: CaptionFileError.self) { try matches(["photos/1.png"], [:], order: ["photos"]) }
  }
}
