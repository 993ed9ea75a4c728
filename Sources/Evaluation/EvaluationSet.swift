import Datasets
import Files

/// The images of an evaluation, with their category and captions.
public struct EvaluationSet: Sendable {
  public struct Image: Sendable {
    public let path: String
    /// The file's name, with its folders if files of several folders have the same name.
    public internal(set) var name: String
    /// The index of its label; `nil` where it has none.
    public let label: Int?
    /// Places in ``EvaluationSet/texts``.
    public let captions: [Int]
  }

  public private(set) var images: [Image] = []
  /// Distinct captions.
  public private(set) var texts: [String] = []
  /// Named in the caption file, and not there.
  public private(set) var absent = 0
  /// Images without a category, or with one that is not among the labels.
  public private(set) var unlabelled = 0

  /// Named in the caption file, and any of several files could be meant.
  public private(set) var ambiguous = 0
  /// Images that are there and cannot be read.
  public private(set) var unreadable = 0
  /// Broken lines of the caption files.
  public private(set) var badLines = 0
  /// What of the caption files was left out, in sentences.
  public private(set) var notes: [String] = []

  /// What accuracy is over; without names where it is not measured.
  package let categories: MeasuredCategories
  public var labels: [String] { categories.names }

  /// - Parameter labels: categories that the user gives; `nil` are those of the pictures.
  /// - Throws: ``EvaluationError`` where there is nothing to measure, `CaptionFileError`.
  public init(
    captions: CaptionSources, images folder: String, labels: [String]?, captionsPerImage: Int,
    form: CaptionForm
  ) throws {
    var places: [[UInt8]: Int] = [:]
    let listing = try PictureListing(folder: folder)
    let matches =
      captions.files.isEmpty
      ? CaptionMatches(withoutCaptions: listing) : try CaptionMatches(captions, in: listing)
    categories = MeasuredCategories(labels, in: listing, of: matches.pictures)
    (absent, ambiguous) = (matches.absent.count, matches.ambiguous.count)
    (badLines, notes) = (matches.badLines.count, matches.notes)
    for picture in matches.pictures {
      guard let path = picture.path.text else { continue }
      let label = categories.place(of: picture)
      if label == nil { unlabelled += 1 }
      let found = picture.captions.prefix(captionsPerImage).map { caption in
        let text = form.text(caption)
        if let place = places[Array(text.utf8)] { return place }
        places[Array(text.utf8)] = texts.count
        texts.append(text)
        return texts.count - 1
      }
      guard label != nil || !found.isEmpty else { continue }
      images.append(
        Image(path: path, name: picture.path.name.description, label: label, captions: found))
    }
    nameApart(listing.roots)
    guard !images.isEmpty else {
      guard !captions.files.isEmpty else {
        throw EvaluationError.nothingInFolder(
          folder, why: listing.files.isEmpty ? nil : categories.whyNone)
      }
      guard !matches.pictures.isEmpty else {
        throw EvaluationError.nothingNamed(
          captions.files, why: matches.whyNone(captions, in: listing))
      }
      throw EvaluationError.nothingToTell(
        folder, captions.files, areCaptionsWanted: captionsPerImage > 0)
    }
  }
}

extension EvaluationSet {
  private mutating func nameApart(_ roots: [PathBytes]) {
    guard Set(images.map { Array($0.name.utf8) }).count < images.count else { return }
    for place in images.indices {
      let path = PathBytes(images[place].path)
      guard let root = roots.first(where: { path.isBelow($0) }) else { continue }
      images[place].name =
        PathBytes(path.bytes.dropFirst(root.bytes.count).drop { $0 == 0x2F }).description
    }
  }

  /// The set without images that cannot be read, and without captions that only they had.
  /// - Parameter places: of those images.
  func without(_ places: [Int]) -> EvaluationSet {
    guard !places.isEmpty else { return self }
    let left = Set(places)
    var set = self
    set.unreadable += places.count
    set.unlabelled -= left.count { images[$0].label == nil }
    (set.images, set.texts) = ([], [])
    var kept: [Int: Int] = [:]
    for (place, image) in images.enumerated() where !left.contains(place) {
      let captions = image.captions.map { old in
        if let new = kept[old] { return new }
        kept[old] = set.texts.count
        set.texts.append(texts[old])
        return set.texts.count - 1
      }
      set.images.append(
        Image(path: image.path, name: image.name, label: image.label, captions: captions))
    }
    return set
  }
}
