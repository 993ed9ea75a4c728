import AerialScenes
import Testing

/// "The same bytes on every machine": of one scene of each category at 96 pixels.
@Suite struct DigestTests {
  /// FNV-1a, 64 bits.
  private static func digest(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  private static let pinned: [String: UInt64] = [
    "airport": 0x27d15ec203400f4b,
    "bareland": 0x4ca9057b39d39a9b,
    "baseballfield": 0x7655d9d750a123dc,
    "beach": 0xc0a3e97abc725827,
    "bridge": 0x86a7704b497217c0,
    "center": 0xf01b1696a510d961,
    "church": 0x98b0280200090802,
    "commercial": 0xc0ccab0762a9aeba,
    "denseresidential": 0x854946008ad59052,
    "desert": 0x9d947abe0ebb935c,
    "farmland": 0x25e3a311467ee9d6,
    "forest": 0xbcc73f8a61251c3a,
    "industrial": 0xfbced1fccb43af46,
    "meadow": 0x9e3be840c81941ea,
    "mediumresidential": 0x5f428f71408618dd,
    "mountain": 0x9eef64efa3951398,
    "park": 0xa05394191a31c6a9,
    "parking": 0x6fe72512a7aa4894,
    "playground": 0xea2dec4348eba4be,
    "pond": 0xd4ade372311cf2ec,
    "port": 0x7da0a0618c90989d,
    "railwaystation": 0xcd8604c9bc79c654,
    "resort": 0xd89412eeb2758e7e,
    "river": 0xcbe6f3234aa544ee,
    "school": 0x6b8e9b4c8e7eddaa,
    "sparseresidential": 0xdaac3d4f2a3bcdcc,
    "square": 0xd2050bcaf675bfd4,
    "stadium": 0x2b0040b7c1d45575,
    "storagetanks": 0x09550c2120d4136f,
    "viaduct": 0x959f24fd401cbd21,
  ]

  @Test(
    "the pixels of a scene are those of any other machine", arguments: SceneGenerator.categories)
  func digests(category: String) throws {
    let scene = try #require(
      SceneGenerator(seed: 20, side: 96).scene(category: category, number: 2))
    // Drawings that change on purpose change here, and raise `drawingVersion` of the gallery.
    let digest = Self.digest(scene.pixels.bytes)
    #expect(digest == Self.pinned[category], "\(category) is drawn as \(digest)")
  }
}
