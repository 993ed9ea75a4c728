import Checkpoints
import Compute
import Transformers

/// Token ids → vectors: `CLIPTextTransformer` and `text_projection`.
///
/// Attention is causal and the tower pools at the end token, so nothing behind that token reaches the
/// result: a text runs at its real length up to there, and texts of one length run together.
struct TextTower: Sendable {
  let configuration: CLIPConfiguration
  private let engine: Engine
  private let tokenEmbedding: TensorTable.Matrix
  private let positions: [Float]
  private let transformer: Transformer
  private let norm: LayerNormWeights
  private let projection: LinearWeights
  private let programs = ProgramPool<Shape, Prepared>(byteLimit: 256 << 20)

  struct Shape: Hashable, Sendable {
    let batch: Int
    let tokens: Int
    /// Whether a team shares the texts.
    let isShared: Bool
  }

  /// One program that computes all, or those of a team, each with the texts as its own.
  struct Prepared: Sendable {
    let members: [Member]
    let team: ProgramTeam?
  }

  struct Member: Sendable {
    let program: Program
    let x: Program.Buffer
    let embeddings: Program.Buffer
  }

  /// - Parameter sharing: how threads share a single text.
  init(_ table: TensorTable, _ configuration: CLIPConfiguration, engine: Engine, sharing: Sharing)
    throws
  {
    self.configuration = configuration
    self.engine = engine
    let parameters = CLIPParameters(configuration)
    let tower = parameters.text
    tokenEmbedding = try table.matrix(parameters.tokens.name, shape: parameters.tokens.shape)
    positions = try table.floats(parameters.positions)
    transformer = try Transformer(
      table, tower.blocks, tower.sizes, engine: engine, sharing: sharing)
    norm = try LayerNormWeights(table, tower.norm, tower.sizes)
    projection = try LinearWeights(table, projectionOf: tower, engine: engine)
  }

  /// Unit vectors of texts of one length.
  /// - Parameters:
  ///   - texts: ids up to the pooled token; every id below `vocabularySize`.
  ///   - workers: that share the texts; none to compute on the calling thread alone. Not to be called
  ///     from one of them.
  /// - Returns: `[texts.count, projectionWidth]`
  func embed(_ texts: [ArraySlice<Int32>], sharedBy workers: Workers? = nil) throws -> [Float] {
    guard let tokens = texts.first?.count else { return [] }
    let workers = transformer.parts > 1 ? workers : nil
    let shape = Shape(batch: texts.count, tokens: tokens, isShared: workers != nil)
    return try programs.withProgram(of: shape, make: { try prepare(shape) }) { prepared in
      for member in prepared.members { write(texts, tokens: tokens, to: member) }
      if let team = prepared.team, let workers {
        try team.run(prepared.members.map(\.program), on: workers)
      } else {
        try prepared.members[0].program.run()
      }
      return prepared.members[0].program.values(of: prepared.members[0].embeddings)
    }
  }

  /// The input of each block and, last, the pooled row after the last one, for one text:
  /// transformers' `hidden_states` up to the pooled token.
  func hiddenStates(_ text: ArraySlice<Int32>) throws -> [[Float]] {
    let recorder = HiddenStates()
    let shape = Shape(batch: 1, tokens: text.count, isShared: false)
    let member = try build(shape, nil, recorder: recorder)
    write([text], tokens: text.count, to: member)
    try member.program.run()
    return recorder.values
  }

  private func write(_ texts: [ArraySlice<Int32>], tokens: Int, to member: Member) {
    let width = configuration.text.width
    for (item, text) in texts.enumerated() {
      member.program.write(
        positions[..<(tokens * width)], to: member.x, at: item * tokens * width)
      member.program.withValues(of: member.x) { x in
        for (position, id) in text.enumerated() {
          tokenEmbedding.add(row: Int(id), to: &x, at: (item * tokens + position) * width)
        }
      }
    }
  }

  private func prepare(_ shape: Shape) throws -> (value: Prepared, byteCount: Int) {
    guard shape.isShared else {
      let member = try build(shape, nil)
      return (Prepared(members: [member], team: nil), member.program.byteCount)
    }
    let team = ProgramTeam(
      count: transformer.parts, size: shape.batch * shape.tokens * configuration.text.width)
    let members = try (0..<team.count).map {
      try build(shape, TeamMember(team: team, number: $0))
    }
    return (
      Prepared(members: members, team: team),
      members.reduce(team.byteCount) { $0 + $1.program.byteCount }
    )
  }

  private func build(_ shape: Shape, _ member: TeamMember?, recorder: HiddenStates? = nil) throws
    -> Member
  {
    let program = try Program(engine: engine, threads: 1)
    let width = configuration.text.width
    let x = program.buffer(shape.batch * shape.tokens * width)
    let pooled = try transformer.append(
      to: program, x: x, batch: shape.batch, tokens: shape.tokens, pooledRow: shape.tokens - 1,
      causal: true, member: member, recorder: recorder)
    let embeddings = program.buffer(shape.batch * projection.outputs)
    // All members have the same sum; the first one's is taken.
    if member?.number ?? 0 == 0 {
      try program.layerNorm(pooled, rows: shape.batch, norm, into: pooled)
      try program.linear(pooled, rows: shape.batch, projection, into: embeddings)
      program.normalizeRows(embeddings, rows: shape.batch, width: projection.outputs)
    }
    try program.finish()
    return Member(program: program, x: x, embeddings: embeddings)
  }
}
