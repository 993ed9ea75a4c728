import Checkpoints
import Foundation
import TestSupport
import Testing

/// State dicts of torch.save: what is read, and that nothing else is.
@Suite struct PyTorchTests {
  private func table(_ archive: Archive) throws -> TensorTable {
    try withFile(archive.bytes) { try CheckpointReader.table(of: $0) }
  }

  private func refusal(_ bytes: [UInt8]) throws -> String {
    try withFile(bytes) { path in
      let error = #expect(throws: CheckpointError.self) { try CheckpointReader.table(of: path) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.hasPrefix(path))
      return text
    }
  }

  @Test("offset, strides and a transposed view are respected, and tensors share a storage")
  func views() throws {
    let found = try table(
      stateDict(
        Pickle.dictionary {
          $0.text("whole")
          $0.tensor(key: "0", numbers: 16, shape: [4, 4], strides: [4, 1])
          $0.text("turned")
          $0.tensor(key: "0", numbers: 16, shape: [4, 4], strides: [1, 4])
          $0.text("part")
          $0.tensor(key: "0", numbers: 16, offset: 5, shape: [2, 3], strides: [4, 1])
          $0.text("scalar")
          $0.tensor(key: "0", numbers: 16, offset: 7, shape: [], strides: [])
          $0.text("none")
          $0.tensor(key: "0", numbers: 16, shape: [0, 3], strides: [3, 1])
        }, sixteen))
    #expect(found.names == ["none", "part", "scalar", "turned", "whole"])
    #expect(try found.floats("whole", shape: [4, 4]) == (0..<16).map(Float.init))
    #expect(
      try found.floats("turned", shape: [4, 4])
        == [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15])
    #expect(try found.floats("part", shape: [2, 3]) == [5, 6, 7, 9, 10, 11])
    #expect(try found.floats("scalar", shape: []) == [7])
    #expect(try found.floats("none", shape: [0, 3]) == [])
    let rows = try found.matrix("turned", shape: [4, 4])
    var sum: [Float] = [100, 100, 100, 100, 100, 100]
    var span = sum.mutableSpan
    rows.add(row: 2, to: &span, at: 1)
    #expect(sum == [100, 102, 106, 110, 114, 100])
  }

  @Test("what surrounds a state dict is passed over: metadata, numbers, a trainer's wrapping")
  func surroundings() throws {
    let found = try table(
      stateDict(
        Pickle.dictionary {
          $0.text("epoch")
          $0.integer(3)
          $0.text("rates")
          $0.add("](G")
          $0.add([UInt8](repeating: 0, count: 8))
          $0.add("Ne")
          $0.text("state_dict")
          $0.global("collections", "OrderedDict")
          $0.add(")R(")
          $0.text("a")
          $0.global("torch._utils", "_rebuild_parameter")
          $0.add("(")
          $0.tensor(key: "0", numbers: 16, shape: [16], strides: [1])
          $0.add([0x88, 0x29])
          $0.add("tRu}(")
          $0.text("_metadata")
          $0.add("}ub")
        }, sixteen))
    #expect(found.names == ["a"])
    #expect(try found.floats("a", shape: [16]) == (0..<16).map(Float.init))
  }

  @Test(
    "a name that no state dict needs is refused by it where it stands for the weights",
    arguments: [
      ("posix", "system"), ("builtins", "eval"), ("__builtin__", "set"), ("os", "popen"),
      ("torch.nn.modules.linear", "Linear"), ("torch", "load"), ("collections", "Counter"),
      ("torch._utils", "_rebuild_tensor_v2.__globals__"), ("numpy.core.multiarray", "scalar"),
    ])
  func globals(module: String, name: String) throws {
    var called = Pickle()
    called.global(module, name)
    called.text("touch /tmp/was-here")
    called.add([0x85])
    called.add("R.")
    #expect(try refusal(stateDict(called.bytes).bytes).contains("\(module).\(name)"))
    var stacked = Pickle()
    stacked.text(module)
    stacked.text(name)
    stacked.add([0x93])
    stacked.add(".")
    #expect(try refusal(stateDict(stacked.bytes).bytes).contains("\(module).\(name)"))
  }

  @Test(
    "an opcode that no state dict needs is refused by name",
    arguments: [
      (0x69, "INST"), (0x6F, "OBJ"), (0x82, "EXT1"), (0x50, "PERSID"),
      (0x96, "BYTEARRAY8"), (0xFF, "0xff"),
    ] as [(UInt8, String)])
  func opcodes(code: UInt8, name: String) throws {
    #expect(try refusal(stateDict([0x80, 2, 0x29, 0x29, code]).bytes).contains("opcode \(name)"))
  }

  private static let huge = 1 << 62

  /// Pickles that lie, each with a word of its refusal.
  private static let lies: [(String, [UInt8], String)] = [
    ("cut", Array(tensorOfSixteen().dropLast(9)), "refused at byte"),
    ("empty", [], "ends in the middle"),
    ("two values", [0x80, 2, 0x29, 0x29, 0x2E], "more than one value"),
    ("no dict", [0x80, 2, 0x29, 0x2E], "no dict of tensors"),
    ("no tensors", [0x80, 2, 0x7D, 0x2E], "no tensors"),
    ("nothing to pop", [0x80, 2, 0x30], "a value is missing"),
    ("pop below a mark", [0x80, 2, 0x29, 0x28, 0x30], "a value is missing"),
    ("no mark", [0x80, 2, 0x74], "mark"),
    ("unknown memo", [0x80, 2, 0x6A, 0xFF, 0xFF, 0xFF, 0xFF], "nothing was put"),
    ("protocol 0", [0x80, 0, 0x29], "protocol 0"),
    ("long text", [0x80, 2, 0x58, 0xFF, 0xFF, 0xFF, 0xFF], "ends in the middle"),
    ("a number of 255 bytes", [0x80, 2, 0x8A, 0xFF], "255 bytes"),
    ("call of a text", [0x80, 2, 0x58, 0, 0, 0, 0, 0x29, 0x52], "no name"),
    ("items on a tuple", [0x80, 2, 0x29, 0x29, 0x29, 0x73], "no dict"),
    ("beyond the storage", tensorOfSixteen(offset: 1), "reaches beyond"),
    ("strides beyond", tensorOfSixteen(strides: [5, 1]), "reaches beyond"),
    ("strides overflow", tensorOfSixteen(strides: [huge, 1]), "overflow"),
    ("offset overflows", tensorOfSixteen(offset: .max), "overflow"),
    ("shape overflows", tensorOfSixteen(shape: [huge, huge]), "larger than its storage"),
    ("shape wraps to 0", tensorOfSixteen(shape: [1 << 32, 1 << 32]), "larger than its storage"),
    ("zero and overflow", tensorOfSixteen(shape: [0, huge, huge], strides: [1, 1, 1]), "larger"),
    (
      "expanded", tensorOfSixteen(shape: [1 << 20, 16], strides: [0, 1]), "larger than its storage"
    ),
    ("negative size", tensorOfSixteen(shape: [-1, 4]), "whole number"),
    ("sizes without strides", tensorOfSixteen(strides: [4]), "sizes and 1 strides"),
    ("more numbers than bytes", tensorOfSixteen(numbers: 17), "has 64 bytes"),
    ("numbers overflow", tensorOfSixteen(numbers: huge), "has 64 bytes"),
    ("of another type", tensorOfSixteen(storage: "DoubleStorage"), "has 64 bytes"),
    ("unknown storage", tensorOfSixteen(storage: "ComplexStorage"), "torch.ComplexStorage"),
    (
      "17 dimensions",
      tensorOfSixteen(
        shape: [Int](repeating: 1, count: 17), strides: [Int](repeating: 1, count: 17)),
      "17 dimensions"
    ),
    ("a long name", tensorOfSixteen(name: String(repeating: "n", count: 2000)), "2000 bytes"),
    (
      "missing storage",
      Pickle.dictionary {
        $0.text("a")
        $0.tensor(key: "../0", numbers: 16, shape: [16], strides: [1])
      }, "data/../0 are missing"
    ),
    (
      "the same name twice",
      Pickle.dictionary { pickle in
        for _ in 0..<2 {
          pickle.text("a")
          pickle.tensor(key: "0", numbers: 16, shape: [16], strides: [1])
        }
      }, "a is there twice"
    ),
  ]

  /// A dict with one tensor `a`, and what `body` adds.
  private func beside(_ body: (inout Pickle) -> Void) throws -> TensorTable {
    try table(
      stateDict(
        Pickle.dictionary {
          $0.text("state_dict")
          $0.add("}(")
          $0.text("a")
          $0.tensor(key: "0", numbers: 16, shape: [16], strides: [1])
          $0.add("u")
          body(&$0)
        }, sixteen))
  }

  @Test("an argparse.Namespace beside the weights is passed over, told, and nothing of it runs")
  func namespace() throws {
    let found = try beside {
      $0.text("args")
      $0.global("argparse", "Namespace")
      $0.add([0x29, 0x81, 0x7D, 0x28])
      $0.text("lr")
      $0.add("G")
      $0.add([UInt8](repeating: 0, count: 8))
      $0.text("device")
      $0.global("torch", "device")
      $0.text("cuda")
      $0.add([0x85])
      $0.add("Ru")
      $0.add("b")
      $0.text("best")
      $0.global("numpy.core.multiarray", "scalar")
      $0.text("0.9")
      $0.add([0x85])
      $0.add("R")
    }
    #expect(found.names == ["a"])
    #expect(found.notes.count == 1)
    #expect(
      found.notes[0].contains("argparse.Namespace, numpy.core.multiarray.scalar, torch.device"),
      "\(found.notes)")
  }

  @Test("a tensor that depends on an unknown name is refused by that name")
  func dependent() throws {
    func refused(_ body: (inout Pickle) -> Void) throws -> String {
      try refusal(stateDict(Pickle.dictionary(body), sixteen).bytes)
    }
    let rebuilt = try refused {
      $0.text("a")
      $0.global("torch._utils", "_rebuild_sparse_tensor")
      $0.add(")R")
    }
    #expect(rebuilt.contains("torch._utils._rebuild_sparse_tensor"))
    let subclass = try refused {
      $0.text("a")
      $0.tensor(key: "0", numbers: 16, shape: [16], strides: [1])
      $0.text("b")
      $0.global("torch._utils", "_rebuild_parameter")
      $0.add("(")
      $0.global("evil", "Tensor")
      $0.add(")R")
      $0.add([0x88])
      $0.add("}tR")
    }
    #expect(subclass.contains("evil.Tensor"))
  }

  @Test(
    "weights are found in what trainers wrap them with",
    arguments: [
      ["model"], ["model_state_dict"], ["state_dict"], ["state_dict_ema"], ["net"],
      ["state", "model"], ["anything"], ["model", "state_dict"],
    ])
  func wrapped(keys: [String]) throws {
    let found = try table(
      stateDict(
        Pickle.dictionary {
          $0.text("best")
          $0.integer(1)
          for key in keys {
            $0.text(key)
            $0.add("}(")
          }
          $0.text("a")
          $0.tensor(key: "0", numbers: 16, shape: [16], strides: [1])
          $0.add(String(repeating: "u", count: keys.count))
        }, sixteen))
    #expect(found.names == ["a"])
  }

  @Test("several dicts of tensors are told apart or refused, never chosen in silence")
  func several() throws {
    func two(_ first: String, _ second: String) -> Archive {
      stateDict(
        Pickle.dictionary {
          for key in [first, second] {
            $0.text(key)
            $0.add("}(")
            $0.text(key == first ? "a" : "b")
            $0.tensor(key: "0", numbers: 16, shape: [16], strides: [1])
            $0.add("u")
          }
        }, sixteen)
    }
    let found = try table(two("state_dict_ema", "model"))
    #expect(found.names == ["b"])
    #expect(found.notes == ["beside model it holds state_dict_ema, which is not read"])
    #expect(try refusal(two("left", "right").bytes).contains("(left, right)"))
  }

  @Test("modules of TorchScript are a table of their parameters; one that holds itself ends")
  func script() throws {
    var pickle = Pickle()
    pickle.global("__torch__.multimodal.model", "Multimodal")
    pickle.add([0x29, 0x81, 0x71, 0, 0x7D, 0x28])
    pickle.text("logit_scale")
    pickle.tensor(key: "0", numbers: 16, shape: [], strides: [])
    pickle.text("visual")
    pickle.global("__torch__.torch.nn", "Module")
    pickle.add([0x29, 0x81, 0x7D, 0x28])
    pickle.text("weight")
    pickle.tensor(key: "0", numbers: 16, offset: 1, shape: [2, 3], strides: [3, 1])
    pickle.add("ub")
    var looping = pickle
    pickle.add("ub.")
    var archive = stateDict(pickle.bytes, sixteen)
    var code = Archive.Entry("archive/code/model.py", Array("def f()".utf8))
    code.method = 8
    archive.entries.append(code)
    let found = try table(archive)
    #expect(found.names == ["logit_scale", "visual.weight"])
    #expect(found.origin == .torchScript && found.notes.isEmpty)
    #expect(try found.floats("visual.weight", shape: [2, 3]) == [1, 2, 3, 4, 5, 6])
    looping.text("self")
    looping.add([0x68, 0])
    looping.add("ub.")
    #expect(try refusal(stateDict(looping.bytes, sixteen).bytes).contains("too deep"))
  }

  @Test("numbers of 64 bits are read, row by row and one row at a time")
  func doubles() throws {
    var archive = stateDict(
      Pickle.dictionary {
        $0.text("a")
        $0.tensor(
          key: "0", numbers: 6, storage: "DoubleStorage", shape: [2, 3], strides: [3, 1])
      })
    archive.entries.append(
      .init("archive/data/0", (1...6).flatMap { little((Double($0) / 3).bitPattern) }))
    let found = try table(archive)
    #expect(found.types == [.f64])
    #expect(try found.floats("a", shape: [2, 3]) == (1...6).map { Float(Double($0) / 3) })
    var sum: [Float] = [0, 0, 0]
    var span = sum.mutableSpan
    try found.matrix("a", shape: [2, 3]).add(row: 1, to: &span, at: 0)
    #expect(sum == (4...6).map { Float(Double($0) / 3) })
  }

  @Test("each lie of a pickle is refused with its own sentence", arguments: lies.indices)
  func pickleLies(index: Int) throws {
    let (what, pickle, words) = Self.lies[index]
    let text = try refusal(stateDict(pickle, sixteen).bytes)
    #expect(text.contains(words), "\(what): \(text)")
  }

  @Test("one storage cannot stand for a thousand tensors, but for tied weights")
  func shared() throws {
    func archive(_ count: Int) -> Archive {
      stateDict(
        Pickle.dictionary { pickle in
          for index in 0..<count {
            pickle.text("a\(index)")
            pickle.tensor(key: "0", numbers: 4096, shape: [4096], strides: [1])
          }
        }, [("0", (0..<4096).map(Float.init))])
    }
    #expect(try table(archive(3)).names.count == 3)
    #expect(try refusal(archive(1000).bytes).contains("times as large as their numbers"))
  }

  @Test("millions of values that refer to each other take little time and memory")
  func bombs() throws {
    // Each tuple is two of the last one: 2 to the power of 900,000 values, were they copied.
    var doubling: [UInt8] = [0x80, 2, 0x29, 0x71, 0]
    for _ in 0..<900_000 { doubling += [0x68, 0, 0x86, 0x71] }
    #expect(try refusal(stateDict(doubling).bytes).contains("pickle"))
    // A tuple within a tuple, a million deep.
    // One dict of many items, named by a hundred thousand keys of another.
    var shared: [UInt8] = [0x80, 2, 0x7D, 0x71, 0, 0x28]
    for _ in 0..<100_000 { shared += [0x4B, 1, 0x4B, 2] }
    shared += Array("u0}(".utf8)
    for index in 0..<100_000 {
      shared += [0x8C, 5] + Array(String(index + 10_000).suffix(5).utf8) + [0x68, 0]
    }
    shared += Array("u.".utf8)
    let told = try refusal(stateDict(shared).bytes)
    #expect(told.contains("there twice") || told.contains("no tensors"), "\(told)")
    let nested = [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2E]
    #expect(try refusal(stateDict(nested).bytes).contains("no dict"))
    let marks = [0x80, 2] + [UInt8](repeating: 0x28, count: 1_000_000) + [0x2E]
    #expect(try refusal(stateDict(marks).bytes).contains("more than one value"))
    let dictionaries = [0x80, 2] + [UInt8](repeating: 0x7D, count: 3_000_000) + [0x2E]
    #expect(try refusal(stateDict(dictionaries).bytes).contains("more than one value"))
    let long = [UInt8](repeating: 0x29, count: 5 << 20)
    #expect(try refusal(stateDict(long).bytes).contains("at most"))
  }

  /// Archives that lie, each with a word of its refusal.
  private static let archives: [(String, @Sendable (inout Archive) -> Void, String)] = [
    ("compressed pickle", { $0.entries[0].method = 8 }, "is compressed"),
    ("compressed numbers", { $0.entries[2].method = 8 }, "is compressed"),
    ("encrypted", { $0.entries[2].flags = 1 }, "encrypted"),
    ("twice", { $0.entries.append($0.entries[2]) }, "archive/data/0 is there twice"),
    ("two pickles", { $0.entries.append(.init("b/data.pkl", [0x29])) }, "2 data.pkl"),
    ("no pickle", { $0.entries[0].name = "archive/code.pkl" }, "0 data.pkl"),
    ("larger than the file", { $0.entries[2].announced = 1 << 30 }, "more than the file"),
    (
      "beyond the end", { $0.entries[2].announced = UInt32($0.bytes.count - 10) }, "beyond the end"
    ),
    (
      "overlapping", { $0.entries[2].place = 0 }, "overlap"
    ),
    (
      "one inside of the other",
      {
        $0.entries.append(.init("archive/data/1", [1, 2, 3, 4]))
        $0.entries[2].announced = 120
      }, "overlap"
    ),
    ("more entries than there are", { $0.announcedEntries = 60_000 }, "no room for them"),
    ("2⁴⁰ entries", { $0.announced64 = 1 << 40 }, "no room for them"),
    ("2⁶⁴ − 1 entries", { $0.announced64 = .max }, "no room for them"),
    (
      "2³⁰ entries in 4 GB",
      {
        $0.announced64 = 1 << 30
        $0.announcedSize64 = 0xFFFF_FFFF
      }, "no room for them"
    ),
    ("something behind", { $0.tail = [0] }, "something follows"),
    ("another end behind", { $0.tail = $0.bytes }, "twice"),
    ("big-endian", { $0.entries[1].bytes = Array("big".utf8) }, "little-endian"),
  ]

  @Test("each lie of an archive is refused with its own sentence", arguments: archives.indices)
  func archiveLies(index: Int) throws {
    let (what, spoil, words) = Self.archives[index]
    var archive = stateDict(tensorOfSixteen(), sixteen)
    _ = try table(archive)
    spoil(&archive)
    let text = try refusal(archive.bytes)
    #expect(text.contains(words), "\(what): \(text)")
  }

  @Test("a file cut anywhere is refused")
  func truncated() throws {
    let bytes = stateDict(tensorOfSixteen(), sixteen).bytes
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pytorch_model.bin")
      for length in 0..<bytes.count {
        try Data(bytes.prefix(length)).write(to: file)
        #expect(throws: CheckpointError.self) { try CheckpointReader.table(of: file.path) }
      }
    }
  }

  @Test("any one byte changed is read or refused, never more")
  func changed() throws {
    let bytes = stateDict(tensorOfSixteen(), sixteen).bytes
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pytorch_model.bin")
      for place in bytes.indices {
        var other = bytes
        other[place] ^= place % 2 == 0 ? 0x01 : 0xFF
        try Data(other).write(to: file)
        guard let table = try? CheckpointReader.table(of: file.path) else { continue }
        for name in table.names {
          _ = try? table.floats(name, shape: table.shape(of: name) ?? [])
        }
      }
    }
  }

  @Test("what is no zip is told by what it is")
  func others() throws {
    let legacy: [UInt8] = [
      0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    #expect(try refusal(legacy).contains("before PyTorch 1.6"))
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 605247071\n"
    #expect(try refusal(Array(pointer.utf8)).contains("git lfs pull"))
    #expect(try refusal(Array("<html>".utf8)).contains("no zip"))
    var script = Pickle()
    script.global("__torch__.multimodal.model", "Multimodal")
    script.add(".")
    #expect(try refusal(stateDict(script.bytes).bytes).contains("modules have no tensors"))
  }

  @Test(
    "the fixtures' hostile pickles are refused by name, and nothing happens",
    .needs("fixtures/hostile"),
    arguments: [
      ("pickle_os_system.bin", "posix.system"),
      ("pickle_whole_module.bin", "torch.nn.modules.linear.Linear"),
      ("legacy_format.bin", "before PyTorch 1.6"),
    ])
  func hostile(name: String, words: String) throws {
    let path = Places.shared.appendingPathComponent("fixtures/hostile/\(name)").path
    let error = #expect(throws: CheckpointError.self) { try CheckpointReader.table(of: path) }
    #expect(error.map { "\($0)" }?.contains(words) == true)
    let trace = FileManager.default.temporaryDirectory.appendingPathComponent("clip-rsicd-was-here")
    #expect(!FileManager.default.fileExists(atPath: trace.path))
  }
}
