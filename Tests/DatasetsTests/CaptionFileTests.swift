import Datasets
import Files
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

  private func file(_ text: String, layout: CaptionLayout = .init(), name: String = "captions")
    throws -> CaptionFile
  {
    try file(Array(text.utf8), layout: layout, name: name)
  }

  private func file(_ bytes: [UInt8], layout: CaptionLayout = .init(), name: String = "captions")
    throws -> CaptionFile
  {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(name)
      try Data(bytes).write(to: url)
      return try CaptionFile(contentsOf: url.path, layout: layout)
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
    "a broken line is left out, named by its number, and the others stay",
    arguments: [
      ("{\"filename\": \"a.jpg\"", "no JSON object"), ("[1]", "no JSON object"),
      ("{\"captions\": [\"x\"]}", "no filename"), ("{\"filename\": \"a.jpg\"}", "captions"),
      ("{\"filename\": \"a.jpg\", \"captions\": [1]}", "captions"),
      (#"{"filename": "a.jpg", "captions": ["\ud83d"]}"#, "line 2"),
    ])
  func broken(line: String, words: String) throws {
    let good = #"{"filename": "ok.jpg", "captions": ["x"]}"#
    for text in [good + "\n" + line + "\n" + good, good + "\r\n" + line + "\r\n" + good] {
      let file = try file(text)
      #expect(file.images.map(\.name) == ["ok.jpg", "ok.jpg"])
      #expect(file.badLines.count == 1)
      #expect(file.badLines.first.first?.line == 2)
      #expect(file.badLines.first.first?.description.contains(words) == true)
    }
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

  @Test(
    "RSICD's test file has its 1,027 images with a category", .needs("data/rsicd/test_rsicd.jsonl"))
  func rsicd() throws {
    let path = Places.shared.appendingPathComponent("data/rsicd/test_rsicd.jsonl").path
    let images = try CaptionFile.read(path)
    #expect(images.count == 1093)
    let listing = PictureListing(
      files: images.map { PathBytes("/\($0.filename)") }.sorted(), roots: [PathBytes("/")])
    let categories = PictureCategories(listing)
    let named = images.filter { categories.category(of: PathBytes("/\($0.filename)")) != nil }
    #expect(named.count == 1027)
    let all = categories.summary(of: listing.files)
    #expect(all.fromNames == all.count && all.fromFolders == 0)
    #expect(named.allSatisfy { $0.captions.count == 5 && $0.split == "test" })
  }

  // MARK: Other forms

  @Test(
    "open_clip's tables, the hub's metadata and others with a header are read",
    arguments: [
      "filepath\ttitle\na b.jpg\tone, two\nc.jpg\tthree\n",
      "\u{FEFF}filepath,title\r\na b.jpg,\"one, two\"\r\nc.jpg,three\r\n",
      "file_name,split,text\na b.jpg,dev,\"one, two\"\nc.jpg,dev,three",
      "image_name| comment_number| comment\na b.jpg| 0|one, two\nc.jpg| 0|three\n",
      "FileName;Caption\na b.jpg;one, two\nc.jpg;three\n",
    ])
  func tables(text: String) throws {
    let file = try file(text)
    #expect(file.images.map(\.filename) == ["a b.jpg", "c.jpg"])
    #expect(file.images.map(\.captions) == [["one, two"], ["three"]])
    #expect(file.badLines.count == 0)
    if text.contains("split") { #expect(file.images.allSatisfy { $0.split == "valid" }) }
  }

  @Test("quotes after RFC 4180 hold separators, quotes and line ends")
  func quotes() throws {
    let file = try file(
      "file_name,text\r\na.jpg,\"he said \"\"two,\r\nplanes\"\"\"\r\nb.jpg,plain\r\n")
    #expect(file.images.map(\.captions) == [["he said \"two,\r\nplanes\""], ["plain"]])
  }

  @Test("a broken row costs that row, and its line is told")
  func brokenRows() throws {
    let text = "filepath,title\na.jpg,one\nb.jpg\nc.jpg,x,y\n,z\nd.jpg,\"never closed\ne.jpg,five\n"
    let file = try file(Array(text.utf8) + [0x66, 0x2C, 0xFF, 0x0A])
    #expect(file.images.map(\.filename) == ["a.jpg", "e.jpg"])
    #expect(file.badLines.first.map(\.line) == [3, 4, 5, 6, 8])
  }

  @Test("columns are named by options, numbered ones belong together, lists in a cell are lists")
  func columns() throws {
    let named = try file(
      "bild#satz#text\na.jpg#one#no\n",
      layout: .init(separator: 0x23, imageColumn: "Bild", textColumn: "satz"))
    #expect(named.images.map(\.captions) == [["one"]])
    let several = try file("filename,caption_1,caption_2,captions_count\na.jpg,one,two,2\n")
    #expect(several.images.map(\.captions) == [["one", "two"]])
    let lists = try file(
      "filename,captions\na.jpg,\"['it''s' \"\"b's\"\"\n 'c']\"\nb.jpg,\"[\"\"x\"\", \"\"y\"\"]\"\nc.jpg,[no list]\n"
    )
    #expect(lists.images.map(\.captions) == [["it", "s", "b's", "c"], ["x", "y"], ["[no list]"]])
    let json = try file(
      #"{"bild": "a.jpg", "satz": "one", "text": "no"}"#,
      layout: .init(imageColumn: "bild", textColumn: "satz"))
    #expect(json.images.map(\.captions) == [["one"]])
    let error = #expect(throws: CaptionFileError.self) { try file("a,b\n1,2\n") }
    #expect(error?.description.contains("it has: a, b") == true)
  }

  @Test("the hub's metadata.jsonl: text, caption or captions")
  func hub() throws {
    let file = try file(
      """
      {"file_name": "0001.png", "text": "one"}
      {"file_name": "train/2.png", "caption": "two"}
      {"file_name": "3.png", "captions": ["three", "", "four"]}
      {"file_name": "4.png", "text": null}
      """, name: "metadata.jsonl")
    #expect(file.images.map(\.captions) == [["one"], ["two"], ["three", "four"], []])
  }

  @Test("COCO's captions are gathered by image")
  func coco() throws {
    let file = try file(
      #"""
      {"info": {}, "images": [{"id": 7, "file_name": "b.jpg"}, {"id": 5, "file_name": "a.jpg"}, {"id": 9}],
       "annotations": [{"image_id": 5, "id": 1, "caption": "one"}, {"image_id": 7, "id": 2, "caption": "two"},
         {"image_id": 5, "id": 3, "caption": "three"}, {"id": 4, "caption": "whose"}]}
      """#, name: "captions_val2017.json")
    #expect(file.images.map(\.filename) == ["b.jpg", "a.jpg"])
    #expect(file.images.map(\.captions) == [["two"], ["one", "three"]])
    #expect(file.images.allSatisfy { $0.split == "valid" })
    #expect(file.badLines.count == 2)
  }

  @Test("NWPU-Captions: a list for each class, raw to raw_4, pictures in the class's folder")
  func classes() throws {
    let file = try file(
      #"""
      {"airplane": [{"raw": "one", "raw_1": "two", "raw_2": "three", "raw_3": "four", "raw_4": "five",
        "sentids": 1, "split": "val", "filename": "airplane_001.jpg", "imgid": 0}],
       "lake": [{"raw": "a lake", "split": "test", "filename": "lake_001.jpg"}]}
      """#, name: "dataset_nwpu.json")
    #expect(file.images.map(\.filename) == ["airplane/airplane_001.jpg", "lake/lake_001.jpg"])
    #expect(file.images.map(\.captions) == [["one", "two", "three", "four", "five"], ["a lake"]])
    #expect(file.images.map(\.split) == ["valid", "test"])
  }

  @Test("UCM's, Sydney's and RSITMD's documents, and COCO's Karpathy split with a folder")
  func documents() throws {
    let file = try file(
      #"""
      {"images": [{"sentids": [0], "imgid": 0, "filename": "1.tif", "split": "val",
          "sentences": [{"tokens": ["a"], "raw": "one .", "imgid": 0, "sentid": 0}]},
        {"filepath": "val2014", "filename": "COCO_1.jpg", "split": "restval", "sentences": [{"raw": "two"}]},
        {"filename": "3.tif", "sentences": [{"raw": "half \udc00 pair"}]}], "dataset": "UCM"}
      """#)
    #expect(file.images.map(\.filename) == ["1.tif", "val2014/COCO_1.jpg"])
    #expect(file.images.map(\.split) == ["valid", "restval"])
    #expect(file.badLines.count == 1)
    #expect(file.badLines.first.first?.problem.contains("image 3") == true)
    let list = try self.file(#"[{"image": "a.jpg", "caption": "one"}, 3]"#)
    #expect(list.images.map(\.captions) == [["one"]] && list.badLines.count == 1)
    let error = #expect(throws: CaptionFileError.self) {
      try self.file("{\"images\": [\n{\"filename\": \"1.tif\",\n")
    }
    #expect(error?.description.contains("broken JSON") == true)
  }

  @Test("byte order marks and UTF-16 are read")
  func marks() throws {
    let line = #"{"filename": "São.png", "captions": ["boats 🚤"]}"# + "\r\n"
    let units = Array(line.utf16)
    let forms: [[UInt8]] = [
      [0xEF, 0xBB, 0xBF] + Array(line.utf8),
      [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
      [0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] },
    ]
    for bytes in forms {
      let image = try #require(try file(bytes).images.first)
      #expect(image.filename.unicodeScalars.elementsEqual("São.png".unicodeScalars))
      #expect(image.captions == ["boats 🚤"])
    }
  }

  @Test("Parquet and archives are told, with what to do")
  func otherKinds() {
    let error = #expect(throws: CaptionFileError.self) { try file("PAR1xxxxPAR1") }
    #expect(error?.description.contains("pyarrow") == true)
    #expect(throws: CaptionFileError.self) { try file([0x1F, 0x8B, 8, 0]) }
  }

  @Test("all spellings of a split are one", arguments: ["val", "Valid", "validation", "dev"])
  func splits(spelling: String) throws {
    #expect(Splits.name(spelling) == "valid")
    let own = #"{"filename": "a.jpg", "captions": [], "split": "\#(spelling)"}"#
    #expect(try read(own).first?.split == "valid")
    let none = #"{"filename": "a.jpg", "captions": []}"#
    #expect(try read(none, name: "\(spelling)_set.jsonl").first?.split == "valid")
  }

  @Test("a quote that is never closed costs its row alone, however much follows")
  func openQuote() throws {
    let rows = (0..<100_000).map { "\($0).jpg,caption \($0)\n" }.joined()
    let file = try file("filepath,title\na.jpg,\"open\n" + rows)
    #expect(file.images.count == 100_000 && file.badLines.first.map(\.line) == [2])
  }
}
