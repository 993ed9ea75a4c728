import CTIFF

/// The pages of a TIFF: its picture, further bands of it, smaller copies, and masks.
struct TIFFDirectories {
  /// The first page, and those that hold further bands: numbers of their directories.
  let bands: [UInt32]
  let first: TIFFPage
  /// Smaller copies of the first page.
  let overviews: [(number: UInt32, outline: TIFFOutline)]
  /// Pages that say where there is data.
  let masks: [(number: UInt32, outline: TIFFOutline)]
  /// How many other pages there are: other pictures.
  let others: Int

  /// Directories that are looked through; a file may have any number. As many bands can be named.
  private static let most = 4096

  /// - Parameter handle: at its first directory, where it stays.
  init(_ handle: TIFFHandle, _ request: DecodingRequest) throws(ImageError) {
    let first = TIFFPage(handle)
    var bands: [UInt32] = [0]
    var overviews: [(UInt32, TIFFOutline)] = []
    var masks: [(UInt32, TIFFOutline)] = []
    var others = 0
    if var chain = TIFFDirectoryChain(handle.source), let start = chain.read() {
      for number in 1...UInt32(Self.most) {
        if number % 64 == 0 { try request.checkCancellation() }
        guard let page = chain.read() else { break }
        if page.isMask {
          masks.append((number, page))
        } else if page.isReduced {
          overviews.append((number, page))
        } else if start.isOfOneKind(with: page) {
          bands.append(number)
        } else {
          others += 1
        }
      }
    }
    (self.first, self.bands, self.others) = (first, bands, others)
    (self.overviews, self.masks) = (overviews, masks)
  }

  /// The mask of a page of this size.
  func mask(of page: TIFFPage) -> UInt32? {
    masks.first { $0.outline.width == page.width && $0.outline.height == page.height }?.number
  }
}

extension TIFFHandle {
  /// - Throws: ``ImageError`` where there is no such directory.
  func go(to directory: UInt32) throws(ImageError) {
    guard TIFFSetDirectory(tiff, directory) != 0 else { throw failure() }
    _ = failure()
  }
}
