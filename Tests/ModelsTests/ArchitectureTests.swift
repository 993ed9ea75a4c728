import Models
import Foundation
import TestSupport
import Testing

/// Weights of real sizes without a configuration: files whose numbers are holes, of which only names and
/// shapes are looked at.
@Suite struct ArchitectureTests {
  /// A safetensors file with OpenCLIP's names and shapes, and no numbers on the disk.
  private func write(_ name: String, imageSize: Int? = nil, to path: String) throws {
    let sizes = try #require(PublishedArchitecture(named: name))
    let side = (imageSize ?? sizes.imageSize) / sizes.patchSize
    var shapes: [(String, [Int])] = [
      ("positional_embedding", [77, sizes.text.width]), ("logit_scale", []),
      ("text_projection", [sizes.text.width, sizes.projectionWidth]),
      ("token_embedding.weight", [49_408, sizes.text.width]),
      ("visual.class_embedding", [sizes.vision.width]),
      ("visual.proj", [sizes.vision.width, sizes.projectionWidth]),
      ("visual.conv1.weight", [sizes.vision.width, 3, sizes.patchSize, sizes.patchSize]),
      (
        "visual.positional_embedding",
        [side * side + 1, sizes.vision.width]
      ),
    ]
    for (norm, width) in [
      ("ln_final", sizes.text.width), ("visual.ln_pre", sizes.vision.width),
      ("visual.ln_post", sizes.vision.width),
    ] { shapes += [("\(norm).weight", [width]), ("\(norm).bias", [width])] }
    for (prefix, tower) in [("visual.", sizes.vision), ("", sizes.text)] {
      for layer in 0..<tower.layers {
        let block = "\(prefix)transformer.resblocks.\(layer)."
        for (part, outputs, inputs) in [
          ("attn.in_proj_", 3 * tower.width, tower.width),
          ("attn.out_proj.", tower.width, tower.width),
          ("mlp.c_fc.", tower.intermediateWidth, tower.width),
          ("mlp.c_proj.", tower.width, tower.intermediateWidth),
        ] {
          shapes += [
            ("\(block)\(part)weight", [outputs, inputs]), ("\(block)\(part)bias", [outputs]),
          ]
        }
        for norm in ["ln_1", "ln_2"] {
          shapes += [
            ("\(block)\(norm).weight", [tower.width]), ("\(block)\(norm).bias", [tower.width]),
          ]
        }
      }
    }
    var (end, fields) = (0, [String]())
    for (name, shape) in shapes {
      let start = end
      end += 2 * shape.reduce(1, *)
      fields.append(
        "\"\(name)\":{\"dtype\":\"F16\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}")
    }
    let header = Array("{\(fields.joined(separator: ","))}".utf8)
    try Data(little(UInt64(header.count)) + header).write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(8 + header.count + end))
    try file.close()
  }

  @Test(
    "every published size is recognised, with its heads and what stands between the layers",
    arguments: PublishedArchitecture.all.map(\.name))
  func sizes(name: String) throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("\(name).safetensors").path
      try write(name, to: path)
      let sizes = try #require(PublishedArchitecture(named: name))
      let found = try ModelFolder(path)
      #expect(found.choice?.architecture?.name == name)
      #expect(found.configuration.vision.headWidth == sizes.vision.headWidth)
      #expect(found.configuration.text.headWidth == 64)
      #expect(found.configuration.vision.intermediateWidth == sizes.vision.intermediateWidth)
      #expect(
        found.configuration.vision.activation == (name.hasSuffix("quickgelu") ? .quickGELU : .gelu))
      _ = try found.weights()
      let hasTwin = PublishedArchitecture(named: "\(name)-quickgelu") != nil
      #expect((found.choice?.warning != nil) == hasTwin)
    }
  }

  /// Files as they are published, what they hold, what they are read as, and whether that is certain.
  static let published: [(String, String, String, isCertain: Bool)] = [
    ("RemoteCLIP/RemoteCLIP-ViT-B-32", "ViT-B-32", "ViT-B-32", false),
    ("RemoteCLIP/RemoteCLIP-ViT-L-14", "ViT-L-14", "ViT-L-14", false),
    ("ckpt/RS5M_ViT-B-32", "ViT-B-32", "ViT-B-32-quickgelu", true),
    ("ckpt/RS5M_ViT-B-32_RET-2", "ViT-B-32", "ViT-B-32-quickgelu", true),
    ("ckpt/RS5M_ViT-H-14", "ViT-H-14", "ViT-H-14", true),
    ("SkyCLIP_ViT_B32_top50pct/epoch_20", "ViT-B-32", "ViT-B-32", true),
    ("SkyCLIP_ViT_L14_top30pct/epoch_20", "ViT-L-14", "ViT-L-14", false),
    ("mine/best", "ViT-B-16", "ViT-B-16", false),
    ("mine/from-openai-epoch-3", "ViT-B-16", "ViT-B-16-quickgelu", true),
    ("mine/large", "ViT-g-14", "ViT-g-14", true),
  ]

  @Test("published names are read as their publishers do", arguments: published.indices)
  func names(index: Int) throws {
    let (file, holds, wanted, isCertain) = Self.published[index]
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("\(file).safetensors")
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try write(holds, to: path.path)
      let choice = try #require(try ModelFolder(path.path).choice)
      #expect(choice.architecture?.name == wanted)
      #expect((choice.warning == nil) == isCertain, "\(choice.warning ?? "")")
    }
  }

  @Test(
    "at a picture size that none was published with, the plainest name and its twin are offered")
  func otherSize() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("large-448.safetensors").path
      try write("ViT-L-14", imageSize: 448, to: path)
      let choice = try #require(try ModelFolder(path).choice)
      #expect(choice.architecture?.name == "ViT-L-14")
      #expect(choice.warning?.contains("ViT-L-14-quickgelu") == true, "\(choice.warning ?? "")")
      #expect(choice.warning?.contains("336") == false, "\(choice.warning ?? "")")
    }
  }

  @Test("--model-config decides, and must have the weights' sizes")
  func named() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("RemoteCLIP-ViT-B-32.safetensors").path
      try write("ViT-B-32", to: path)
      let quick = try #require(try ModelFolder(path, as: "ViT-B/32-quickgelu").choice)
      #expect(quick.activation == .quickGELU && quick.warning == nil)
      let wrong = #expect(throws: CLIPError.self) { try ModelFolder(path, as: "ViT-L-14") }
      #expect(
        wrong.map { "\($0)" }?.contains(
          "is no ViT-L-14: patches of 32, not 14, vision width 768, not 1024") == true)
      #expect(wrong.map { "\($0)" }?.contains("ViT-B-32 or ViT-B-32-quickgelu") == true)
      let unknown = #expect(throws: CLIPError.self) { try ModelFolder(path, as: "RN50") }
      #expect(unknown.map { "\($0)" }?.contains("is none of OpenCLIP's") == true)
      let own = #expect(throws: CLIPError.self) {
        try ModelFolder(Places.model("rsicd-mini"), as: "ViT-B-32")
      }
      #expect(own.map { "\($0)" }?.contains("says what the model is") == true)
    }
  }

  @Test("readings have fingerprints of their own, and a collection's reading is found again")
  func fingerprints() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("RemoteCLIP-ViT-S.safetensors").path
      try write("ViT-B-32", to: path)
      let plain = try CLIPModel(contentsOf: path, threads: 1)
      let quick = try CLIPModel(contentsOf: path, as: "ViT-B-32-quickgelu", threads: 1)
      #expect(plain.fingerprint == quick.fingerprint + "~ViT-B-32")
      #expect(try plain.reread(asIn: quick.fingerprint)?.fingerprint == quick.fingerprint)
      #expect(try quick.reread(asIn: plain.fingerprint)?.fingerprint == plain.fingerprint)
      #expect(try plain.reread(asIn: plain.fingerprint) == nil)
      #expect(try plain.reread(asIn: "abc~ViT-B-32-quickgelu") == nil)
      #expect(plain.notes.count == 1 && quick.notes.isEmpty)
    }
  }
}
