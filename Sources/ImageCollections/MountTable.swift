import Files
import Foundation
import Imaging

/// Where disks are mounted, and where they could be.
package struct MountTable: Sendable {
  private let mounted: Set<PathBytes>
  private let expected: [PathBytes]

  /// Folders in which systems mount removable disks.
  private static let shelves = ["/mnt", "/media", "/run/media", "/Volumes", "/net"].map {
    PathBytes($0)
  }
  /// Longest table that is read.
  private static let limit = 4 << 20

  /// - Parameters:
  ///   - mounted: as `/proc/self/mounts` has it.
  ///   - table: as `/etc/fstab` has it.
  package init(mounted: String, table: String) {
    self.mounted = Set(Self.places(mounted))
    expected = Self.places(table).filter { $0.bytes.count > 1 }
  }

  static var system: MountTable {
    func text(_ path: String) -> String {
      guard let file = FileHandle(forReadingAtPath: path) else { return "" }
      defer { try? file.close() }
      return String(decoding: (try? file.read(upToCount: limit)) ?? Data(), as: UTF8.self)
    }
    return MountTable(mounted: text("/proc/self/mounts"), table: text("/etc/fstab"))
  }

  /// The second words of the lines, in which `\040` stands for a blank.
  private static func places(_ table: String) -> [PathBytes] {
    table.split(separator: "\n").compactMap { line in
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count > 1, !words[0].hasPrefix("#"), words[1].hasPrefix("/") else { return nil }
      var bytes: [UInt8] = []
      var rest = Array(words[1].utf8)[...]
      while let byte = rest.popFirst() {
        let digits = rest.prefix(3)
        if byte == 0x5C, digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
          let value = digits.reduce(0) { 8 * $0 + Int($1 - 0x30) }
          bytes.append(UInt8(truncatingIfNeeded: value))
          rest.removeFirst(3)
        } else {
          bytes.append(byte)
        }
      }
      return PathBytes(bytes)
    }
  }

  /// The place on the way to a path at which a disk is missing: one of the table that is not mounted,
  /// or a place among those of disks that come and go that is empty or not there.
  package func missing(above path: PathBytes) -> PathBytes? {
    if let place = expected.first(where: { path.isBelow($0) && !mounted.contains($0) }) {
      return place
    }
    guard let shelf = Self.shelves.first(where: { path.isBelow($0) }) else { return nil }
    // /mnt/DISK, /media/DISK and /media/USER/DISK
    let depth = shelf.components.count
    let parts = path.components
    let places = (1...2).compactMap { extra -> PathBytes? in
      guard parts.count > depth + extra else { return nil }
      return PathBytes(parts.prefix(depth + extra).flatMap { [0x2F] + $0.bytes })
    }
    guard !places.contains(where: { mounted.contains($0) }) else { return nil }
    for place in places {
      guard let listing = try? FolderListing(place.description) else { return place }
      if listing.names.isEmpty, listing.otherNames.isEmpty { return place }
    }
    return nil
  }
}
