/// A change in how pictures are read from one version of the program to the next. For a picture that it
/// applies to, older vectors were made from other pixels.
public enum ReadingChange: String, Sendable, CaseIterable {
  /// Named bands are also taken from pictures of three bands and fewer, and are counted with a band marked as
  /// alpha.
  case bands
  /// A band marked as alpha is judged by its values; with 16 bits the largest one is opaque.
  case alpha
  /// A palette of 8 bits is distinguished from one of 16.
  case palette
  /// Blocks that a sparse file leaves out are filled with "no data".
  case missingBlocks = "missing_blocks"
  /// What a mask says to be no data is left out.
  case mask
  /// More than 8 bits are made as bright as photographs, where the 2nd and 98th percentile became 0 and 255.
  case stretch
}

extension ImageReader {
  /// The revision of how pictures are read. It is raised when that changes for some of them, and
  /// ``change(of:since:)`` says for which.
  public static let revision = 3

  /// What of a picture was read otherwise by the programs of an earlier revision; by its header alone.
  /// - Parameter earlier: of the vectors; the first one is 1.
  /// - Returns: `nil` where it is read as it was.
  /// - Throws: ``ImageError`` where it cannot be read.
  public func change(of path: String, since earlier: Int) throws(ImageError) -> ReadingChange? {
    guard earlier < Self.revision else { return nil }
    let source = try FileSource(path)
    guard try source.format() == .tiff else {
      let facts = try facts(of: path)
      if conversion.stretch == .natural, facts.bits > 8 { return .stretch }
      guard earlier < 2, let bands = conversion.bands else { return nil }
      return bands == [1, 2, 3] && facts.bands >= 3 ? nil : .bands
    }
    let handle = try TIFFHandle(source)
    let page = TIFFPage(handle)
    let request = DecodingRequest(
      name: path, detail: .full, conversion: conversion, pixelLimit: max(1, pixelLimit),
      isCancelled: { false })
    if conversion.stretch == .natural {
      let reading = try page.reading(request)
      if reading == .words || reading == .measured { return .stretch }
    }
    return earlier < 2 ? try changeSinceFirst(page, handle, source, request) : nil
  }

  private func changeSinceFirst(
    _ page: TIFFPage, _ handle: TIFFHandle, _ source: FileSource, _ request: DecodingRequest
  ) throws(ImageError) -> ReadingChange? {
    let blocks = handle.presentBlocks(page)
    if let bands = conversion.bands {
      let isAsEver = page.samples > 3 || page.samples == 3 && bands == [1, 2, 3]
      if !isAsEver || page.markedAlpha != nil { return .bands }
    }
    if page.hasPalette { return .palette }
    if page.markedAlpha != nil { return .alpha }
    if blocks.present < blocks.total { return .missingBlocks }
    if source.companion(ending: ".msk") != nil { return .mask }
    let directories = try TIFFDirectories(handle, request)
    return directories.mask(of: directories.first) == nil ? nil : .mask
  }
}
