import Files
import Testing

@Suite struct PathBytesTests {
  @Test("canonically equal names are two paths")
  func identity() {
    let names = ["S\u{E3}o_1.png", "Sa\u{303}o_1.png", "\u{C5}.png", "\u{212B}.png"]
    #expect(Set(names).count == 2)
    #expect(Set(names.map { PathBytes($0) }).count == 4)
    #expect(PathBytes("\u{212B}") > PathBytes("\u{C5}"))
  }

  @Test("components and name leave empty parts out, and bytes that are no UTF-8 stay")
  func parts() {
    #expect(PathBytes("/a//b.png").components.map(\.description) == ["a", "b.png"])
    #expect(PathBytes("/a//b/").name.text == "b")
    #expect(PathBytes("///").name.text == "")
    let odd = PathBytes([0x61, 0x2F, 0xFF])
    #expect(odd.text == nil && odd.name.bytes == [0xFF] && odd.description == "a/\u{FFFD}")
  }

  @Test("a path lies below a folder by whole components")
  func below() {
    #expect(PathBytes("/a/b").isBelow(PathBytes("/a")))
    #expect(!PathBytes("/ab/c").isBelow(PathBytes("/a")))
    #expect(!PathBytes("/a").isBelow(PathBytes("/a")))
    #expect(!PathBytes("/abc").isBelow(PathBytes("/a")))
    #expect(PathBytes("/a").isBelow(PathBytes("/")))
    #expect(!PathBytes("/").isBelow(PathBytes("/")) && !PathBytes("a").isBelow(PathBytes("/")))
  }

  @Test("paths stand in the order of their bytes")
  func order() {
    let paths = ["b", "aa", "a", "a/b", "a-b", ""].map { PathBytes($0) }
    #expect(paths.sorted().map(\.description) == ["", "a", "a-b", "a/b", "aa", "b"])
  }
}
