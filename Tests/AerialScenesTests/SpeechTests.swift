import AerialScenes
import Testing

@Suite struct SpeechTests {
  @Test(arguments: [
    ("church", "churches"), ("beach", "beaches"), ("bus", "buses"), ("plane", "planes"),
    ("tree", "trees"),
  ])
  func plurals(one: String, many: String) { #expect(Speech.plural(one) == many) }
}
