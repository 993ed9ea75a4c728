import AerialScenes
import Testing

/// What the captions say against what was drawn.
@Suite struct CaptionTests {
  private static let numbers = [
    "no": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
  ]
  /// What a caption's noun is called in the inventory, where it is counted.
  private static let nouns = [
    "plane": ["plane"], "umbrella": ["umbrella"], "ship": ["ship"], "storage tank": ["tank"],
    "boat": ["boat"], "basketball court": ["court"], "train": ["train"], "car": ["car"],
    "baseball field": ["field"], "swimming pool": ["pool"], "villa": ["house"],
    "house": ["house"], "pavilion": ["house"], "tree": ["tree"], "pond": ["pond"],
    "pier": ["pier"],
  ]
  /// Words that end what a number counts.
  private static let ends: Set<String> = [
    "with", "near", "in", "on", "of", "and", "is", "are", "has", "have", "many", "some", "from",
    "around", "among", "between", "beside", "to", "for", "behind", "above", "into", "over", ".",
  ]
  private static let seeds: [UInt64] = [1, 2, 3]
  private static let numbersOfScenes = 1...6

  private struct Claim: CustomStringConvertible {
    let caption: String
    let count: Int
    let noun: String
    let isPlural: Bool
    var description: String { "\(count) \(noun) in: \(caption)" }
  }

  /// "three white planes": a number, at most three words more, and a counted noun.
  private static func claims(_ caption: String) -> [Claim] {
    let words = caption.split(separator: " ").map(String.init)
    var claims: [Claim] = []
    for (place, word) in words.enumerated() {
      guard let count = numbers[word] ?? (word == "a" || word == "an" ? 1 : nil) else { continue }
      let rest = words[(place + 1)...].prefix(4).prefix { !ends.contains($0) }
      search: for length in 1...4 where length <= rest.count {
        let phrase = rest.prefix(length).joined(separator: " ")
        for noun in nouns.keys.sorted(by: { $0.count > $1.count }) {
          let isPlural = phrase.hasSuffix(noun + "s")
          guard isPlural || phrase.hasSuffix(" " + noun) || phrase == noun else { continue }
          claims.append(Claim(caption: caption, count: count, noun: noun, isPlural: isPlural))
          break search
        }
      }
    }
    return claims
  }

  @Test(
    "numbers in captions are those of the things drawn whole inside of the picture",
    arguments: SceneGenerator.categories)
  func counts(category: String) throws {
    for seed in Self.seeds {
      for number in Self.numbersOfScenes {
        let scene = try #require(
          SceneGenerator(seed: seed, side: 128).inventory(category: category, number: number))
        for claim in scene.captions.flatMap(Self.claims) where claim.count != 1 {
          let kind = try #require(Self.nouns[claim.noun]?.first)
          #expect(scene.counts[kind] ?? 0 == claim.count, "\(category) \(seed)/\(number): \(claim)")
        }
      }
    }
  }

  @Test(
    "what is counted can be seen: little of it is painted over",
    arguments: SceneGenerator.categories)
  func visible(category: String) throws {
    for number in 1...5 {
      let scene = try #require(
        SceneGenerator(seed: 4, side: 256).inventory(category: category, number: number))
      for claim in scene.captions.flatMap(Self.claims) where claim.count > 0 {
        let kind = try #require(Self.nouns[claim.noun]?.first)
        guard claim.count != 1 || scene.counts[kind] == 1 else { continue }
        #expect(scene.visible[kind] ?? 0 == claim.count, "\(category) \(number): \(claim)")
      }
    }
  }

  @Test("sentences are in order", arguments: SceneGenerator.categories)
  func grammar(category: String) throws {
    let generator = SceneGenerator(seed: 11, side: 16)
    let stem = category.replacing("residential", with: " residential").replacing(
      "tanks", with: " tank"
    )
    .replacing("railwaystation", with: "railway station")
    .replacing("baseballfield", with: "baseball field")
    for number in 1...40 {
      let scene = try #require(generator.inventory(category: category, number: number))
      #expect(scene.captions.count == 5 && Set(scene.captions).count == 5)
      var named = 0
      for caption in scene.captions {
        let words = caption.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        #expect(words.last == "." && words.count >= 5, "\(caption)")
        #expect(caption == caption.lowercased() && !caption.contains("  "), "\(caption)")
        if caption.contains(stem) || stem == "mountain" && caption.contains("mountain") {
          named += 1
        }
        for (word, next) in zip(words, words.dropFirst()) {
          if let vowel = next.first.map({ "aeio".contains($0) }) {
            #expect(word != "a" || !vowel, "\(caption)")
            #expect(word != "an" || vowel, "\(caption)")
          }
          #expect(Self.numbers[word] == nil || !next.hasSuffix("is"), "\(caption)")
        }
        for claim in Self.claims(caption) {
          #expect(claim.isPlural == (claim.count != 1), "\(caption)")
        }
        for (singular, plural) in [("a ", "s are "), ("one ", "s are ")] {
          #expect(
            !(caption.hasPrefix(singular) && caption.dropFirst(2).prefix(24).contains(plural)
              && !caption.contains(" and ") && !caption.contains(" with ")
              && !caption.contains(" of ")), "\(caption)")
        }
      }
      #expect(named >= 3, "\(scene.captions)")
    }
  }
}
