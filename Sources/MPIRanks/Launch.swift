import Foundation
import Training

/// How this process was started: alone, or by mpirun beside others.
public enum Launch {
  /// The ranks to train with. To be called once, on the thread that will make all calls to them.
  /// - Throws: ``RunEnded`` where mpirun started several processes that cannot find one another: without
  ///   this each would train alone, all into one folder.
  public static func ranks(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> any Ranks {
    // Open MPI's names; MPICH's and Intel's; those of Slurm's srun with PMIx.
    let started = number(["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"], in: environment) ?? 1
    let rank = number(["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"], in: environment)
    #if MPI
      guard rank != nil else { return SingleRank() }
      let world = try MPIWorld()
      guard world.count == 1, started > 1 else { return world }
      throw refusal(
        rank,
        "mpirun started \(started) processes that do not find one another: it is of another MPI than "
          + "this program, which is built with Open MPI")
    #else
      guard started > 1 else { return SingleRank() }
      throw refusal(
        rank,
        "mpirun started \(started) processes, and this program is built without MPI; build it with "
          + "swift build -c release --traits MPI, or start it without mpirun")
    #endif
  }

  /// One of them tells it.
  private static func refusal(_ rank: Int?, _ words: String) -> RunEnded {
    RunEnded(cause: (rank ?? 0) == 0 ? RanksError(words) : nil)
  }

  private static func number(_ names: [String], in environment: [String: String]) -> Int? {
    names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
  }
}
