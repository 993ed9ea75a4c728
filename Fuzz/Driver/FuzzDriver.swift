import FuzzTargets
import Glibc

/// libFuzzer's side of one target, which FUZZ_TARGET names; FUZZ_FOLDER is where the files of readers
/// that take a path are written. libFuzzer brings `main`. See run.sh.
private let reader: FuzzReader = {
  func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
  guard let target = FuzzTarget(rawValue: variable("FUZZ_TARGET")) else {
    print("FUZZ_TARGET is one of", FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))
    exit(2)
  }
  do {
    return try FuzzReader(target, in: variable("FUZZ_FOLDER"))
  } catch {
    print("FUZZ_FOLDER cannot be used: \(error)")
    exit(2)
  }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ length: Int) -> CInt {
  _ = reader.run(Array(UnsafeBufferPointer(start: bytes, count: length)))
  return 0
}
