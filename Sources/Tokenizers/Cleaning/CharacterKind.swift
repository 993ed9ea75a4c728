/// What a character may be in mojibake: ftfy's categories, and the places it takes in UTF-8 that was read
/// as another encoding.
struct CharacterKind: OptionSet, Sendable {
  let rawValue: UInt32

  static let common = Self(rawValue: 1 << 0)
  static let c1 = Self(rawValue: 1 << 1)
  static let bad = Self(rawValue: 1 << 2)
  static let law = Self(rawValue: 1 << 3)
  static let currency = Self(rawValue: 1 << 4)
  static let startPunctuation = Self(rawValue: 1 << 5)
  static let endPunctuation = Self(rawValue: 1 << 6)
  static let numeric = Self(rawValue: 1 << 7)
  static let kaomoji = Self(rawValue: 1 << 8)
  static let upperAccented = Self(rawValue: 1 << 9)
  static let lowerAccented = Self(rawValue: 1 << 10)
  static let upperCommon = Self(rawValue: 1 << 11)
  static let lowerCommon = Self(rawValue: 1 << 12)
  static let box = Self(rawValue: 1 << 13)
  static let firstOfTwo = Self(rawValue: 1 << 14)
  static let firstOfThree = Self(rawValue: 1 << 15)
  static let firstOfFour = Self(rawValue: 1 << 16)
  static let continuation = Self(rawValue: 1 << 17)
  static let strictContinuation = Self(rawValue: 1 << 18)

  /// The kinds of the 65,536 characters of the basic plane; other characters have none.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 1 << 16)
    for (kind, members) in MojibakeTables.kinds {
      for range in CodePoints.ranges(members) {
        for point in range where point < 1 << 16 { table[Int(point)] |= kind.rawValue }
      }
    }
    return table
  }()

  static func of(_ scalar: Unicode.Scalar) -> Self {
    scalar.value < 1 << 16 ? Self(rawValue: table[Int(scalar.value)]) : []
  }

  /// Whether this is of any of those kinds.
  func isAny(of kinds: Self) -> Bool { !isDisjoint(with: kinds) }
}
