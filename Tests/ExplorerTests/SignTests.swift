import Explorer
import Testing

@Suite struct SignTests {
  @Test(
    "a bar is as long as its share, between nothing and all columns",
    arguments: [
      (-0.5, ""), (0, ""), (0.25, "▉"), (0.5, "▉▉"), (0.53125, "▉▉▏"), (1, "▉▉▉▉"),
      (1.5, "▉▉▉▉"), (.nan, ""), (.infinity, ""),
    ] as [(Double, String)])
  func bars(share: Double, bar: String) {
    #expect(Glyphs.unicode.bar(share, columns: 4) == bar)
  }

  @Test(
    "numbers have so many places, a minus only where a digit is left of it, and a dash for none",
    arguments: [
      (0.3414, 3, "0.341"), (-0.0124, 3, "−0.012"), (-0.0004, 3, "0.000"), (-0.0006, 3, "−0.001"),
      (1.995, 0, "2"), (-1.6, 0, "−2"), (0.05, 2, "0.05"), (.nan, 3, "–"), (-.infinity, 3, "–"),
    ] as [(Double, Int, String)])
  func numbers(value: Double, places: Int, text: String) {
    #expect(fixed(value, places) == text)
  }
}
