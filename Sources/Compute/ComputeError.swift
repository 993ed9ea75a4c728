import COneDNN

/// What oneDNN refused to do.
public struct ComputeError: Error, Sendable, CustomStringConvertible {
  /// The operation with its shapes, e.g. `linear [800, 768] → 3072`.
  public let operation: String
  /// oneDNN's status, or why the shapes cannot be.
  public let reason: String

  public init(operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  public var description: String { "\(operation): \(reason)" }
}

/// Throws where a oneDNN call did not succeed.
@inline(__always)
func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) throws(ComputeError) {
  guard status == dnnl_success else {
    throw ComputeError(
      operation: operation(), reason: "oneDNN: \(String(cString: dnnl_status2str(status)))")
  }
}

/// Facts of the library that does the matrix work, for bug reports.
public enum ComputeLibrary {
  /// e.g. `2.6.3`
  public static var version: String {
    guard let found = dnnl_version() else { return "unknown" }
    return "\(found.pointee.major).\(found.pointee.minor).\(found.pointee.patch)"
  }

  /// The instruction set that oneDNN chose at run time, e.g. `avx512_core_bf16`.
  public static var instructionSet: String {
    let names: [UInt32: String] = [
      dnnl_cpu_isa_sse41.rawValue: "sse41", dnnl_cpu_isa_avx.rawValue: "avx",
      dnnl_cpu_isa_avx2.rawValue: "avx2", dnnl_cpu_isa_avx2_vnni.rawValue: "avx2_vnni",
      dnnl_cpu_isa_avx512_core.rawValue: "avx512_core",
      dnnl_cpu_isa_avx512_core_vnni.rawValue: "avx512_core_vnni",
      dnnl_cpu_isa_avx512_core_bf16.rawValue: "avx512_core_bf16",
      dnnl_cpu_isa_avx512_core_amx.rawValue: "avx512_core_amx",
    ]
    let chosen = dnnl_get_effective_cpu_isa().rawValue
    return names[chosen] ?? "code \(chosen)"
  }
}
