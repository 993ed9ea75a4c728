import Retrieval
import Testing

/// Which category a query names, and which caption fits it.
@Suite struct WordsTests {
  static let categories = [
    "baseball_field", "beach", "church", "field", "port", "school", "storagetanks", "airport",
  ]

  @Test(
    "a category is named by its words, in one or more words, singular or plural, the longest first",
    arguments: [
      ("planes in an airport", "airport"), ("two churches", "church"), ("a Beach.", "beach"),
      ("baseball fields at night", "baseball_field"), ("a field with baseball", "field"),
      ("the storage tank", "storagetanks"), ("storage tanks", "storagetanks"),
      ("a port beside the airport", "airport"), ("field beside a baseball field", "baseball_field"),
      ("a sport", nil), ("", nil), ("schooling", nil),
    ] as [(String, String?)])
  func category(query: String, name: String?) {
    #expect(categoryNamed(in: query, among: Self.categories) == name)
    #expect(categoryNamed(in: query, among: Self.categories.reversed()) == name)
  }

  @Test("the caption that shares most words is shown; of equal ones the first, of none the first")
  func caption() {
    let captions = [
      "many planes stand near a terminal .", "a terminal has two piers .",
      "two runways beside a terminal .", "some grass .",
    ]
    func shown(_ query: String) -> String? { fittingCaption(of: captions, for: words(of: query)) }
    #expect(shown("planes at a terminal") == captions[0])
    #expect(shown("piers and runways of a terminal") == captions[1])
    #expect(shown("runways") == captions[2])
    #expect(shown("grass") == captions[3])
    #expect(shown("snow") == captions[0])
    // Words that all captions have decide nothing.
    #expect(shown("many of the") == captions[0])
    #expect(fittingCaption(of: [], for: ["a"]) == nil)
    // As many words each, and as long: the first.
    #expect(fittingCaption(of: ["red roof", "roof red"], for: ["roof"]) == "red roof")
    // The plainer of two that share as much.
    #expect(fittingCaption(of: ["red roof and a tree", "blue roof"], for: ["roof"]) == "blue roof")
  }
}
