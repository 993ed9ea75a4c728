import Testing
import Texts

@Suite struct NumbersTests {
  @Test(
    "digits stand in threes, counted from the end",
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (999_999, "999,999"),
      (1_234_567, "1,234,567"), (-1, "-1"), (-100, "-100"), (-1000, "-1,000"),
      (Int.min, "-9,223,372,036,854,775,808"),
    ])
  func groups(number: Int, text: String) { #expect(grouped(number) == text) }

  @Test(
    "bytes are told in the unit that leaves at most three digits before the point",
    arguments: [
      (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1049, "1.0 kB"), (1051, "1.1 kB"),
      (999_949, "999.9 kB"), (999_950, "1.0 MB"), (1_000_000, "1.0 MB"),
      (1_010_000, "1.0 MB"), (605_247_422, "605.2 MB"), (999_949_999, "999.9 MB"),
      (23_400_000_000, "23.4 GB"), (5_000_000_000_000_000, "5000.0 TB"),
    ])
  func bytes(count: Int, text: String) { #expect(ByteCount.text(count) == text) }
}
