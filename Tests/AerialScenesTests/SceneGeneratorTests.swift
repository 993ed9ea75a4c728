import AerialScenes
import Imaging
import Testing

@Suite struct SceneGeneratorTests {
  @Test("there are RSICD's thirty categories in order")
  func categories() {
    #expect(SceneGenerator.categories.count == 30)
    #expect(SceneGenerator.categories == SceneGenerator.categories.sorted())
    #expect(SceneGenerator().scene(category: "castle", number: 1) == nil)
    #expect(SceneGenerator().scene(category: "port", number: 0) == nil)
  }

  @Test(
    "a scene is the same every time, another number or seed is another scene",
    arguments: SceneGenerator.categories)
  func reproducible(category: String) async throws {
    let generator = SceneGenerator(seed: 5, side: 64)
    let first = try #require(generator.scene(category: category, number: 1))
    async let again = generator.scene(category: category, number: 1)
    #expect(await again?.pixels == first.pixels)
    let others = [
      generator.scene(category: category, number: 2),
      SceneGenerator(seed: 6, side: 64).scene(category: category, number: 1),
    ]
    for other in others {
      let other = try #require(other)
      let difference = zip(first.pixels.bytes, other.pixels.bytes).reduce(0) {
        $0 + abs(Int($1.0) - Int($1.1))
      }
      #expect(difference > 3 * first.pixels.bytes.count)
    }
  }

  @Test(
    "five captions say what was drawn, and the category's own words are in them",
    arguments: SceneGenerator.categories)
  func captions(category: String) throws {
    let scene = try #require(SceneGenerator(side: 32).scene(category: category, number: 3))
    #expect(scene.filename == "\(category)_3.jpg" && scene.category == category)
    #expect(scene.captions.count == 5 && Set(scene.captions).count == 5)
    #expect(scene.captions.allSatisfy { $0.hasSuffix(" .") && $0.count > 15 })
    let said = scene.captions.joined().filter { $0 != " " }
    let stem = category.replacing("residential", with: "")
    #expect(
      said.contains(stem == "storagetanks" ? "storagetanks" : stem.prefix(8)), "\(scene.captions)")
  }

  @Test("any side that is asked for is drawn", arguments: [16, 33, 128, 700])
  func sides(side: Int) throws {
    for category in ["airport", "desert", "stadium"] {
      let scene = try #require(SceneGenerator(side: side).scene(category: category, number: 1))
      #expect(scene.pixels.width == side && scene.pixels.height == side)
    }
    #expect(SceneGenerator(side: -5).side == 16 && SceneGenerator(side: .max).side == 2048)
  }
}
