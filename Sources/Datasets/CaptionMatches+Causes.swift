import Files

// Why not a single picture has a caption.
extension CaptionMatches {
  /// One sentence with the first cause that applies: no entries, none in the split, no pictures, none of the
  /// named ones, ambiguous names, or no captions. It names a path that was tried.
  package func whyNone(_ sources: CaptionSources, in listing: PictureListing) -> String {
    let folder = listing.roots.map(\.description).joined(separator: ", ")
    guard allEntries > 0 else {
      return badLines.first.first.map { "there is no entry that can be read: \($0)" }
        ?? "there is no entry; expected lines such as "
        + "{\"filename\": \"1.jpg\", \"captions\": [\"a river\"]}"
    }
    guard entries > 0 else { return noneOfSplit(sources.split ?? "") }
    guard !listing.files.isEmpty else {
      return "there is no picture below \(folder): no name ends with .jpg, .png, .tif or .webp"
    }
    guard pictures.isEmpty else {
      let count = Self.count(pictures.count, "picture is there", "pictures are there")
      return "\(count), such as \(pictures[0].path), and no caption that is not blank"
    }
    if let (name, count) = ambiguous.first {
      return
        "the captions name \(name), which could be any of \(count) pictures below \(folder); write the "
        + "folders before the name"
    }
    let name = elsewhere.example?.name ?? absent.first ?? ""
    let tried = name.hasPrefix("/") ? name : "\(listing.roots.first?.description ?? "")/\(name)"
    let other = elsewhere.example.map { _, file in
      "; a picture of that name is \(file), and the folders of a name must be those of the picture"
    }
    return "the captions name \(name), and there is no \(tried)"
      + (other ?? "; images should be the folder that names are relative to")
  }

  /// What splits the entries have instead: "none of its 12 entries has the split train; they have
  /// valid (8) and test (4)".
  package func noneOfSplit(_ split: String) -> String {
    let none =
      allEntries == 1
      ? "its entry does not have the split \(split)"
      : "none of its \(allEntries) entries has the split \(split)"
    guard !splits.isEmpty else {
      return none + "; no entry says its split: leave it out, or name the file train.jsonl"
    }
    let told = splits.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(8)
      .map { "\($0.key) (\($0.value))" }
    let list =
      told.count == 1
      ? told[0] : told.dropLast().joined(separator: ", ") + " and \(told[told.count - 1])"
    return none + "; they have \(list)"
  }
}
