import Files
import Foundation

/// A JSON object of a checkpoint directory, read field by field with checks.
struct JSONFile {
  let path: String
  private let fields: [String: Any]
  /// Names of the objects around this one, for errors: `text_config.`
  private let prefix: String

  private static let longest = 16 << 20

  init(_ path: String) throws {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: Self.longest)
    } catch {
      throw CLIPError(file: path, problem: Self.problem(error, path))
    }
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw CLIPError(file: path, problem: "is no JSON object")
    }
    self.init(path: path, fields: object, prefix: "")
  }

  private static func problem(_ failure: RegularFile.Failure, _ path: String) -> String {
    switch failure {
    case .tooManyBytes: "is longer than \(longest) bytes; this is no configuration"
    case .system where !FileManager.default.fileExists(atPath: path):
      "does not exist; \(ModelFolder.expected)"
    case .system, .notRegular: "cannot be read: \(failure.text)"
    }
  }

  private init(path: String, fields: [String: Any], prefix: String) {
    self.path = path
    self.fields = fields
    self.prefix = prefix
  }

  /// The object `name`, with what the object `overrides` says put over it; empty where absent.
  func object(_ name: String, overrides: String? = nil) -> JSONFile {
    var merged = fields[name] as? [String: Any] ?? [:]
    if let overrides, let more = fields[overrides] as? [String: Any] {
      merged.merge(more) { $1 }
    }
    return JSONFile(path: path, fields: merged, prefix: "\(prefix)\(name).")
  }

  func has(_ name: String) -> Bool { fields[name].map { !($0 is NSNull) } ?? false }
  /// Whether the field says anything but null, false or 0.
  func isSet(_ name: String) -> Bool { has(name) && fields[name] as? Double != 0 }
  /// Fields of this object.
  var count: Int { fields.count }
  func isObject(_ name: String) -> Bool { fields[name] is [String: Any] }

  func integer(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
    guard has(name) else { return value }
    guard let found = fields[name] as? Int, range.contains(found) else {
      throw wrong(name, "a whole number \(range.lowerBound)…\(range.upperBound)")
    }
    return found
  }

  /// The side of a square: a number, `[224, 224]`, `[224]` or `{"height": 224, "width": 224}`.
  func side(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
    let sides: [Any]
    switch fields[name] {
    case let list as [Any] where (1...2).contains(list.count): sides = list
    case let object as [String: Any]:
      sides = ["height", "width"].map { object[$0] ?? NSNull() }
    default: return try integer(name, default: value, in: range)
    }
    let numbers = sides.compactMap { $0 as? Int }
    guard numbers.count == sides.count, Set(numbers).count == 1, range.contains(numbers[0]) else {
      throw wrong(name, "a square of \(range.lowerBound)…\(range.upperBound)")
    }
    return numbers[0]
  }

  func number(_ name: String, default value: Double, in range: ClosedRange<Double>) throws -> Double
  {
    guard has(name) else { return value }
    guard let found = fields[name] as? Double, range.contains(found) else {
      throw wrong(name, "a number \(range.lowerBound)…\(range.upperBound)")
    }
    return found
  }

  func flag(_ name: String, default value: Bool) throws -> Bool {
    guard has(name) else { return value }
    guard let found = fields[name] as? Bool else { throw wrong(name, "true or false") }
    return found
  }

  func text(_ name: String, default value: String) throws -> String {
    guard has(name) else { return value }
    guard let found = fields[name] as? String else { throw wrong(name, "a text") }
    return found
  }

  func numbers(_ name: String, default value: [Float], count: Int) throws -> [Float] {
    guard has(name) else { return value }
    guard let found = fields[name] as? [Any], found.count == count,
      case let numbers = found.compactMap({ $0 as? Double }), numbers.count == count,
      numbers.allSatisfy({ $0.isFinite && abs($0) < 1e6 })
    else { throw wrong(name, "\(count) numbers") }
    return numbers.map { Float($0) }
  }

  func wrong(_ name: String, _ expected: String) -> CLIPError {
    let found = fields[name].map { "\($0)".prefix(60) } ?? "nothing"
    return CLIPError(
      file: path, problem: "\(prefix)\(name) should be \(expected), found \(found)")
  }
}
