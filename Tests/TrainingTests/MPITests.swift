import Foundation
import TestSupport
import Testing
import Training

/// What of MPI is here.
enum MPIBuild {
  static let mpirun = "/usr/bin/mpirun"
  /// Whether the program can be started by mpirun.
  static var isReady: Bool {
    #if MPI
      FileManager.default.isExecutableFile(atPath: mpirun) && Tmux.isInstalled
    #else
      false
    #endif
  }
}

/// The program under mpirun: `make test-mpi` builds it with the trait MPI and runs these.
///
/// `RanksTests` has what ranks do; here is what MPI and mpirun bring: messages between processes, and
/// processes that end.
@Suite(
  .enabled(if: MPIBuild.isReady, "built without the trait MPI, or no mpirun; see make test-mpi"))
struct MPITests {
  private static let mpirun = MPIBuild.mpirun

  /// Root may, and more ranks than cores may be.
  private static func words(_ ranks: Int) -> [String] {
    ["--allow-run-as-root", "--oversubscribe", "--quiet", "-n", "\(ranks)"]
      + [Places.executable.path, "train"]
  }

  private func train(_ ranks: Int, _ workshop: TrainingWorkshop, _ settings: [String]) throws
    -> CommandResult
  {
    try run(
      Self.words(ranks) + [workshop.path("recipe.toml"), "--threads", "1"]
        + settings.flatMap { ["--set", $0] },
      executable: URL(fileURLWithPath: Self.mpirun))
  }

  /// The curve of a run.
  private func losses(_ workshop: TrainingWorkshop, _ output: String) throws -> [Double] {
    try String(contentsOfFile: workshop.path("\(output)/log.jsonl"), encoding: .utf8)
      .split(separator: "\n").compactMap {
        let fields = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        return fields?["train_loss"] as? Double
      }
  }

  private struct Ended {
    let status: Int32
    let stderr: String
  }

  private func errors(_ stderr: String) -> [Substring] {
    stderr.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
  }

  /// Equal but for the order of sums, whose rounding grows from step to step: see `RanksTests`.
  @Test(
    "the loss curve of one process", arguments: [2, 4],
    [[], ["negatives=local", "group=2", "equal_captions=negatives"]])
  func curve(ranks: Int, settings: [String]) throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe("one")
      let one = try run(
        ["train", workshop.path("recipe.toml"), "--threads", "1"]
          + settings.flatMap { ["--set", $0] })
      #expect(one.status == 0, "\(one.stderr)")
      _ = try workshop.recipe("many")
      let many = try train(ranks, workshop, settings)
      #expect(many.status == 0, "\(many.stderr)")
      #expect(many.stderr.contains("\(ranks) ranks share each batch\n"))
      #expect(many.stderr.components(separatedBy: "saved ").count == 4, "\(many.stderr)")
      let (found, expected) = (try losses(workshop, "many"), try losses(workshop, "one"))
      #expect(found.count == 6 && expected.count == 6)
      for (one, other) in zip(found, expected) {
        #expect(abs(one - other) < 1e-4 * other, "\(found) \(expected)")
      }
    }
  }

  @Test("bad input is told once", arguments: [["learning_rte=1"], ["batch=3"], ["batch=2000"]])
  func badInput(settings: [String]) throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      let result = try train(4, workshop, settings)
      #expect(result.status == 2, "\(result.stderr)")
      #expect(errors(result.stderr).count == 1, "\(result.stderr)")
      #expect(result.stdout == "")
    }
  }

  /// Starts a long run in a terminal of its own (a test's thread blocks signals, and so would what it
  /// starts), waits for its first checkpoint, does something to it, and waits for its end.
  /// - Parameters:
  ///   - action: shell lines, with mpirun's process id in `$pid` and the ranks' in `$rank0`, `$rank1`, ….
  ///   - pressing: a key for the terminal instead.
  private func interrupted(
    _ workshop: TrainingWorkshop, ranks: Int, action: String = "", pressing key: String? = nil
  ) throws -> Ended {
    _ = try workshop.recipe()
    let command =
      ([Self.mpirun] + Self.words(ranks) + [workshop.path("recipe.toml"), "--threads", "1"]
      + ["epochs=20000", "save_every=4", "eval_every=100000"].flatMap { ["--set", $0] })
      .joined(separator: " ")
    let first = workshop.path("run/ckpt-4")
    try """
    while ! [ -d '\(first)' ]; do sleep 0.01; done
    pid=$(cat '\(workshop.path("pid"))')
    for process in $(cat /proc/$pid/task/*/children); do
      rank=$(tr '\\0' '\\n' < /proc/$process/environ | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
      [ -z "$rank" ] || eval "rank$rank=$process"
    done
    \(action)
    """.write(toFile: workshop.path("action.sh"), atomically: true, encoding: .utf8)
    try """
    \(key == nil ? "sh '\(workshop.path("action.sh"))' &" : "")
    (sh -c 'echo $PPID' > '\(workshop.path("pid"))'
    exec \(command) > '\(workshop.path("out"))' 2> '\(workshop.path("err"))')
    echo end=$?
    """.write(toFile: workshop.path("run.sh"), atomically: true, encoding: .utf8)
    let terminal = try Tmux(columns: 100)
    // Not a script: Ctrl-C would end its shell too.
    try terminal.command(". '\(workshop.path("run.sh"))'")
    if let key {
      let end = Date().addingTimeInterval(60)
      while !FileManager.default.fileExists(atPath: first), Date() < end { usleep(10_000) }
      try terminal.press(key)
    }
    let shown = try terminal.wait(seconds: 60) { $0.contains(/end=[0-9]+/) }
    let status = shown.firstMatch(of: /end=([0-9]+)/).flatMap { Int32($0.output.1) }
    return Ended(
      status: status ?? 99, stderr: String(decoding: try workshop.bytes("err"), as: UTF8.self))
  }

  @Test(
    "a rank that is killed ends the run with one message; the last checkpoint is gone on from",
    arguments: [(2, 0), (2, 1), (4, 2)])
  func killed(ranks: Int, victim: Int) throws {
    try TrainingWorkshop.run { workshop in
      let result = try interrupted(workshop, ranks: ranks, action: "kill -9 $rank\(victim)")
      #expect(result.status != 0 && result.status != 99, "\(result.stderr)")
      #expect(errors(result.stderr).count == 1, "\(result.stderr)")
      #expect(
        errors(result.stderr).first?.hasPrefix(
          "Error: rank \(victim) has died, so the run ends; the last checkpoint is intact. Go on with: "
        )
          == true, "\(result.stderr)")
      #expect(!result.stderr.contains("Interrupted"))
      try expectGoesOn(workshop)
    }
  }

  @Test("SIGUSR1 to mpirun: the step is finished and saved, on all ranks the same one")
  func asked() throws {
    try TrainingWorkshop.run { workshop in
      let result = try interrupted(workshop, ranks: 2, action: "kill -USR1 $pid")
      #expect(result.status == 130, "\(result.stderr)")
      #expect(result.stderr.components(separatedBy: "Interrupted: ").count == 2)
      #expect(
        result.stderr.components(separatedBy: "Saved. Go on with: clip-rsicd train ").count == 2)
      #expect(errors(result.stderr) == [])
      #expect(try workshop.names("run").contains("ckpt-interrupted"))
      try expectGoesOn(workshop)
    }
  }

  @Test("Ctrl-C for mpirun: short steps are finished and saved")
  func interrupted() throws {
    try TrainingWorkshop.run { workshop in
      let result = try interrupted(workshop, ranks: 2, pressing: "C-c")
      #expect(result.status != 0 && result.status != 99, "\(result.stderr)")
      #expect(errors(result.stderr) == [], "\(result.stderr)")
      #expect(try workshop.names("run").contains("ckpt-interrupted"), "\(result.stderr)")
      try expectGoesOn(workshop)
    }
  }

  /// One process goes on from what the ranks left, up to the end of the epoch that has begun.
  private func expectGoesOn(_ workshop: TrainingWorkshop) throws {
    let steps = try losses(workshop, "run").count + 2
    let rest = try run([
      "train", workshop.path("recipe.toml"), "--resume", "--set", "steps=\(steps)", "--threads",
      "1",
    ])
    #expect(rest.status == 0, "\(rest.stderr)")
    #expect(rest.stderr.contains("going on from step "), "\(rest.stderr)")
    #expect(try workshop.names("run").contains("final"))
  }
}

/// The program that is built without MPI.
@Suite(.enabled(if: !MPIBuild.isReady)) struct WithoutMPITests {
  @Test(
    "started by mpirun, one of the processes says that it is built without MPI, and none trains",
    arguments: [("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("PMI_SIZE", "PMI_RANK")])
  func refused(size: String, rank: String) throws {
    try TrainingWorkshop.run { workshop in
      _ = try workshop.recipe()
      for number in 0..<4 {
        let result = try run(
          ["train", workshop.path("recipe.toml")],
          environment: [size: "4", rank: "\(number)"])
        #expect(result.status == 2)
        #expect(
          result.stderr
            == (number > 0
              ? ""
              : "Error: mpirun started 4 processes, and this program is built without MPI; build it with "
                + "swift build -c release --traits MPI, or start it without mpirun\n"))
      }
      #expect(!FileManager.default.fileExists(atPath: workshop.path("run")))
      let alone = try run(
        ["train", workshop.path("recipe.toml")], environment: [size: "1", rank: "0"])
      #expect(alone.status == 0, "\(alone.stderr)")
    }
  }
}
