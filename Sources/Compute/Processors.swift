import Foundation

/// The processors of this machine.
package enum Processors {
  /// How many this process may run on: mpirun and taskset bind it to some, which
  /// `ProcessInfo.activeProcessorCount` does not tell.
  package static var allowed: Int {
    let all = ProcessInfo.processInfo.activeProcessorCount
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return allowed(byStatus: status).map { min($0, all) } ?? all
  }

  /// Bits of the line `Cpus_allowed: ff,ffffffff` of /proc/self/status; `nil` without one.
  package static func allowed(byStatus text: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    let bits = line.dropFirst(name.count).reduce(0) {
      $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0)
    }
    return bits > 0 ? bits : nil
  }
}
