// What was left out of the caption files, in sentences for the user.
extension CaptionMatches {
  package var notes: [String] {
    var notes: [String] = []
    if badLines.count > 0, let first = badLines.first.first {
      notes.append(
        "\(Self.count(badLines.count, "caption entry", "caption entries")) left out: \(first)")
    }
    if let (name, count) = ambiguous.first {
      notes.append(
        "\(Self.count(ambiguous.count, "name", "names")) in captions could be any of several pictures "
          + "and got none, such as \(name) (\(count))")
    }
    if let (name, file) = elsewhere.example {
      notes.append(
        "\(Self.count(elsewhere.count, "name in captions is", "names in captions are")) in another folder "
          + "only, and not matched: \(name), while there is \(file); the folders of a name must be those of the "
          + "picture")
    }
    if inSeveralSplits > 0 {
      notes.append(
        "\(Self.count(inSeveralSplits, "entry names", "entries name")) a picture of another split again; "
          + "the first counts")
    }
    if captionsLeftOut > 0 {
      notes.append(
        "\(Self.count(captionsLeftOut, "caption", "captions")) left out: an image has at most "
          + "\(Self.captionLimit)")
    }
    return notes
  }

  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
