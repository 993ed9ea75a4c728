import Checkpoints
import Compute

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
    let threads: Int
  }

  struct Prepared: Sendable {
    let program: Program
    let x: Program.Buffer
    let embeddings: Program.Buffer
  }

  static func parameters(_ configuration: CLIPConfiguration) -> [(String, [Int])] {
    let width = configuration.text.width
    return Transformer.parameters("text_model", configuration.text) + [
      ("text_model.embeddings.token_embedding.weight", [configuration.vocabularySize, width]),
      ("text_model.embeddings.position_embedding.weight", [configuration.contextLength, width]),
      ("text_model.final_layer_norm.weight", [width]),
      ("text_model.final_layer_norm.bias", [width]),
      ("text_projection.weight", [configuration.projectionWidth, width]),
    ]
  }

  init(_ table: TensorTable, _ configuration: CLIPConfiguration, engine: Engine) throws {
    self.configuration = configuration
    self.engine = engine
    let sizes = configuration.text
    tokenEmbedding = try table.matrix(
      "text_model.embeddings.token_embedding.weight",
      shape: [configuration.vocabularySize, sizes.width])
    positions = try table.floats(
      "text_model.embeddings.position_embedding.weight",
      shape: [configuration.contextLength, sizes.width])
    transformer = try Transformer(table, prefix: "text_model", sizes, engine: engine)
    norm = try LayerNormWeights(table, "text_model.final_layer_norm", sizes)
    projection = try LinearWeights(
      engine: engine,
      weight: try table.floats(
        "text_projection.weight", shape: [configuration.projectionWidth, sizes.width]),
      bias: nil, inputs: sizes.width, outputs: configuration.projectionWidth)
  }

  /// The part of a text that reaches its vector: up to the pooled token.
  func pooledPrefix(_ ids: [Int32]) -> ArraySlice<Int32> {
    let place: Int?
    switch configuration.pooling {
    case .firstToken(let end): place = ids.firstIndex(of: end)
    case .highestToken:
      let highest = ids.max()
      place = ids.firstIndex { $0 == highest }
    }
    // transformers takes position 0 where the end token is missing: argmax of all zeros.
    return ids[...(place ?? 0)]
  }

  /// Unit vectors of texts of one length, on the calling thread (and OpenMP's, where threads > 1).
  /// - Parameter texts: ids up to the pooled token; every id below `vocabularySize`.
  /// - Returns: `[texts.count, projectionWidth]`
  func embed(_ texts: [ArraySlice<Int32>], threads: Int) throws -> [Float] {
    guard let tokens = texts.first?.count else { return [] }
    let shape = Shape(batch: texts.count, tokens: tokens, threads: threads)
    return try programs.withProgram(of: shape, make: { try prepare(shape) }) { prepared in
      write(texts, tokens: tokens, to: prepared)
      try prepared.program.run()
      return prepared.program.values(of: prepared.embeddings)
    }
  }

  /// The input of each block and, last, the pooled row after the last one, for one text:
  /// transformers' `hidden_states` up to the pooled token.
  func hiddenStates(_ text: ArraySlice<Int32>) throws -> [[Float]] {
    let program = try Program(engine: engine, threads: 1)
    let recorder = HiddenStates()
    let shape = Shape(batch: 1, tokens: text.count, threads: 1)
    let prepared = try build(program, shape, recorder: recorder)
    write([text], tokens: text.count, to: prepared)
    try program.run()
    return recorder.values
  }

  private func write(_ texts: [ArraySlice<Int32>], tokens: Int, to prepared: Prepared) {
    let width = configuration.text.width
    for (item, text) in texts.enumerated() {
      prepared.program.write(
        positions[..<(tokens * width)], to: prepared.x, at: item * tokens * width)
      prepared.program.withValues(of: prepared.x) { x in
        for (position, id) in text.enumerated() {
          tokenEmbedding.add(row: Int(id), to: &x, at: (item * tokens + position) * width)
        }
      }
    }
  }

  private func prepare(_ shape: Shape) throws -> (value: Prepared, byteCount: Int) {
    let program = try Program(engine: engine, threads: shape.threads)
    let prepared = try build(program, shape)
    return (prepared, program.byteCount)
  }

  private func build(_ program: Program, _ shape: Shape, recorder: HiddenStates? = nil) throws
    -> Prepared
  {
    let width = configuration.text.width
    let x = program.buffer(shape.batch * shape.tokens * width)
    let pooled = try transformer.append(
      to: program, x: x, batch: shape.batch, tokens: shape.tokens, pooledRow: shape.tokens - 1,
      causal: true, recorder: recorder)
    try program.layerNorm(pooled, rows: shape.batch, norm, into: pooled)
    let embeddings = program.buffer(shape.batch * projection.outputs)
    try program.linear(pooled, rows: shape.batch, projection, into: embeddings)
    program.normalizeRows(embeddings, rows: shape.batch, width: projection.outputs)
    try program.finish()
    return Prepared(program: program, x: x, embeddings: embeddings)
  }
}
