/// Finds the tensors in what a pickle holds: a state dict itself, one that a trainer wrapped with its own
/// things, or the modules of a TorchScript archive.
///
///     {"visual.conv1.weight": …}                            torch.save(model.state_dict(), …)
///     {"epoch": 20, "state_dict": {"module.visual…": …}}    OpenCLIP's trainer, Lightning, timm, …
///     __torch__.multimodal.model.Multimodal {"visual": …}   torch.jit.save: OpenAI's own downloads
struct PickledStateDict {
  let tensors: [String: PickleValue]
  /// What was there besides, in sentences.
  let notes: [String]
  let origin: TensorTable.Origin

  /// Keys of weights in trainers' files, the likeliest first.
  private static let wrappers = [
    "state_dict", "model_state_dict", "model", "module", "net", "network", "weights",
  ]
  /// Keys of their running averages, which are read where there is nothing else.
  private static let averages = ["state_dict_ema", "model_ema", "ema_state_dict", "ema"]
  private static let deepestWrapper = 4
  private static let deepestModule = 64
  /// Modules and attributes that are walked through: a model has some thousands.
  private static let mostSteps = 400_000

  /// Modules by which a pickle would take hold of the machine that loads it.
  private static let attackers: Set<String> = [
    "posix", "nt", "os", "sys", "subprocess", "runpy", "shutil", "socket", "pty", "importlib",
    "webbrowser", "ctypes", "asyncio", "multiprocessing", "code", "commands", "platform",
  ]
  private static let harmlessBuiltins: Set<String> = [
    "set", "frozenset", "bytearray", "complex", "slice", "range", "object", "list", "dict", "tuple",
    "int", "float", "str", "bool", "bytes",
  ]

  /// Whether a name is one that only an attack asks for. It is passed over as any other would be, so
  /// nothing could happen here; a file that tries is refused all the same, for its next reader's sake.
  private static func runsThings(_ name: String) -> Bool {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let module = parts.first else { return false }
    if module == "builtins" || module == "__builtin__" {
      return !harmlessBuiltins.contains(parts.last ?? "")
    }
    return attackers.contains(module)
  }

  /// - Throws: ``CheckpointError`` where there are none, or it cannot be told which are meant.
  init(_ root: PickleValue, _ reader: Unpickler, file: String) throws(CheckpointError) {
    let finder = Finder(reader: reader, items: reader.itemsByDictionary(), file: file)
    switch root {
    case .dictionary(let dictionary):
      var notes: [String] = []
      let found = try finder.stateDict(in: dictionary, depth: 0, &notes)
      if let attack = reader.foreigners.map(\.name).first(where: Self.runsThings) {
        throw CheckpointError(file: file, reason: .refusedGlobal(attack))
      }
      let (tensors, foreign) = try finder.tensors(in: found)
      guard !tensors.isEmpty else {
        throw CheckpointError(
          file: file, reason: .pickle("its dict has no tensors", byte: 0))
      }
      self.tensors = tensors
      self.notes = notes + finder.notes(of: foreign)
      origin = .table
    case .foreign(let which) where reader.foreigners[which].isTorchScript:
      tensors = try finder.modules(from: which)
      notes = []
      origin = .torchScript
    case .foreign(let which):
      throw CheckpointError(file: file, reason: .refusedGlobal(reader.foreigners[which].name))
    default:
      throw CheckpointError(file: file, reason: .pickle("it holds no dict of tensors", byte: 0))
    }
  }

  private final class Finder {
    let reader: Unpickler
    let items: [Int: [Int]]
    let file: String
    /// Dictionaries that were looked into already: a pickle may name one a hundred thousand times.
    private var known: [Int: Bool] = [:]

    init(reader: Unpickler, items: [Int: [Int]], file: String) {
      self.reader = reader
      self.items = items
      self.file = file
    }

    func contents(_ dictionary: Int) throws(CheckpointError) -> [String: PickleValue] {
      try reader.contents(items[dictionary] ?? [])
    }

    /// The dict that holds the tensors: this one, or one that it wraps.
    func stateDict(in dictionary: Int, depth: Int, _ notes: inout [String])
      throws(CheckpointError) -> [String: PickleValue]
    {
      let found = try contents(dictionary)
      guard depth < deepestWrapper else { return found }
      var usable: [(key: String, dictionary: Int)] = []
      for key in wrappers + averages {
        guard case .dictionary(let inner) = found[key], try hasTensors(inner, depth: depth + 1)
        else { continue }
        usable.append((key, inner))
      }
      if let (key, inner) = usable.first {
        if usable.count > 1 {
          notes.append(
            "beside \(key) it holds \(usable.dropFirst().map(\.key).joined(separator: ", ")), "
              + "which is not read")
        }
        return try stateDict(in: inner, depth: depth + 1, &notes)
      }
      if found.values.contains(where: isTensor) { return found }
      var others: [(key: String, dictionary: Int)] = []
      for (key, value) in found.sorted(by: { $0.key < $1.key }) {
        if case .dictionary(let inner) = value, try hasTensors(inner, depth: depth + 1) {
          others.append((key, inner))
        }
      }
      guard others.count <= 1 else {
        let names = others.prefix(8).map { String($0.key.prefix(60)) }.joined(separator: ", ")
        throw CheckpointError(
          file: file,
          reason: .pickle(
            "it holds several dicts of tensors (\(names)); save the one that is meant alone",
            byte: 0))
      }
      guard let other = others.first else { return found }
      return try stateDict(in: other.dictionary, depth: depth + 1, &notes)
    }

    private func isTensor(_ value: PickleValue) -> Bool {
      if case .tensor = value { true } else { false }
    }

    private func hasTensors(_ dictionary: Int, depth: Int) throws(CheckpointError) -> Bool {
      if let known = known[dictionary] { return known }
      // A dictionary that contains itself has nothing new below.
      known[dictionary] = false
      let answer = try looked(into: dictionary, depth: depth)
      known[dictionary] = answer
      return answer
    }

    private func looked(into dictionary: Int, depth: Int) throws(CheckpointError) -> Bool {
      let found = try contents(dictionary)
      if found.values.contains(where: isTensor) { return true }
      guard depth < deepestWrapper else { return false }
      for key in wrappers + averages {
        if case .dictionary(let inner) = found[key], try hasTensors(inner, depth: depth + 1) {
          return true
        }
      }
      return false
    }

    /// The tensors of a state dict, and the classes of what else it holds.
    /// - Throws: ``CheckpointError`` that names the class, where one of its tensors is of one that is
    ///   not known.
    func tensors(in dict: [String: PickleValue]) throws(CheckpointError) -> (
      [String: PickleValue], foreign: Set<String>
    ) {
      var tensors: [String: PickleValue] = [:]
      var foreign: Set<String> = []
      for (name, value) in dict {
        switch value {
        case .tensor: tensors[name] = value
        case .foreign(let which):
          let made = reader.foreigners[which].name
          guard !made.hasPrefix("torch._utils._rebuild"), !made.hasPrefix("torch._tensor") else {
            throw CheckpointError(file: file, reason: .refusedGlobal(made))
          }
          foreign.insert(made)
        default: break
        }
      }
      if tensors.isEmpty, let first = foreign.sorted().first {
        throw CheckpointError(file: file, reason: .refusedGlobal(first))
      }
      return (tensors, foreign)
    }

    func notes(of foreign: Set<String>) -> [String] {
      // Also those that stand deeper, beside the state dict.
      let all = foreign.union(reader.foreigners.map(\.name)).sorted()
      guard !all.isEmpty else { return [] }
      let shown = all.prefix(5).map { String($0.prefix(80)) }.joined(separator: ", ")
      return [
        "beside the weights it holds \(shown)\(all.count > 5 ? " and more" : ""), which was passed "
          + "over; nothing of it was executed"
      ]
    }

    /// The parameters and buffers of a module and all below it, under their full names.
    func modules(from root: Int) throws(CheckpointError) -> [String: PickleValue] {
      var tensors: [String: PickleValue] = [:]
      var left = [(module: root, prefix: "", depth: 0)]
      var steps = 0
      func wrong(_ problem: String) -> CheckpointError {
        CheckpointError(file: file, reason: .pickle(problem, byte: 0))
      }
      while let (module, prefix, depth) = left.popLast() {
        guard let state = reader.foreigners[module].state else { continue }
        guard depth <= deepestModule else { throw wrong("modules lie too deep in one another") }
        steps += 1 + (items[state]?.count ?? 0)
        guard steps <= mostSteps else { throw wrong("more than \(mostSteps) attributes") }
        for (name, value) in try contents(state) {
          let full = prefix + name
          guard full.utf8.count <= 1024 else { throw wrong("a name of \(full.utf8.count) bytes") }
          switch value {
          case .tensor:
            guard tensors.updateValue(value, forKey: full) == nil else {
              throw CheckpointError(file: file, reason: .duplicate(name: full))
            }
          case .foreign(let inner) where reader.foreigners[inner].isTorchScript:
            left.append((inner, full + ".", depth + 1))
          default: break
          }
        }
      }
      guard !tensors.isEmpty else { throw wrong("its modules have no tensors") }
      return tensors
    }
  }
}
