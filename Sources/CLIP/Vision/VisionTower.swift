import Checkpoints
import Compute

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
    let threads: Int
  }

  struct Prepared: Sendable {
    let program: Program
    let patches: Program.Buffer
    let embeddings: Program.Buffer
  }

  static func parameters(_ configuration: CLIPConfiguration) -> [(String, [Int])] {
    let width = configuration.vision.width
    let patch = configuration.patchSize
    return Transformer.parameters("vision_model", configuration.vision) + [
      ("vision_model.embeddings.class_embedding", [width]),
      ("vision_model.embeddings.patch_embedding.weight", [width, 3, patch, patch]),
      ("vision_model.embeddings.position_embedding.weight", [configuration.patchCount + 1, width]),
      ("vision_model.pre_layrnorm.weight", [width]), ("vision_model.pre_layrnorm.bias", [width]),
      ("vision_model.post_layernorm.weight", [width]),
      ("vision_model.post_layernorm.bias", [width]),
      ("visual_projection.weight", [configuration.projectionWidth, width]),
    ]
  }

  init(_ table: TensorTable, _ configuration: CLIPConfiguration, engine: Engine) throws {
    self.configuration = configuration
    self.engine = engine
    let sizes = configuration.vision
    let (width, patch) = (sizes.width, configuration.patchSize)
    let embeddings = "vision_model.embeddings."
    patchProjection = try LinearWeights(
      engine: engine,
      weight: try table.floats(
        embeddings + "patch_embedding.weight", shape: [width, 3, patch, patch]),
      bias: nil, inputs: 3 * patch * patch, outputs: width)
    classToken = try table.floats(embeddings + "class_embedding", shape: [width])
    positions = try table.floats(
      embeddings + "position_embedding.weight", shape: [configuration.patchCount + 1, width])
    normBefore = try LayerNormWeights(table, "vision_model.pre_layrnorm", sizes)
    transformer = try Transformer(table, prefix: "vision_model", sizes, engine: engine)
    normAfter = try LayerNormWeights(table, "vision_model.post_layernorm", sizes)
    projection = try LinearWeights(
      engine: engine,
      weight: try table.floats(
        "visual_projection.weight", shape: [configuration.projectionWidth, width]),
      bias: nil, inputs: width, outputs: configuration.projectionWidth)
  }

  /// Floats of one preprocessed picture, `[3, imageSize, imageSize]`.
  var pixelCount: Int { 3 * configuration.imageSize * configuration.imageSize }

  /// Unit vectors of preprocessed pictures on the calling thread (and OpenMP's, where threads > 1).
  /// - Parameter pixels: `[count, 3, imageSize, imageSize]`
  /// - Returns: `[count, projectionWidth]`
  func embed(_ pixels: ArraySlice<Float>, count: Int, threads: Int) throws -> [Float] {
    let shape = Shape(batch: count, threads: threads)
    return try programs.withProgram(of: shape, make: { try prepare(shape) }) { prepared in
      write(pixels, count: count, to: prepared)
      try prepared.program.run()
      return prepared.program.values(of: prepared.embeddings)
    }
  }

  /// The input of each block and, last, the pooled row after the last one, for one picture:
  /// transformers' `hidden_states`.
  func hiddenStates(_ pixels: [Float]) throws -> [[Float]] {
    let program = try Program(engine: engine, threads: 1)
    let recorder = HiddenStates()
    let prepared = try build(program, batch: 1, recorder: recorder)
    write(pixels[...], count: 1, to: prepared)
    try program.run()
    return recorder.values
  }

  private func write(_ pixels: ArraySlice<Float>, count: Int, to prepared: Prepared) {
    let patchFloats = configuration.patchCount * patchProjection.inputs
    for item in 0..<count {
      let start = pixels.startIndex + item * pixelCount
      prepared.program.writePatches(
        pixels[start..<start + pixelCount], channels: 3, side: configuration.imageSize,
        patch: configuration.patchSize, to: prepared.patches, at: item * patchFloats)
    }
  }

  private func prepare(_ shape: Shape) throws -> (value: Prepared, byteCount: Int) {
    let program = try Program(engine: engine, threads: shape.threads)
    let prepared = try build(program, batch: shape.batch)
    return (prepared, program.byteCount)
  }

  private func build(_ program: Program, batch: Int, recorder: HiddenStates? = nil) throws
    -> Prepared
  {
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
      recorder: recorder)
    try program.layerNorm(pooled, rows: batch, normAfter, into: pooled)
    let embeddings = program.buffer(batch * projection.outputs)
    try program.linear(pooled, rows: batch, projection, into: embeddings)
    program.normalizeRows(embeddings, rows: batch, width: projection.outputs)
    try program.finish()
    return Prepared(program: program, patches: patches, embeddings: embeddings)
  }
}
