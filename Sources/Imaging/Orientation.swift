extension Pixels {
  /// Turned and mirrored as EXIF's orientation 1…8 says; Pillow's `ImageOps.exif_transpose`.
  package func oriented(_ orientation: Int) -> Pixels {
    guard (2...8).contains(orientation) else { return self }
    let swaps = orientation >= 5
    let (newWidth, newHeight) = swaps ? (height, width) : (width, height)
    // Whether the rows and the columns of the stored picture are read backwards.
    let flipsColumns = [2, 3, 7, 8].contains(orientation)
    let flipsRows = [3, 4, 6, 7].contains(orientation)
    let (width, height) = (width, height)
    let turned = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, filled in
      bytes.withUnsafeBufferPointer { source in
        var place = 0
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let (column, row) = swaps ? (y, x) : (x, y)
            let from =
              3
              * ((flipsRows ? height - 1 - row : row) * width
                + (flipsColumns ? width - 1 - column : column))
            target[place] = source[from]
            target[place + 1] = source[from + 1]
            target[place + 2] = source[from + 2]
            place += 3
          }
        }
      }
      filled = bytes.count
    }
    var result = Pixels(width: newWidth, height: newHeight, uncheckedBytes: turned)
    result.stored = stored?.oriented(orientation, width: width, height: height)
    return result
  }
}
