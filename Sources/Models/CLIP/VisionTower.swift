import Checkpoints
import Compute
import Transformers

/// Pictures → vectors: `CLIPVisionTransformer` and `visual_projection`.
///
/// Patches are cut out and multiplied with the convolution's weights, the class token goes in front,
/// `pre_layrnorm` (the checkpoint's spelling) comes before the blocks, `post_layernorm` after them and
/// after pooling at the class token.
struct VisionTower: Sendable {
  let configuration: CLIPConfiguration
  private let engine: Engine
  private let patchProjection: LinearWeights
  private let classToken: [Float]
  private let positions: [Float]
  private let normBefore: LayerNormWeights
  private let transformer: Transformer
  private let normAfter: LayerNormWeights
  private let projection: LinearWeights
  private let programs = ProgramPool<Shape, Prepared>(byteLimit: 256 << 20)

  struct Shape: Hashable, Sendable {
    let batch: Int
    /// Whether a team shares the pictures.
    let isShared: Bool
  }

  /// One program that computes all, or those of a team, each with the pictures as its own.
  struct Prepared: Sendable {
    let members: [Member]
    let team: ProgramTeam?
  }

  struct Member: Sendable {
    let program: Program
    let patches: Program.Buffer
    let embeddings: Program.Buffer
  }

  /// - Parameter sharing: how threads share a single picture.
  init(_ table: TensorTable, _ configuration: CLIPConfiguration, engine: Engine, sharing: Sharing)
    throws
  {
    self.configuration = configuration
    self.engine = engine
    let parameters = CLIPParameters(configuration)
    let tower = parameters.vision
    let patch = configuration.patchSize
    patchProjection = try LinearWeights(
      engine: engine, weight: try table.floats(parameters.patches), bias: nil,
      inputs: 3 * patch * patch, outputs: tower.sizes.width)
    classToken = try table.floats(parameters.classToken)
    positions = try table.floats(parameters.patchPositions)
    normBefore = try LayerNormWeights(table, parameters.visionNorm, tower.sizes)
    transformer = try Transformer(
      table, tower.blocks, tower.sizes, engine: engine, sharing: sharing)
    normAfter = try LayerNormWeights(table, tower.norm, tower.sizes)
    projection = try LinearWeights(table, projectionOf: tower, engine: engine)
  }

  /// Floats of one preprocessed picture, `[3, imageSize, imageSize]`.
  var pixelCount: Int { 3 * configuration.imageSize * configuration.imageSize }

  /// Unit vectors of preprocessed pictures.
  /// - Parameters:
  ///   - pixels: `[count, 3, imageSize, imageSize]`
  ///   - workers: that share the pictures; none to compute on the calling thread alone. Not to be
  ///     called from one of them.
  /// - Returns: `[count, projectionWidth]`
  func embed(_ pixels: ArraySlice<Float>, count: Int, sharedBy workers: Workers? = nil) throws
    -> [Float]
  {
    let workers = transformer.parts > 1 ? workers : nil
    let shape = Shape(batch: count, isShared: workers != nil)
    return try programs.withProgram(of: shape, make: { try prepare(shape) }) { prepared in
      for member in prepared.members { write(pixels, count: count, to: member) }
      if let team = prepared.team, let workers {
        try team.run(prepared.members.map(\.program), on: workers)
      } else {
        try prepared.members[0].program.run()
      }
      return prepared.members[0].program.values(of: prepared.members[0].embeddings)
    }
  }

  /// The input of each block and, last, the pooled row after the last one, for one picture:
  /// transformers' `hidden_states`.
  func hiddenStates(_ pixels: [Float]) throws -> [[Float]] {
    let recorder = HiddenStates()
    let member = try build(batch: 1, nil, recorder: recorder)
    write(pixels[...], count: 1, to: member)
    try member.program.run()
    return recorder.values
  }

  private func write(_ pixels: ArraySlice<Float>, count: Int, to member: Member) {
    let patchFloats = configuration.patchCount * patchProjection.inputs
    for item in 0..<count {
      let start = pixels.startIndex + item * pixelCount
      member.program.writePatches(
        pixels[start..<start + pixelCount], channels: 3, side: configuration.imageSize,
        patch: configuration.patchSize, to: member.patches, at: item * patchFloats)
    }
  }

  private func prepare(_ shape: Shape) throws -> (value: Prepared, byteCount: Int) {
    guard shape.isShared else {
      let member = try build(batch: shape.batch, nil)
      return (Prepared(members: [member], team: nil), member.program.byteCount)
    }
    let team = ProgramTeam(
      count: transformer.parts,
      size: shape.batch * (configuration.patchCount + 1) * configuration.vision.width)
    let members = try (0..<team.count).map {
      try build(batch: shape.batch, TeamMember(team: team, number: $0))
    }
    return (
      Prepared(members: members, team: team),
      members.reduce(team.byteCount) { $0 + $1.program.byteCount }
    )
  }

  private func build(batch: Int, _ member: TeamMember?, recorder: HiddenStates? = nil) throws
    -> Member
  {
    let program = try Program(engine: engine, threads: 1)
    let width = configuration.vision.width
    let count = configuration.patchCount
    let patches = program.buffer(batch * count * patchProjection.inputs)
    let projected = program.buffer(batch * count * width)
    let x = program.buffer(batch * (count + 1) * width)
    try program.linear(patches, rows: batch * count, patchProjection, into: projected)
    program.prependClassToken(
      classToken, positions: positions, patches: projected, batch: batch, count: count,
      width: width, into: x)
    try program.layerNorm(x, rows: batch * (count + 1), normBefore, into: x)
    let pooled = try transformer.append(
      to: program, x: x, batch: batch, tokens: count + 1, pooledRow: 0, causal: false,
      member: member, recorder: recorder)
    let embeddings = program.buffer(batch * projection.outputs)
    // All members have the same sum; the first one's is taken.
    if member?.number ?? 0 == 0 {
      try program.layerNorm(pooled, rows: batch, normAfter, into: pooled)
      try program.linear(pooled, rows: batch, projection, into: embeddings)
      program.normalizeRows(embeddings, rows: batch, width: projection.outputs)
    }
    try program.finish()
    return Member(program: program, patches: patches, embeddings: embeddings)
  }
}
