import Glibc

/// A 64-byte aligned block of raw memory; freed with its owner.
///
/// `@unchecked Sendable`: who shares one only reads it after it was filled; scratch is used by one
/// call at a time.
final class AlignedBlock: @unchecked Sendable {
  let address: UnsafeMutableRawPointer
  let byteCount: Int
  /// The larger block that this is a part of.
  private let whole: AlignedBlock?

  /// Size and alignment of a huge page on x86-64 and arm64 with 4 KiB base pages.
  private static let hugePage = 2 << 20

  init(byteCount: Int) {
    self.byteCount = max(64, byteCount)
    whole = nil
    let large = byteCount >= Self.hugePage
    address = .allocate(byteCount: self.byteCount, alignment: large ? Self.hugePage : 64)
    // Weights are streamed once a pass: with 4 KiB pages a part of the time goes into page walks.
    // It is advice only, so that its refusal changes nothing but speed.
    if large { _ = madvise(address, self.byteCount, MADV_HUGEPAGE) }
  }

  fileprivate init(of whole: AlignedBlock, offset: Int, byteCount: Int) {
    precondition(offset >= 0 && byteCount > 0 && offset + byteCount <= whole.byteCount)
    self.whole = whole
    self.byteCount = byteCount
    address = whole.address + offset
  }

  deinit { if whole == nil { address.deallocate() } }
}

/// Blocks side by side in few large ones, in the order in which they are asked for: the weights of a
/// tower then lie in huge pages even where each matrix alone is smaller than one.
///
/// Used by one thread while a tower is packed; the blocks outlive it.
public final class WeightSlab {
  private var chunk: AlignedBlock?
  private var used = 0
  private static let chunkSize = 16 << 20

  public init() {}

  func block(byteCount: Int) -> AlignedBlock {
    let size = (max(64, byteCount) + 63) / 64 * 64
    if size > Self.chunkSize / 2 { return AlignedBlock(byteCount: size) }
    if let chunk, used + size <= chunk.byteCount {
      defer { used += size }
      return AlignedBlock(of: chunk, offset: used, byteCount: size)
    }
    let made = AlignedBlock(byteCount: Self.chunkSize)
    (chunk, used) = (made, size)
    return AlignedBlock(of: made, offset: 0, byteCount: size)
  }
}
