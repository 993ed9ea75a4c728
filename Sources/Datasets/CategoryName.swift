import Foundation

/// Names of categories as people and file names spell them: "storage tanks", `storage_tanks` and
/// `StorageTanks` are one.
public enum CategoryName {
  /// What is compared: letters and digits alone, in lower case.
  public static func key(_ name: some StringProtocol) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
      .precomposedStringWithCanonicalMapping
  }
}
