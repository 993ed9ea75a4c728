import CTIFF

/// The pages of a TIFF: its picture, further bands of it, smaller copies, and masks.
struct TIFFDirectories {
  /// The first page, and those that hold further bands: numbers of their directories.
  let bands: [UInt32]
  let first: TIFFPage
  /// Smaller copies of the first page.
  let overviews: [(number: UInt32, page: TIFFPage)]
  /// Pages that say where there is data.
  let masks: [(number: UInt32, page: TIFFPage)]
  /// Pages that are none of these: other pictures.
  let others: Int

  /// Directories that are looked through; a file may have any number, and lead them in a circle.
  private static let most = 4096

  /// Leaves the handle at its first directory.
  init(_ handle: TIFFHandle, _ request: DecodingRequest) throws(ImageError) {
    let first = TIFFPage(handle)
    var bands: [UInt32] = [0]
    var overviews: [(UInt32, TIFFPage)] = []
    var masks: [(UInt32, TIFFPage)] = []
    var others = 0
    for number in 1...UInt32(Self.most) {
      try request.checkCancellation()
      guard TIFFReadDirectory(handle.tiff) != 0 else { break }
      let page = TIFFPage(handle)
      if page.isMask {
        masks.append((number, page))
      } else if page.isReduced {
        overviews.append((number, page))
      } else if first.isOfOneKind(with: page) {
        bands.append(number)
      } else {
        others += 1
      }
    }
    (self.first, self.bands, self.others) = (first, bands, others)
    (self.overviews, self.masks) = (overviews, masks)
    // What is wrong with a later page is no fault of this one.
    _ = handle.failure()
    try handle.go(to: 0)
  }

  /// The mask of a page of this size.
  func mask(of page: TIFFPage) -> UInt32? {
    masks.first { $0.page.width == page.width && $0.page.height == page.height }?.number
  }
}

extension TIFFHandle {
  /// - Throws: ``ImageError`` where there is no such directory.
  func go(to directory: UInt32) throws(ImageError) {
    guard TIFFSetDirectory(tiff, directory) != 0 else { throw failure() }
    _ = failure()
  }
}
