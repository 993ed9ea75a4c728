/// ftfy's heuristic for mojibake: neighbours that hardly ever stand beside each other where they are
/// meant (ftfy.badness.BADNESS_RE, alternative by alternative).
enum Badness {
  /// Whether some of the text looks like mojibake.
  static func isBad(_ text: [Unicode.Scalar]) -> Bool {
    text.indices.contains { !text[$0].isASCII && isBad(text, around: $0) }
  }

  /// Whether an unlikely sequence begins at one of the places from which it reaches `place`, the
  /// first of its characters that is not ASCII.
  private static func isBad(_ text: [Unicode.Scalar], around place: Int) -> Bool {
    let window = Window(text: text, place: place)
    return window.hasBadPair || window.hasBadTriple || window.hasBadWord
      || window.followsLetterBadly
  }

  /// A character that is not ASCII, and its neighbours.
  private struct Window {
    let text: [Unicode.Scalar]
    let place: Int

    func scalar(_ offset: Int) -> Unicode.Scalar? {
      let index = place + offset
      return index >= 0 && index < text.count ? text[index] : nil
    }

    func kind(_ offset: Int) -> CharacterKind { scalar(offset).map(CharacterKind.of) ?? [] }

    func has(_ offset: Int, _ set: Set<Unicode.Scalar>) -> Bool {
      scalar(offset).map(set.contains) ?? false
    }

    private static let beside: CharacterKind = [
      .lowerAccented, .upperAccented, .box, .startPunctuation, .endPunctuation, .currency,
      .numeric, .law,
    ]
    private static let accented: CharacterKind = [.lowerAccented, .upperAccented]
    private static let punctuation: CharacterKind = [.startPunctuation, .endPunctuation]

    /// Two characters by their kinds, beginning here.
    var hasBadPair: Bool {
      let (first, second) = (kind(0), kind(1))
      if first.contains(.c1) { return true }
      if scalar(0) == "\u{152}" || scalar(0) == "\u{153}" {
        if let next = scalar(1), !next.isASCIILetter { return true }
      }
      if second.isEmpty { return false }
      return first.isAny(of: Self.beside.union(.bad)) && second.contains(.bad)
        || first.contains(.bad) && second.isAny(of: Self.beside)
        || first.isAny(of: [
          .lowerAccented, .lowerCommon, .box, .endPunctuation, .currency, .numeric,
        ])
          && second.contains(.upperAccented)
        || first.isAny(of: [.box, .endPunctuation, .currency, .numeric])
          && second.contains(.lowerAccented)
        || first.isAny(of: [.lowerAccented, .box, .endPunctuation]) && second.contains(.currency)
        || first.isAny(of: [.upperAccented, .box]) && second.isAny(of: [.numeric, .law])
        || first.isAny(of: [.currency, .numeric, .box]) && second.contains(.startPunctuation)
        || first.contains(.box) && second.isAny(of: [.kaomoji, .endPunctuation])
        || first.isAny(of: Self.beside.subtracting(.box)) && second.contains(.box)
        || first.contains(.upperAccented) && scalar(1) == "°"
    }

    /// Three characters by their kinds, beginning here.
    var hasBadTriple: Bool {
      let (first, second, third) = (kind(0), kind(1), kind(2))
      return first.isAny(of: [
        .lowerAccented, .upperAccented, .box, .currency, .endPunctuation,
      ])
        && second.contains(.startPunctuation) && third.contains(.numeric)
        || first.isAny(of: [
          .lowerAccented, .upperAccented, .currency, .numeric, .box, .law,
        ])
          && second.contains(.endPunctuation) && third.contains(.startPunctuation)
        || first.isAny(of: Self.accented) && second.isAny(of: Self.punctuation)
          && (scalar(2)?.isPythonWord ?? false)
    }

    private static func set(_ text: String) -> Set<Unicode.Scalar> { Set(text.unicodeScalars) }
    private static let latinLeads = set("ÂÃÎÐ")
    private static let afterLatinLead = set("€œŠš¢£Ÿž\u{A0}\u{AD}®©°·»–—´")
    private static let arabicLeads = set("ØÙ")
    private static let afterArabicLead = set("ŸŠ®°µ»")
    private static let cyrillicLeads = set("ВГРС")
    private static let greekLeads = set("ΒΓΞΟ")
    /// Second characters of pairs, by the first.
    private static let pairs: [Unicode.Scalar: Set<Unicode.Scalar>] = [
      "×": set("²³"), "à": set("²µ¹¼½¾"), "√": set("±∂†≠®™´≤≥¥µø"), "≈": set("°¢"),
      "в": set("Ђ"), "Ã": set("\u{A0}¡"), "ā": set("€"),
    ]
    /// Third characters of triples, by the first two.
    private static let triples: [(Unicode.Scalar, Set<Unicode.Scalar>, Set<Unicode.Scalar>)] = [
      ("‚", set("Ä"), set("ìîïòôúùû†°¢π")), ("‚", set("âó"), set("àä°ê")),
      ("β", set("€"), set("™\u{A0}Ά\u{AD}®°")),
    ]
    private static let doubleCyrillic = Array("ГўВЂВ".unicodeScalars)

    /// Certain characters, beginning here.
    var hasBadWord: Bool {
      guard let first = scalar(0) else { return false }
      if let seconds = Self.pairs[first], has(1, seconds) { return true }
      if Self.latinLeads.contains(first) {
        if has(1, Self.afterLatinLead) || kind(1).isAny(of: Self.punctuation) { return true }
      }
      for (lead, seconds, thirds) in Self.triples
      where lead == first && has(1, seconds) && has(2, thirds) {
        return true
      }
      if isArabic(0), isArabic(2) { return true }
      let middle: CharacterKind = [.c1, .bad, .startPunctuation, .endPunctuation, .currency]
      if has(0, Self.cyrillicLeads), has(2, Self.cyrillicLeads),
        kind(1).isAny(of: middle) || has(1, ["°", "µ"])
      {
        return true
      }
      if has(0, Self.greekLeads), has(2, Self.greekLeads),
        kind(1).isAny(of: middle) || has(1, ["°"])
      {
        return true
      }
      let isCyrillicTwice = Self.doubleCyrillic.indices.allSatisfy {
        scalar($0) == Self.doubleCyrillic[$0]
      }
      guard isCyrillicTwice, let any = scalar(5), any != "\n", let last = scalar(6) else {
        return false
      }
      return last.isASCIILetter || last == " "
    }

    private func isArabic(_ offset: Int) -> Bool {
      has(offset, Self.arabicLeads)
        && (has(offset + 1, Self.afterArabicLead)
          || kind(offset + 1).isAny(of: [.common, .currency, .bad, .numeric, .startPunctuation]))
    }

    /// What begins with a character before this one, mostly a letter.
    var followsLetterBadly: Bool {
      let (here, next) = (kind(0), kind(1))
      let before = scalar(-1)
      if before?.isASCIILetter ?? false, here.isAny(of: [.lowerCommon, .upperCommon]),
        next.contains(.bad)
      {
        return true
      }
      if before?.isPythonSpace ?? false, here.contains(.upperAccented), next.contains(.currency) {
        return true
      }
      if before?.isASCIILowercase ?? false, here.contains(.upperAccented),
        next.isAny(of: [.startPunctuation, .currency])
      {
        return true
      }
      guard scalar(0) == "Ã" || scalar(0) == "Â" else { return false }
      if scalar(1) == " " {
        if place == 0 || before?.isASCIILowercase ?? false { return true }
        if before?.isPythonSpace ?? false, scalar(-2)?.isASCIILowercase ?? false { return true }
      }
      guard scalar(0) == "Â", let before,
        before.isASCIILowercase || ".,?!".unicodeScalars.contains(before)
          || kind(-1).contains(.endPunctuation)
      else { return false }
      return scalar(1) == " " || next.isAny(of: Self.punctuation)
    }
  }
}
