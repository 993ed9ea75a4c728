import RandomNumbers
import Imaging
import Testing

/// Properties of resize, crop and preprocessing that hold for every size.
@Suite struct ResizeTests {
  private func noise(_ width: Int, _ height: Int) throws -> Pixels {
    var generator = RandomNumbers(seed: UInt64(width * 1000 + height))
    return try Pixels(
      width: width, height: height,
      bytes: (0..<3 * width * height).map { _ in .random(in: 0...255, using: &generator) })
  }

  @Test func `any size to any size`() throws {
    for size in 1...64 {
      let picture = try noise(size, 65 - size)
      for target in 1...64 {
        let resized = picture.resized(width: target, height: 1 + target * 7 % 64)
        #expect(resized.width == target && resized.height == 1 + target * 7 % 64)
        #expect(resized.bytes.count == 3 * resized.width * resized.height)
      }
      #expect(picture.resized(width: size, height: 65 - size) == picture)
    }
  }

  /// Pillow's Resample.c for one line of one channel, as plainly as can be.
  private func line(_ samples: [UInt8], to count: Int) -> [UInt8] {
    if count == samples.count { return samples }
    let scale = Double(samples.count) / Double(count)
    let widening = max(scale, 1)
    return (0..<count).map { index in
      let centre = (Double(index) + 0.5) * scale
      let first = max(Int(centre - 2 * widening + 0.5), 0)
      let end = min(Int(centre + 2 * widening + 0.5), samples.count)
      let weights = (first..<end).map { place -> Double in
        let x = abs((Double(place) - centre + 0.5) * (1 / widening))
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
      }
      let sum = weights.reduce(0, +)
      let total = zip(first..<end, weights).reduce(1 << 21) { total, item in
        let weight = item.1 / sum * 4_194_304
        return total + Int(weight < 0 ? weight - 0.5 : weight + 0.5) * Int(samples[item.0])
      }
      return UInt8(min(max(total >> 22, 0), 255))
    }
  }

  @Test(arguments: [
    (64, 48, 20, 13), (20, 13, 64, 48), (33, 31, 32, 30), (7, 300, 9, 2), (300, 7, 2, 9),
    (1, 1, 5, 4), (50, 50, 50, 17), (50, 51, 18, 51), (2, 3, 1, 1),
  ])
  func `resize is the plain formula`(
    width: Int, height: Int, newWidth: Int, newHeight: Int
  ) throws {
    // Black and white only: the largest overshoots, and sums below 0.
    let harsh = try Pixels(
      width: width, height: height,
      bytes: noise(width, height).bytes.map { $0 < 128 ? 0 : 255 })
    for picture in [harsh, try noise(width, height)] {
      let resized = picture.resized(width: newWidth, height: newHeight)
      for channel in 0..<3 {
        let rows = (0..<height).map { row in
          line(
            (0..<width).map { picture.bytes[3 * (row * width + $0) + channel] }, to: newWidth)
        }
        for column in 0..<newWidth {
          let wanted = line(rows.map { $0[column] }, to: newHeight)
          let found = (0..<newHeight).map {
            resized.bytes[3 * ($0 * newWidth + column) + channel]
          }
          #expect(found == wanted)
        }
      }
    }
  }

  @Test(arguments: [0, 1, 127, 254, 255] as [UInt8])
  func `a plain picture stays plain`(level: UInt8) throws {
    let plain = try Pixels(
      width: 37, height: 23, bytes: [UInt8](repeating: level, count: 3 * 37 * 23))
    for (width, height) in [(1, 1), (5, 50), (64, 64), (37, 2), (300, 23)] {
      #expect(plain.resized(width: width, height: height).bytes.allSatisfy { $0 == level })
    }
  }

  @Test func `a window of the result is the same samples`() throws {
    for (width, height, newWidth, newHeight) in [
      (40, 30, 13, 11), (13, 11, 40, 30), (20, 9, 20, 31), (20, 31, 7, 31), (1, 50, 16, 800),
      (16, 16, 16, 16),
    ] {
      let picture = try noise(width, height)
      let whole = picture.resized(width: newWidth, height: newHeight)
      for (left, top) in [
        (0, 0), (1, 2), (newWidth / 2, newHeight / 2), (newWidth - 1, newHeight - 1),
      ] {
        let columns = left..<min(left + 6, newWidth)
        let rows = top..<min(top + 5, newHeight)
        #expect(
          picture.resized(width: newWidth, height: newHeight, columns: columns, rows: rows)
            == whole.cropped(x: left, y: top, width: columns.count, height: rows.count))
      }
    }
  }

  @Test func `a crop is black outside the picture`() throws {
    let picture = try noise(7, 5)
    for x in -9...9 {
      for y in -7...7 {
        let crop = picture.cropped(x: x, y: y, width: 6, height: 4)
        for row in 0..<4 {
          for column in 0..<6 {
            let inside = (0..<7).contains(x + column) && (0..<5).contains(y + row)
            let source = 3 * ((y + row) * 7 + x + column)
            #expect(
              Array(crop.bytes[3 * (row * 6 + column)..<3 * (row * 6 + column) + 3])
                == (inside ? Array(picture.bytes[source..<source + 3]) : [0, 0, 0]))
          }
        }
      }
    }
  }

  @Test func `preprocessing is resize, crop, rescale and normalise`() throws {
    let normalization = ImagePreprocessing.Normalization(
      mean: [0.5, 0.25, 0.125], standardDeviation: [0.5, 0.25, 2])
    for (width, height) in [(30, 20), (20, 31), (16, 16), (5, 9), (16, 40)] {
      let picture = try noise(width, height)
      let settings = try ImagePreprocessing(
        resize: .shortestEdge(16), crop: .init(width: 13, height: 21),
        rescaleFactor: 1 / 255, normalization: normalization)
      let (newWidth, newHeight) =
        width <= height ? (16, 16 * height / width) : (16 * width / height, 16)
      // CLIPImageProcessor.center_crop: floor of half the difference, black where it is negative.
      let crop = picture.resized(width: newWidth, height: newHeight).cropped(
        x: (newWidth - 13) >> 1, y: (newHeight - 21) >> 1, width: 13, height: 21)
      let values = picture.preprocessed(settings)
      #expect(values.count == 3 * 13 * 21)
      for pixel in 0..<13 * 21 {
        for channel in 0..<3 {
          let wanted =
            (Float(crop.bytes[3 * pixel + channel]) / 255 - normalization.mean[channel])
            / normalization.standardDeviation[channel]
          #expect(abs(values[channel * 13 * 21 + pixel] - wanted) < 1e-5)
        }
      }
    }
  }

  @Test func `an exact size, and steps left out`() throws {
    let picture = try noise(9, 6)
    let exact = try ImagePreprocessing(
      resize: .exact(.init(width: 8, height: 12)), crop: nil, rescaleFactor: nil, normalization: nil
    )
    let resized = picture.resized(width: 8, height: 12)
    let values = picture.preprocessed(exact)
    #expect(exact.output == .init(width: 8, height: 12))
    #expect(values.count == 3 * 96)
    #expect((0..<96).allSatisfy { values[$0] == Float(resized.bytes[3 * $0]) })
    let cropped = try ImagePreprocessing(
      resize: nil, crop: .init(width: 12, height: 2), rescaleFactor: 2, normalization: nil)
    // 9 of 12 columns: two black ones at the left (rounded up), one at the right.
    let row = picture.preprocessed(cropped).prefix(12)
    #expect(row.prefix(2).allSatisfy { $0 == 0 } && row.last == 0)
    #expect(row[2] == 2 * Float(picture.bytes[3 * 2 * 9]))
  }

  @Test func `a line of pixels costs what its crop costs`() throws {
    // Resized as a whole, 1 × 60,000 at 224 would be 224 × 13,440,000.
    let settings = try ImagePreprocessing(
      resize: .shortestEdge(224), crop: .init(width: 224, height: 224), normalization: nil)
    for (width, height) in [(1, 60_000), (60_000, 1)] {
      let line = try Pixels(
        width: width, height: height, bytes: [UInt8](repeating: 255, count: 180_000))
      #expect(line.preprocessed(settings).allSatisfy { abs($0 - 1) < 1e-6 })
    }
  }

  @Test func `settings that make no sense are refused`() {
    func text(
      _ resize: ImagePreprocessing.Resize?, _ crop: ImagePreprocessing.Size?,
      factor: Float? = 1, mean: [Float] = [0, 0, 0], deviation: [Float] = [1, 1, 1]
    ) -> String? {
      do throws(ImageError) {
        _ = try ImagePreprocessing(
          resize: resize, crop: crop, rescaleFactor: factor,
          normalization: .init(mean: mean, standardDeviation: deviation))
        return nil
      } catch { return error.description }
    }
    let crop = ImagePreprocessing.Size(width: 4, height: 4)
    #expect(text(.shortestEdge(4), crop) == nil)
    #expect(text(.shortestEdge(4), nil)?.contains("do_center_crop") == true)
    #expect(text(nil, nil)?.contains("crop_size") == true)
    #expect(text(.shortestEdge(0), crop)?.contains("shortest_edge") == true)
    #expect(text(.shortestEdge(1 << 40), crop)?.contains("shortest_edge") == true)
    #expect(text(nil, .init(width: -1, height: 4))?.contains("1 to 4096") == true)
    #expect(text(.exact(.init(width: 4, height: 5000)), crop)?.contains("5000") == true)
    #expect(text(nil, crop, factor: .nan)?.contains("rescale_factor") == true)
    #expect(text(nil, crop, mean: [0])?.contains("image_mean") == true)
    #expect(text(nil, crop, deviation: [1, 0, 1])?.contains("image_std") == true)
    #expect(text(nil, crop, mean: [0, .infinity, 0])?.contains("finite") == true)
  }

  @Test func `pixels that disagree with their size are refused`() {
    for (width, height, count) in [
      (0, 1, 0), (1, 0, 0), (-1, -1, 3), (2, 2, 11), (1 << 40, 1 << 40, 0),
    ] {
      #expect(throws: ImageError.self) {
        try Pixels(width: width, height: height, bytes: [UInt8](repeating: 0, count: count))
      }
    }
  }

  @Test func `a picture survives encoding`() throws {
    let side = 64
    let bytes = (0..<side * side).flatMap { index -> [UInt8] in
      [UInt8(index % side * 4), UInt8(index / side * 4), 128]
    }
    let picture = try Pixels(width: side, height: side, bytes: bytes)
    let file = try JPEG.encode(picture, quality: 95)
    let again = try ImageReader().read(file, name: "encoded").pixels
    #expect(again.width == side && again.height == side)
    let difference = zip(again.bytes, bytes).map { abs(Int($0) - Int($1)) }
    #expect(difference.reduce(0, +) < 3 * difference.count)
    #expect(try JPEG.encode(picture, quality: 10).count < file.count)
    #expect(try JPEG.encode(picture, quality: 1000).count > file.count)
    for (atLeast, wanted) in [(64, 64), (33, 64), (32, 32), (17, 32), (16, 16), (8, 8), (1, 8)] {
      #expect(
        try ImageReader().read(file, name: "preview", detail: .atLeast(atLeast)).pixels.width
          == wanted)
    }
    let long = try Pixels(width: 70_000, height: 1, bytes: [UInt8](repeating: 0, count: 210_000))
    #expect(throws: ImageError.self) { try JPEG.encode(long) }
  }
}
