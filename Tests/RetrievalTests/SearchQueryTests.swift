import Retrieval
import Testing

@Suite struct SearchQueryTests {
  private typealias Term = SearchQuery.Term

  private func text(_ text: String, isWanted: Bool = true) -> SearchQuery.Term {
    Term(.text(text), isWanted: isWanted)
  }

  @Test func aSentenceIsOneText() {
    for line in ["planes beside a two-storey terminal", "  planes   beside a two-storey terminal "]
    {
      let query = SearchQuery(line)
      #expect(query.terms == [text("planes beside a two-storey terminal")])
      #expect(query.phrases.isEmpty && query.categories.isEmpty)
    }
  }

  @Test func signsBetweenBlanksAddAndTakeAway() {
    #expect(
      SearchQuery("beach + a long pier - crowd").terms
        == [text("beach"), text("a long pier"), text("crowd", isWanted: false)])
    #expect(SearchQuery("- crowd").terms == [text("crowd", isWanted: false)])
    // Typed half: a sign that nothing follows yet.
    #expect(SearchQuery("beach +").terms == [text("beach")])
    #expect(SearchQuery("+ - +").terms == [])
  }

  @Test func quotesAreWordsThatCaptionsMustHave() {
    let query = SearchQuery("houses \"white   roofs\" - trees")
    #expect(query.terms == [text("houses"), text("trees", isWanted: false)])
    #expect(query.phrases == ["white roofs"])
    #expect(query.wantedText == "houses white roofs")
    let alone = SearchQuery("\"white roofs\"")
    #expect(alone.terms == [text("white roofs")])
    #expect(alone.phrases == ["white roofs"])
    let open = SearchQuery("houses \"white ro")
    #expect(open.terms == [text("houses white ro")])
    #expect(open.phrases.isEmpty)
    #expect(SearchQuery("\"\"").terms.isEmpty)
  }

  @Test func categoriesAndImagesAreNamed() {
    let query = SearchQuery("category:Port like:airport_35.jpg snow - like:a.jpg")
    #expect(query.categories == ["Port"])
    #expect(
      query.terms == [
        Term(.image(named: "airport_35.jpg")), text("snow"),
        Term(.image(named: "a.jpg"), isWanted: false),
      ])
    #expect(SearchQuery("category:a split:test boats category:b").categories == ["a", "b"])
    #expect(SearchQuery("boats split:test").splits == ["test"])
    #expect(SearchQuery("boats category:").terms == [text("boats")])
    #expect(SearchQuery("boats category:").unfinished == .sign("category:"))
    #expect(SearchQuery("boats category:port").unfinished == nil)
    #expect(SearchQuery("category:port").terms.isEmpty)
  }

  @Test func namesWithBlanksStandInQuotes() {
    let query = SearchQuery(
      "tanks category:\"Storage  Tanks\" - like:\"a  b/c.jpg\" \"white roofs\"")
    #expect(query.categories == ["Storage  Tanks"])
    #expect(query.terms == [text("tanks"), Term(.image(named: "a  b/c.jpg"), isWanted: false)])
    #expect(query.phrases == ["white roofs"])
    // Typed half.
    #expect(SearchQuery("tanks category:\"storage ta").unfinished == .quote("storage ta"))
    #expect(SearchQuery("like:\"\"").terms.isEmpty)
    // In the middle of a word a quote parts.
    #expect(SearchQuery("a\"b\"c").terms == [text("a c")])
    #expect(SearchQuery("a\"b\"c").phrases == ["b"])
  }

  @Test func takenAsItStandsNothingIsASign() {
    #expect(SearchQuery(plain: "a - \"b\" category:c").terms == [text("a - \"b\" category:c")])
  }
}
