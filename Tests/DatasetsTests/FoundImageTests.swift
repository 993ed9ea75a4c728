import Datasets
import Testing

@Suite struct FoundImageTests {
  private func image(_ time: Int64, bytes: Int64 = 10) -> FoundImage {
    FoundImage(path: "/a.png", byteCount: bytes, modifiedNanoseconds: time)
  }

  @Test("a file is unchanged where size and time are the same, to what older versions kept of it")
  func unchanged() {
    let time: Int64 = 1_700_000_000_123_456_789
    #expect(image(time).isUnchanged(since: image(time)))
    #expect(!image(time).isUnchanged(since: image(time, bytes: 11)))
    #expect(!image(time + 1).isUnchanged(since: image(time)))
    // A time in whole microseconds may be an older version's, which cut it.
    let cut: Int64 = 1_700_000_000_123_456_000
    #expect(image(cut + 789).isUnchanged(since: image(cut)))
    #expect(image(cut - 1999).isUnchanged(since: image(cut)))
    #expect(!image(cut + 2000).isUnchanged(since: image(cut)))
    #expect(!image(cut + 1_000_000).isUnchanged(since: image(cut)))
    #expect(!image(.max).isUnchanged(since: image(.min)))
  }
}
