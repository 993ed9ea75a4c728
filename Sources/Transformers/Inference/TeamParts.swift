import Compute

/// How a tower is cut for threads that share one short sequence.
package struct Sharing: Sendable {
  let threads: Int
  /// Columns below which a block is cut no further.
  let narrowestPart: Int

  package init(threads: Int, narrowestPart: Int) {
    (self.threads, self.narrowestPart) = (threads, narrowestPart)
  }
}

/// A program's place in a team: it computes the part of its number.
package struct TeamMember: Sendable {
  package let team: ProgramTeam
  package let number: Int

  package init(team: ProgramTeam, number: Int) { (self.team, self.number) = (team, number) }
}

/// What a program needs between the products of a block, and how its parts come together.
struct BlockScratch {
  let query, key, value, attended, expanded: Program.Buffer
  private let program: Program
  private let member: TeamMember?
  /// Where a member hands in its part, by turn.
  private let handedIn: [Program.Buffer]
  private let width: Int

  init(
    _ program: Program, _ sizes: TransformerConfiguration, rows: Int, parts: Int,
    member: TeamMember?
  ) {
    self.program = program
    self.member = member
    width = sizes.width
    let share = sizes.width / parts
    query = program.buffer(rows * share)
    key = program.buffer(rows * share)
    value = program.buffer(rows * share)
    attended = program.buffer(rows * share)
    expanded = program.buffer(rows * sizes.intermediateWidth / parts)
    handedIn =
      member.map { member in
        (0..<2).map {
          program.buffer(
            of: member.team, member: member.number, turn: $0, count: rows * sizes.width)
        }
      } ?? []
  }

  /// Adds a residual branch: `append` is given each part that this program computes, where its result
  /// goes and whether it adds to what is there.
  func addParts(
    of block: BlockWeights, rows: Int, turn: Int, into x: Program.Buffer,
    _ append: (_ part: BlockPart, _ target: Program.Buffer, _ adds: Bool) throws -> Void
  ) throws {
    guard let member else {
      for part in block.parts { try append(part, x, true) }
      return
    }
    try append(block.parts[member.number], handedIn[turn], false)
    program.addTeam(member.team, turn: turn, into: x, count: rows * width)
  }
}
