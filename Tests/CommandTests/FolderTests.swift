import Foundation
import TestSupport
import Testing

/// Folders as people have them: links, junk, names that only look equal, folders that moved.
@Suite(.serialized) struct FolderTests {
  typealias Fixture = CollectionFixture

  private func paint(_ names: [String], in workshop: Workshop) throws {
    for (place, name) in names.enumerated() {
      let path = workshop.path(name)
      try #require(
        mkdirs(path) && FileManager.default.createFile(atPath: path, contents: nil), "\(name)")
      let file = open(path, O_WRONLY | O_TRUNC)
      defer { close(file) }
      let picture = [UInt8](try Fixture.picture(place))
      #expect(write(file, picture, picture.count) == picture.count)
    }
  }

  private func mkdirs(_ path: String) -> Bool {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    return
      (try? FileManager.default.createDirectory(
        atPath: "/" + folder, withIntermediateDirectories: true)) != nil
  }

  private func index(_ workshop: Workshop, _ folder: String, _ more: String...) throws
    -> [String: Any]
  {
    let result = try workshop.program(
      ["index", folder, "--into", workshop.collection, "--model", Fixture.model, "--json"] + more)
    return try JSONLines(result.stdout).first
  }

  private func count(_ report: [String: Any], _ key: String) -> Int? { report[key] as? Int }

  private func paths(_ workshop: Workshop) throws -> [String] {
    try JSONLines(
      workshop.program("search", "a port", "--collection", workshop.collection, "--json").stdout
    ).objects.compactMap { $0["path"] as? String }
  }

  @Test func `names that are canonically equal are two files`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(
        [
          "p/S\u{e3}o_1.png", "p/Sa\u{303}o_1.png", "p/\u{e9}/x_1.png", "p/e\u{301}/x_1.png",
          "p/\u{c5}_1.png", "p/\u{212b}_1.png",
        ], in: workshop)
      #expect(try count(index(workshop, "p"), "embedded") == 6)
      let again = try index(workshop, "p")
      #expect(count(again, "unchanged") == 6 && count(again, "removed") == 0)
      #expect(Set(try paths(workshop).map { Array($0.utf8) }).count == 6)
    }
  }

  @Test func `class folders stay classes when one is indexed alone, and when the others are gone`()
    throws
  {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(
        ["p/peaks/IMG_1.jpg", "p/peaks/IMG_2.jpg", "p/green fields/IMG_1.jpg"], in: workshop)
      func categories() throws -> [String: Int]? {
        try JSONLines(
          workshop.program("info", "--collection", workshop.collection, "--json").stdout
        ).first["categories"] as? [String: Int]
      }
      #expect(try count(index(workshop, "p"), "categories") == 2)
      let all = ["peaks": 2, "green fields": 1]
      #expect(try categories() == all)
      #expect(try count(index(workshop, "p/peaks"), "unchanged") == 2)
      #expect(try categories() == all)
      let found = try workshop.program(
        "search", "x category:\"Green_Fields\"", "--collection", workshop.collection, "--json")
      #expect(try JSONLines(found.stdout).objects.count == 1)
      let alike = try workshop.program(
        "search", "like:\"green fields/IMG_1.jpg\"", "--collection", workshop.collection, "--json")
      #expect(try JSONLines(alike.stdout).objects.count == 2)
      try FileManager.default.removeItem(atPath: workshop.path("p/green fields"))
      #expect(try count(index(workshop, "p"), "removed") == 1)
      #expect(try categories() == ["peaks": 2])
    }
  }

  @Test func `links are followed, junk is left out, and both are told`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(
        [
          "real/port_1.png", "p/jf/a.jfif", "p/mac/port_1.png", "p/mac/.Trash-1000/port_2.png",
          "p/mac/@eaDir/port_1.png/x.png", "p/mac/._port_1.png", "p/note.txt",
        ], in: workshop)
      let files = FileManager.default
      try files.createDirectory(atPath: workshop.path("p/dvc"), withIntermediateDirectories: true)
      for (link, target) in [
        ("p/dvc/port", "../../real"), ("p/dvc/twice", "../../real"), ("p/dvc/up", ".."),
        ("p/gone_1.png", "../.git/annex/k.png"),
      ] {
        try files.createSymbolicLink(atPath: workshop.path(link), withDestinationPath: target)
      }
      let result = try workshop.program(
        "index", "p", "--into", workshop.collection, "--model", Fixture.model, "--json")
      let report = try JSONLines(result.stdout).first
      #expect(count(report, "embedded") == 3, "\(result.stdout)")
      let left = try #require(report["left_out"] as? [String: Any])
      for (kind, number) in [
        ("hidden_folders", 2), ("resource_forks", 1), ("link_loops", 1), ("second_ways", 1),
        ("dangling_links", 1),
      ] { #expect(left[kind] as? Int == number, "\(kind)") }
      #expect((left["endings"] as? [String: Int]) == ["txt": 1])
      #expect(result.stderr.contains("1 link that leads nowhere"))
      #expect(result.stderr.contains("by name: 1 .txt"))
      let unfollowed = try index(workshop, "p", "--no-follow")
      #expect(count(unfollowed, "found") == 2 && count(unfollowed, "removed") == 1)

      try Data("jf/\n".utf8).write(to: URL(fileURLWithPath: workshop.path("p/.clipignore")))
      let excluded = try index(workshop, "p", "--exclude", "dvc")
      #expect(count(excluded, "found") == 1)
      // What the command says stands above the files, also where it brings something back.
      let back = try index(workshop, "p", "--exclude", "dvc", "--exclude", "!jf")
      #expect(count(back, "found") == 2)
    }
  }

  @Test func `a folder that moved or was copied keeps its vectors`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(["a/port_1.png", "a/pond_2.png"], in: workshop)
      #expect(try count(index(workshop, "a"), "embedded") == 2)
      let files = FileManager.default
      try files.moveItem(atPath: workshop.path("a"), toPath: workshop.path("b"))
      let moved = try index(workshop, "b")
      #expect(count(moved, "embedded") == 0 && count(moved, "moved") == 2)
      #expect(try paths(workshop).count == 2)
      #expect(try paths(workshop).allSatisfy { files.fileExists(atPath: $0) })

      try files.copyItem(atPath: workshop.path("b"), toPath: workshop.path("c"))
      let copied = try index(workshop, "c")
      #expect(count(copied, "embedded") == 0 && count(copied, "reused") == 2)
      #expect(try paths(workshop).count == 4)

      try files.removeItem(atPath: workshop.path("b"))
      let pruned = try workshop.program(
        "index", "--prune", "--into", workshop.collection, "--json")
      #expect(try count(JSONLines(pruned.stdout).first, "pruned") == 2, "\(pruned.stderr)")
      #expect(try paths(workshop).count == 2)
      let check = try workshop.program("check", workshop.collection)
      #expect(check.status == 0)

      // A folder without anything may be the place of a disk.
      for name in ["port_1.png", "pond_2.png"] {
        try files.removeItem(atPath: workshop.path("c/\(name)"))
      }
      let bare = try index(workshop, "c")
      #expect(count(bare, "removed") == 0 && count(bare, "kept") == 2)
      let dropped = try workshop.program(
        "index", "--drop", "c", "--into", workshop.collection, "--json")
      #expect(try count(JSONLines(dropped.stdout).first, "pruned") == 2)
    }
  }

  @Test func `other contents of the same size and time are found by reading again`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(["a/port_1.png"], in: workshop)
      _ = try index(workshop, "a")
      let path = workshop.path("a/port_1.png")
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
      bytes[bytes.count - 3] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.modificationDate: time as Any], ofItemAtPath: path)
      #expect(try count(index(workshop, "a", "--reread"), "unchanged") == 0)

      // Times beyond 2262 do not fit; the nearest that does stands for them.
      #expect(
        utimes(
          path,
          [timeval(tv_sec: 9_223_372_037, tv_usec: 0), timeval(tv_sec: 9_223_372_037, tv_usec: 0)])
          == 0)
      #expect(try count(index(workshop, "a"), "found") == 1)
      #expect(try count(index(workshop, "a"), "unchanged") == 1)
    }
  }

  @Test func `nothing to index leaves no file, and a folder is no collection`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      let empty = workshop.path("empty")
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      let result = try workshop.program(
        "index", "empty", "--into", workshop.collection, "--model", Fixture.model)
      #expect(result.status == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["empty"])
      for arguments in [
        ["search", "x", "--collection", empty], ["info", "--collection", empty], ["check", empty],
      ] {
        let refused = try workshop.program(arguments)
        #expect(refused.status == 2)
        #expect(refused.stderr.contains("is a folder, and a collection is a file"))
      }
    }
  }

  @Test func `a model whose folder moved is found by its fingerprint`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(["a/port_1.png", "a/pond_2.png"], in: workshop)
      let files = FileManager.default
      try files.createDirectory(atPath: workshop.path("m"), withIntermediateDirectories: true)
      try files.copyItem(atPath: Fixture.model, toPath: workshop.path("m/mine"))
      _ = try workshop.program(
        "index", "a", "--into", workshop.collection, "--model", workshop.path("m/mine"))
      try files.moveItem(atPath: workshop.path("m/mine"), toPath: workshop.path("m/other"))
      let found = try workshop.program("search", "x", "--collection", workshop.collection, "--json")
      #expect(found.status == 0, "\(found.stderr)")
      #expect(try JSONLines(found.stdout).objects.count == 2)
      let info = try workshop.program("info", "--collection", workshop.collection)
      #expect(!info.stdout.contains("(gone)"), "\(info.stdout)")

      let similar = try workshop.program(
        "similar", "port_1.png", "--collection", workshop.collection, "--json")
      #expect(try JSONLines(similar.stdout).objects.count == 1, "\(similar.stderr)")
    }
  }

  @Test func `check drops what is gone, index tells of it`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(["a/port_1.png", "a/pond_2.png", "b/pier_3.png"], in: workshop)
      _ = try index(workshop, "a")
      _ = try index(workshop, "b")
      try FileManager.default.removeItem(atPath: workshop.path("a"))
      let told = try index(workshop, "b")
      #expect(count(told, "gone_elsewhere") == 2 && count(told, "removed") == 0)
      let check = try workshop.program("check", workshop.collection, "--prune", "--json")
      #expect(try count(JSONLines(check.stdout).first, "pruned") == 2, "\(check.stderr)")
      #expect(try paths(workshop).map { $0.hasSuffix("b/pier_3.png") } == [true])
      #expect(try count(index(workshop, "b"), "gone_elsewhere") == 0)
    }
  }

  @Test func `models stand as they were named, and two of one name are told apart`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(["a/port_1.png", "a/pond_2.png"], in: workshop)
      for (run, model) in [("z", Fixture.baseline), ("b", Fixture.model)] {
        try FileManager.default.createDirectory(
          atPath: workshop.path(run), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: model, toPath: workshop.path("\(run)/best"))
      }
      let result = try workshop.program(
        "index", "a", "--into", workshop.collection, "--model", "z/best", "--model", "b/best")
      #expect(result.status == 0, "\(result.stderr)")
      #expect(try models(workshop) == ["best", "b/best"])
      _ = try workshop.program(
        "index", "a", "--into", workshop.collection, "--model", "b/best", "--model", "z/best")
      #expect(try models(workshop) == ["b/best", "best"])

      // By the names that `info` prints, wherever the folders are now.
      try FileManager.default.moveItem(atPath: workshop.path("b"), toPath: workshop.path("moved"))
      try FileManager.default.removeItem(atPath: workshop.path("z"))
      for name in ["b/best", "best", "clip-mini", "rsicd-mini"] {
        let found = try workshop.program(
          "search", "x", "--collection", workshop.collection, "--model", name, "--json")
        #expect(try JSONLines(found.stdout).objects.count == 2, "\(name): \(found.stderr)")
      }
    }
  }

  @Test func `all pictures are shown where no model is found`() throws {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try paint(["a/port_1.png", "a/pond_2.png"], in: workshop)
      let model = workshop.path("m/own")
      try FileManager.default.createDirectory(
        atPath: workshop.path("m"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: Fixture.model, toPath: model)
      let settings = URL(fileURLWithPath: model + "/config.json")
      try Data((String(contentsOf: settings, encoding: .utf8) + "\n").utf8).write(to: settings)
      _ = try workshop.program("index", "a", "--into", workshop.collection, "--model", model)
      try FileManager.default.removeItem(atPath: model)
      try Data("size 80 24\nframe\ntype pier\nframe\n".utf8)
        .write(to: URL(fileURLWithPath: workshop.path("keys")))
      let played = try workshop.program(
        "explore", "--no-state", "--collection", workshop.collection, "--script",
        workshop.path("keys"))
      let frames = played.stdout.split(separator: " clip-rsicd ", omittingEmptySubsequences: true)
      try #require(frames.count == 2, "\(played.stdout)\(played.stderr)")
      #expect(frames[0].contains("port_1.png") && !frames[0].contains("cannot be loaded"))
      #expect(frames[1].contains("own cannot be loaded") && frames[1].contains("--model"))
    }
  }

  private func models(_ workshop: Workshop) throws -> [String] {
    let info = try workshop.program("info", "--collection", workshop.collection, "--json")
    let models = try JSONLines(info.stdout).first["models"] as? [[String: Any]]
    return models?.compactMap { $0["name"] as? String } ?? []
  }
}
