/// Reads the tensors in a file of torch.save or torch.jit.save: a zip of stored entries, `NAME/data.pkl`
/// with the names, shapes and strides, `NAME/data/KEY` with the numbers of each storage.
///
/// The numbers stay where they are in the mapped file. Tensors may share a storage, begin inside of it
/// and lie in it by any strides. The pickle is read, never executed: see ``Unpickler``.
enum PyTorchReader {
  /// First bytes of a zip.
  static let magic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  /// First bytes of torch's format before 1.6: protocol 2 and its magic number 0x1950a86a20f9469cfc6c.
  static let legacyMagic: [UInt8] = [
    0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]
  private static let mostDimensions = 16
  /// Tied weights are in the file once and in the model twice. Sharing by more than a few tensors is an
  /// attempt to fill the memory.
  private static let mostSharing = 4

  static func table(of file: MappedFile) throws(CheckpointError) -> TensorTable {
    let archive = try ZipArchive(file)
    let pickles = archive.names.filter { $0.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = pickles.first,
      let place = try archive.bytes(of: pickle)
    else {
      throw CheckpointError(
        file: file.path,
        reason: .zip("it has \(pickles.count) data.pkl, expected the one of torch.save"))
    }
    let root = String(pickle.dropLast("data.pkl".count))
    if let order = try archive.bytes(of: root + "byteorder"), order.count <= 16,
      file.bytes(order) != Array("little".utf8)
    {
      throw CheckpointError(file: file.path, reason: .zip("its numbers are not little-endian"))
    }
    guard place.count <= Unpickler.longest else {
      throw CheckpointError(
        file: file.path,
        reason: .pickle(
          "\(place.count) bytes of pickle, at most \(Unpickler.longest) are accepted", byte: 0))
    }
    let (value, reader) = try Unpickler.read(file.bytes(place), file: file.path)
    let state = try PickledStateDict(value, reader, file: file.path)
    return try Assembly(file: file, archive: archive, root: root, reader: reader).table(of: state)
  }

  /// Pickled tensors put together with their numbers.
  private struct Assembly {
    let file: MappedFile
    let archive: ZipArchive
    /// `NAME/`
    let root: String
    let reader: Unpickler

    func table(of state: PickledStateDict) throws(CheckpointError) -> TensorTable {
      var entries: [String: TensorTable.Entry] = [:]
      var storages: [Int: TensorTable.Storage] = [:]
      var room = file.count.multipliedReportingOverflow(by: mostSharing).partialValue
      for (name, value) in state.tensors {
        guard case .tensor(let index) = value else { continue }
        let pickled = reader.tensors[index]
        let storage: TensorTable.Storage
        if let known = storages[pickled.storage] {
          storage = known
        } else {
          storage = try self.storage(pickled.storage)
          storages[pickled.storage] = storage
        }
        let entry = try entry(name, pickled, storage)
        room -= entry.count * storage.type.byteCount
        guard room >= 0 else {
          throw wrong(
            name, "with it the tensors are \(mostSharing) times as large as their numbers")
        }
        entries[name] = entry
      }
      return TensorTable(
        path: file.path, entries: entries, notes: state.notes, origin: state.origin)
    }

    private func storage(_ index: Int) throws(CheckpointError) -> TensorTable.Storage {
      let pickled = reader.storages[index]
      let key = try reader.text(pickled.key)
      guard let bytes = try archive.bytes(of: "\(root)data/\(key)") else {
        throw CheckpointError(
          file: file.path, reason: .zip("the numbers data/\(key) are missing"))
      }
      let (size, overflow) = pickled.count.multipliedReportingOverflow(by: pickled.type.byteCount)
      guard !overflow, size == bytes.count else {
        throw CheckpointError(
          file: file.path,
          reason: .zip(
            "data/\(key) has \(bytes.count) bytes, expected \(pickled.count) numbers of "
              + pickled.type.rawValue))
      }
      return .init(file: file, type: pickled.type, bytes: bytes)
    }

    private func entry(_ name: String, _ pickled: PickledTensor, _ storage: TensorTable.Storage)
      throws(CheckpointError) -> TensorTable.Entry
    {
      let shape = try sizes(pickled.shape, of: name)
      let strides = try sizes(pickled.strides, of: name)
      guard shape.count == strides.count else {
        throw wrong(name, "\(shape.count) sizes and \(strides.count) strides")
      }
      guard let count = product(shape), count <= storage.count else {
        throw wrong(name, "\(shape) is larger than its storage of \(storage.count) numbers")
      }
      guard count > 0 else { return .init(storage, shape: shape) }
      var last = pickled.offset
      for (size, stride) in zip(shape, strides) {
        let (step, wraps) = (size - 1).multipliedReportingOverflow(by: stride)
        let (sum, overflows) = last.addingReportingOverflow(step)
        guard !wraps, !overflows else { throw wrong(name, "its strides overflow") }
        last = sum
      }
      guard last < storage.count else {
        throw wrong(name, "it reaches beyond its storage of \(storage.count) numbers")
      }
      return .init(storage, shape: shape, strides: strides, offset: pickled.offset)
    }

    private func sizes(_ range: Range<Int>, of name: String) throws(CheckpointError) -> [Int] {
      guard range.count <= mostDimensions else {
        throw wrong(name, "\(range.count) dimensions, at most \(mostDimensions) are accepted")
      }
      let sizes = reader.items[range].compactMap(\.integer)
      guard sizes.count == range.count, sizes.allSatisfy({ $0 >= 0 }) else {
        throw wrong(name, "a size or stride that is no whole number from 0")
      }
      return sizes
    }

    private func wrong(_ name: String, _ problem: String) -> CheckpointError {
      CheckpointError(file: file.path, reason: .tensorEntry(name: name, problem: problem))
    }
  }
}

/// The product of sizes from 0; `nil` where it overflows, with the zeros left out, so that strides that
/// are made of them cannot overflow either.
func product(_ sizes: [Int]) -> Int? {
  var result = 1
  for size in sizes where size != 0 {
    let (next, overflow) = result.multipliedReportingOverflow(by: size)
    guard !overflow else { return nil }
    result = next
  }
  return sizes.contains(0) ? 0 : result
}
