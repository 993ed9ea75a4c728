/// What a pickle's opcodes put on the stack. Every value is a few words that refer to the pickle's own
/// bytes or to lists of the reader: nothing nests, so nothing is walked or freed by recursion, and a
/// value taken from the memo a million times is copied no million times.
enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  /// A number, or bytes, that no state dict needs.
  case real
  /// UTF-8, where it stands in the pickle.
  case text(Range<Int>)
  /// Its items, in ``Unpickler/items``.
  case tuple(Range<Int>)
  /// Which one; its pairs are in ``Unpickler/pairs``.
  case dictionary(Int)
  /// A list or a set: no state dict needs what is in it.
  case list
  case global(KnownGlobal)
  /// A class or function that is not known, or what one would have made: which one, in
  /// ``Unpickler/foreigners``. Nothing of it is looked up, called or made.
  case foreign(Int)
  /// In ``Unpickler/storages``.
  case storage(Int)
  /// In ``Unpickler/tensors``.
  case tensor(Int)

  var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }
}

/// The names that a state dict needs. None of them is looked up or called anywhere: each is a case, and
/// ``Unpickler`` knows what it makes of its arguments. Any other name is a ``Foreigner``: passed over
/// where it stands beside the weights, refused where a tensor depends on it.
enum KnownGlobal {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  /// A storage of numbers of this type.
  case storage(TensorType)

  init?(_ name: String) {
    switch name {
    case "collections.OrderedDict": self = .orderedDictionary
    case "torch._utils._rebuild_tensor_v2": self = .rebuildTensor
    case "torch._utils._rebuild_parameter": self = .rebuildParameter
    case "torch.FloatStorage": self = .storage(.f32)
    case "torch.HalfStorage": self = .storage(.f16)
    case "torch.BFloat16Storage": self = .storage(.bf16)
    case "torch.DoubleStorage": self = .storage(.f64)
    case "torch.LongStorage": self = .storage(.i64)
    case "torch.IntStorage": self = .storage(.i32)
    case "torch.ShortStorage": self = .storage(.i16)
    case "torch.CharStorage": self = .storage(.i8)
    case "torch.ByteStorage": self = .storage(.u8)
    case "torch.BoolStorage": self = .storage(.bool)
    default: return nil
    }
  }
}

/// What stands where an object of an unknown class would be.
struct Foreigner {
  /// `argparse.Namespace`
  let name: String
  /// The dict of its attributes.
  var state: Int?

  /// A module of TorchScript, whose attributes are its parameters and submodules.
  var isTorchScript: Bool { name.hasPrefix("__torch__.") }
}

/// Numbers that a pickle refers to, which lie beside it in the archive.
struct PickledStorage {
  let type: TensorType
  /// The entry's name, where it stands in the pickle.
  let key: Range<Int>
  let count: Int
}

/// A tensor as `_rebuild_tensor_v2` describes it: not checked yet against its storage.
struct PickledTensor {
  let storage: Int
  let offset: Int
  /// Where its sizes and strides are in ``Unpickler/items``.
  let shape: Range<Int>
  let strides: Range<Int>
}
