import Manual
import Testing

@Suite struct HelpTextTests {
  static let help = """
    OVERVIEW: Find the images that a sentence describes best.

    The score is the cosine of sentence and image,
    higher is better; every image is compared.

    EXAMPLES
      clip-rsicd search "planes parked next to a long terminal" --preview | head -1
      clip-rsicd search "a bridge" --json \\
        --collection rsicd.sqlite

    USAGE: clip-rsicd search [<options>] <text> and more that would not fit into so few columns

    OPTIONS:
      --plain                 Take the sentence as it stands, without signs and quotes.
      --collection <collection>
                              Collection to read, or else the embedded gallery.
    """

  @Test("paragraphs are filled, examples and usage stay as they are")
  func narrow() {
    #expect(
      HelpText.laidOut(Self.help, columns: 50) == """
        OVERVIEW: Find the images that a sentence
        describes best.

        The score is the cosine of sentence and image,
        higher is better; every image is compared.

        EXAMPLES
          clip-rsicd search "planes parked next to a long terminal" --preview | head -1
          clip-rsicd search "a bridge" --json \\
            --collection rsicd.sqlite

        USAGE: clip-rsicd search [<options>] <text> and more that would not fit into so few columns

        OPTIONS:
          --plain                 Take the sentence as it
                                  stands, without signs
                                  and quotes.
          --collection <collection>
                                  Collection to read, or
                                  else the embedded
                                  gallery.
        """)
  }

  @Test("lines that an author broke are one paragraph")
  func wide() {
    let wide = HelpText.laidOut(Self.help, columns: 100)
    #expect(
      wide.contains(
        "\nThe score is the cosine of sentence and image, higher is better; every image is compared.\n"
      ))
    #expect(wide.contains("\n  --plain                 Take the sentence as it stands, without"))
  }

  @Test("any width leaves every word", arguments: [1, 10, 27, 60, 80, 1000])
  func words(_ columns: Int) {
    let laidOut = HelpText.laidOut(Self.help, columns: columns)
    #expect(
      laidOut.split(whereSeparator: \.isWhitespace)
        == Self.help.split(whereSeparator: \.isWhitespace))
  }

  @Test(
    "what is no help stays as it is",
    arguments: [
      "0.1.0", "", "#compdef clip-rsicd\n\n  a line that is longer than the screen is wide",
    ])
  func others(_ text: String) {
    #expect(HelpText.laidOut(text, columns: 20) == text)
  }
}

@Suite struct DiscussionTests {
  @Test("paragraphs and blocks are told apart")
  func parts() {
    let discussion = Discussion(
      """
      One that goes
      on.

      EXIT CODES
        0 done
          1 not

      RSICD
      is no heading without a block.
      """)
    #expect(
      discussion.parts == [
        .paragraph("One that goes on."),
        .block(heading: "EXIT CODES", lines: ["  0 done", "    1 not"]),
        .paragraph("RSICD is no heading without a block."),
      ])
  }
}
