import Imaging
import Testing

/// Files as GDAL, tifffile and ImageJ write them, each beside the picture that it should be:
/// Tests/Fixtures/cases, with a README that says how they were made and what is right.
@Suite struct SceneFileTests {
  private func pixels(_ name: String, bands: [Int]? = nil) throws -> [UInt8] {
    var reader = ImageReader()
    try reader.conversion.choose(bands: bands)
    return try reader.read(FormatTests.path("../cases/\(name)")).pixels.bytes
  }

  private func notes(_ name: String) throws -> [String] {
    try ImageReader().read(FormatTests.path("../cases/\(name)")).notes
  }

  @Test(arguments: ["rgbn.tif", "rgbn_a1.tif"])
  func `a fourth band that is marked as alpha is a band where bands are named`(name: String) throws
  {
    let right = try pixels("rgbn-as-alpha/right.tif")
    #expect(try pixels("rgbn-as-alpha/\(name)", bands: [1, 2, 3]) == right)
    let infrared = try pixels("rgbn-as-alpha/cir.tif")
    #expect(try pixels("rgbn-as-alpha/\(name)", bands: [4, 1, 2]) == infrared)
    #expect(try notes("rgbn-as-alpha/\(name)").contains { $0.contains("marked as alpha") })
  }

  @Test(arguments: ["a1.tif", "a255.tif", "a2047.tif", "a65535.tif"])
  func `alpha of 16 bits is opaque at its largest value`(name: String) throws {
    #expect(try pixels("alpha16-255/\(name)") == pixels("alpha16-255/noalpha.tif"))
  }

  @Test func `gray of 16 bits has its alpha too`() throws {
    #expect(try pixels("alpha16-255/ga255.tif") == pixels("alpha16-255/gray.tif"))
  }

  @Test func `three bands and fewer are taken as they are named`() throws {
    for depth in ["", "16"] {
      #expect(
        try pixels("bands-of-three/bgr\(depth).tif", bands: [3, 2, 1])
          == pixels("bands-of-three/right\(depth).tif"))
    }
    let two = try pixels("bands-of-three/two.tif", bands: [1, 2, 1])
    #expect(stride(from: 0, to: two.count, by: 3).contains { two[$0] != two[$0 + 1] })
    #expect(throws: ImageError.self) { try pixels("bands-of-three/two.tif", bands: [1, 2, 3]) }
  }

  @Test(arguments: ["", "8", "_i16"])
  func `blocks that a sparse file leaves out are no data`(kind: String) throws {
    #expect(
      try pixels("sparse-nodata/sparse\(kind).tif") == pixels("sparse-nodata/dense\(kind).tif"))
  }

  @Test func `bands are counted over pages of one size`() throws {
    #expect(
      try pixels("pages-as-bands/pages3.tif", bands: [1, 2, 3])
        == pixels("pages-as-bands/right.tif"))
    #expect(try notes("pages-as-bands/pages3.tif").contains { $0.hasPrefix("page 1 of 3") })
  }

  @Test func `a palette of 8 bits is read as such`() throws {
    #expect(try pixels("palette-8bit-map/map8.tif") == pixels("palette-8bit-map/map16.tif"))
  }
}
