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

/// Reads a block's weights and cuts them into parts.
struct BlockReader {
  let source: any ParameterSource
  let parameters: BlockParameters
  let sizes: TransformerConfiguration
  let engine: Engine
  let slab: WeightSlab
  let parts: Int

  func blockParts() throws -> [BlockPart] {
    let scale = 1 / Float(sizes.headWidth).squareRoot()
    let attention = parameters.attention
    let query = try rows(attention.query, scale: scale)
    let key = try rows(attention.key)
    let value = try rows(attention.value)
    let output = try columns(attention.output)
    let expand = try rows(parameters.expand)
    let contract = try columns(parameters.contract)
    return (0..<parts).map {
      BlockPart(
        query: query[$0], key: key[$0], value: value[$0], output: output[$0], expand: expand[$0],
        contract: contract[$0])
    }
  }

  /// A layer cut by what it gives.
  private func rows(_ layer: LinearParameters, scale: Float = 1) throws -> [LinearWeights] {
    var (weight, bias) = (try source.floats(layer.weight), try source.floats(layer.bias))
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    if scale != 1 {
      for index in weight.indices { weight[index] *= scale }
      for index in bias.indices { bias[index] *= scale }
    }
    let share = outputs / parts
    return try (0..<parts).map { part in
      try LinearWeights(
        engine: engine,
        weight: Array(weight[part * share * inputs..<(part + 1) * share * inputs]),
        bias: Array(bias[part * share..<(part + 1) * share]), inputs: inputs, outputs: share,
        slab: slab)
    }
  }

  /// A layer cut by what it takes: the parts' results add up to the layer's.
  private func columns(_ layer: LinearParameters) throws -> [LinearWeights] {
    let (weight, bias) = (try source.floats(layer.weight), try source.floats(layer.bias))
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    let share = inputs / parts
    return try (0..<parts).map { part in
      var cut: [Float] = []
      cut.reserveCapacity(outputs * share)
      for row in 0..<outputs {
        cut += weight[row * inputs + part * share..<row * inputs + (part + 1) * share]
      }
      return try LinearWeights(
        engine: engine, weight: cut, bias: part == 0 ? bias : nil, inputs: share,
        outputs: outputs, slab: slab)
    }
  }
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
