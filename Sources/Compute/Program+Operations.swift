import COneDNN

extension Program {
  /// y = activation(x·Wᵀ + b), or y += x·Wᵀ + b where `accumulating` (a residual connection).
  /// - Parameters:
  ///   - x: `[rows, weights.inputs]`
  ///   - y: `[rows, weights.outputs]`
  public func linear(
    _ x: Buffer, rows: Int, _ weights: LinearWeights, activation: Activation = .none,
    accumulating: Bool = false, into y: Buffer
  ) throws(ComputeError) {
    let operation = "linear [\(rows), \(weights.inputs)] → \(weights.outputs)"
    try require(x.count >= rows * weights.inputs && y.count >= rows * weights.outputs, operation)
    var source = try floatDescriptor([rows, weights.inputs], operation: operation)
    var layout = weights.descriptor
    var bias = try floatDescriptor([weights.outputs], operation: operation)
    var target = try floatDescriptor([rows, weights.outputs], operation: operation)
    var description = dnnl_inner_product_desc_t()
    let status =
      weights.bias == nil
      ? dnnl_inner_product_forward_desc_init(
        &description, dnnl_forward_inference, &source, &layout, nil, &target)
      : dnnl_inner_product_forward_desc_init(
        &description, dnnl_forward_inference, &source, &layout, &bias, &target)
    try check(status, operation)
    let primitive = try fused(activation, accumulating, operation) { attributes in
      var made: dnnl_primitive_desc_t?
      let status = dnnl_primitive_desc_create(
        &made, &description, attributes, self.engine.handle, nil)
      return (status, made)
    }
    var arguments = [
      (DNNL_ARG_SRC, try memory(source, address(x), operation)),
      (DNNL_ARG_WEIGHTS, try memory(layout, weights.packed.address, operation)),
      (DNNL_ARG_DST, try memory(target, address(y), operation)),
    ]
    if let block = weights.bias {
      arguments.append((DNNL_ARG_BIAS, try memory(bias, block.address, operation)))
    }
    retain(weights)
    try append(primitive, arguments, operation)
  }

  /// y = (x − mean) · rstd · weight + bias over the last axis. Ba et al. 2016; `nn.LayerNorm`.
  /// - Parameter x: `[rows, width]`; may be `y`.
  public func layerNorm(
    _ x: Buffer, rows: Int, _ weights: LayerNormWeights, into y: Buffer
  ) throws(ComputeError) {
    let operation = "layer norm [\(rows), \(weights.width)]"
    try require(x.count >= rows * weights.width && y.count >= rows * weights.width, operation)
    var data = try floatDescriptor([rows, weights.width], operation: operation)
    let vector = try floatDescriptor([weights.width], operation: operation)
    var description = dnnl_layer_normalization_desc_t()
    try check(
      dnnl_layer_normalization_forward_desc_init(
        &description, dnnl_forward_inference, &data, nil, weights.epsilon,
        dnnl_use_scale.rawValue | dnnl_use_shift.rawValue), operation)
    let primitive = try fused(.none, false, operation) { attributes in
      var made: dnnl_primitive_desc_t?
      let status = dnnl_primitive_desc_create(
        &made, &description, attributes, self.engine.handle, nil)
      return (status, made)
    }
    retain(weights)
    try append(
      primitive,
      [
        (DNNL_ARG_SRC, try memory(data, address(x), operation)),
        (DNNL_ARG_DST, try memory(data, address(y), operation)),
        (DNNL_ARG_SCALE, try memory(vector, weights.scale.address, operation)),
        (DNNL_ARG_SHIFT, try memory(vector, weights.shift.address, operation)),
      ], operation)
  }

  /// Scaled dot-product attention of all heads; the scale 1/√headWidth is in the query's weights.
  /// - Parameters:
  ///   - shape: sizes; `queries` rows of q and y and `keys` rows of k and v per item of the batch.
  ///   - q: `[batch, queries, heads · headWidth]`; y likewise.
  ///   - k: `[batch, keys, heads · headWidth]`; v likewise.
  ///   - causal: a query sees keys up to its own place (then queries = keys).
  public func attention(
    _ shape: AttentionShape, q: Buffer, k: Buffer, v: Buffer, causal: Bool, into y: Buffer
  ) throws(ComputeError) {
    let (batch, heads, width) = (shape.batch, shape.heads, shape.headWidth)
    let operation =
      "attention [\(batch), \(heads), \(shape.queries) × \(shape.keys), \(width)]"
    let rowStride = heads * width
    try require(
      q.count >= batch * shape.queries * rowStride && k.count >= batch * shape.keys * rowStride
        && v.count >= batch * shape.keys * rowStride
        && y.count >= batch * shape.queries * rowStride
        && (!causal || shape.queries == shape.keys), operation)
    let scores = buffer(batch * heads * shape.queries * shape.keys)
    let perQuery = [shape.queries * rowStride, width, rowStride, 1]
    let perKey = [shape.keys * rowStride, width, rowStride, 1]
    let perKeyTransposed = [shape.keys * rowStride, width, 1, rowStride]
    let asQueries = try floatDescriptor(
      [batch, heads, shape.queries, width], strides: perQuery, operation: operation)
    let asKeys = try floatDescriptor(
      [batch, heads, width, shape.keys], strides: perKeyTransposed, operation: operation)
    let asValues = try floatDescriptor(
      [batch, heads, shape.keys, width], strides: perKey, operation: operation)
    let asScores = try floatDescriptor(
      [batch, heads, shape.queries, shape.keys], operation: operation)
    try matrixProduct((asQueries, q), (asKeys, k), (asScores, scores), operation)
    if causal { hideLaterKeys(scores, side: shape.keys, count: batch * heads) }
    try softmax(scores, rows: batch * heads * shape.queries, width: shape.keys)
    try matrixProduct((asScores, scores), (asValues, v), (asQueries, y), operation)
  }

  private func matrixProduct(
    _ a: (dnnl_memory_desc_t, Buffer), _ b: (dnnl_memory_desc_t, Buffer),
    _ c: (dnnl_memory_desc_t, Buffer), _ operation: String
  ) throws(ComputeError) {
    var (left, right, product) = (a.0, b.0, c.0)
    var description = dnnl_matmul_desc_t()
    try check(dnnl_matmul_desc_init(&description, &left, &right, nil, &product), operation)
    let primitive = try fused(.none, false, operation) { attributes in
      var made: dnnl_primitive_desc_t?
      let status = dnnl_primitive_desc_create(
        &made, &description, attributes, self.engine.handle, nil)
      return (status, made)
    }
    try append(
      primitive,
      [
        (DNNL_ARG_SRC, try memory(left, address(a.1), operation)),
        (DNNL_ARG_WEIGHTS, try memory(right, address(b.1), operation)),
        (DNNL_ARG_DST, try memory(product, address(c.1), operation)),
      ], operation)
  }

  private func hideLaterKeys(_ scores: Buffer, side: Int, count: Int) {
    host { program in
      let start = program.address(scores)
      for matrix in 0..<count {
        for query in 0..<side {
          let row = start + (matrix * side + query) * side
          for key in query + 1..<max(query + 1, side) { row[key] = -.infinity }
        }
      }
    }
  }

  private func softmax(_ x: Buffer, rows: Int, width: Int) throws(ComputeError) {
    let operation = "softmax [\(rows), \(width)]"
    var data = try floatDescriptor([rows, width], operation: operation)
    var description = dnnl_softmax_desc_t()
    try check(
      dnnl_softmax_forward_desc_init(&description, dnnl_forward_inference, &data, 1), operation)
    let primitive = try fused(.none, false, operation) { attributes in
      var made: dnnl_primitive_desc_t?
      let status = dnnl_primitive_desc_create(
        &made, &description, attributes, self.engine.handle, nil)
      return (status, made)
    }
    let inPlace = try memory(data, address(x), operation)
    try append(primitive, [(DNNL_ARG_SRC, inPlace), (DNNL_ARG_DST, inPlace)], operation)
  }

  /// Makes a primitive's descriptor with what is fused behind it.
  private func fused(
    _ activation: Activation, _ accumulating: Bool, _ operation: String,
    _ make: (dnnl_primitive_attr_t?) -> (dnnl_status_t, dnnl_primitive_desc_t?)
  ) throws(ComputeError) -> dnnl_primitive_desc_t? {
    var chain: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&chain), operation)
    defer { dnnl_post_ops_destroy(chain) }
    if accumulating { try check(dnnl_post_ops_append_sum(chain, 1), operation) }
    switch activation {
    case .none: break
    case .quickGELU:
      try check(
        dnnl_post_ops_append_eltwise(chain, 1, dnnl_eltwise_swish, 1.702, 0), operation)
    case .gelu:
      try check(dnnl_post_ops_append_eltwise(chain, 1, dnnl_eltwise_gelu_erf, 0, 0), operation)
    case .silu:
      try check(dnnl_post_ops_append_eltwise(chain, 1, dnnl_eltwise_swish, 1, 0), operation)
    case .relu:
      try check(dnnl_post_ops_append_eltwise(chain, 1, dnnl_eltwise_relu, 0, 0), operation)
    }
    let attributes = try self.attributes(chain)
    defer { dnnl_primitive_attr_destroy(attributes) }
    let (status, made) = make(attributes)
    try check(status, operation)
    return made
  }

  private func require(_ holds: Bool, _ operation: String) throws(ComputeError) {
    guard holds else {
      throw ComputeError(operation: operation, reason: "a buffer is smaller than its shape")
    }
  }
}

/// Sizes of one attention.
public struct AttentionShape: Sendable, Hashable {
  public let batch, heads, queries, keys, headWidth: Int
  public init(batch: Int, heads: Int, queries: Int, keys: Int, headWidth: Int) {
    self.batch = batch
    self.heads = heads
    self.queries = queries
    self.keys = keys
    self.headWidth = headWidth
  }
}

/// Scale and shift of a layer norm, `[width]` each. Immutable.
/// `@unchecked Sendable`: nothing is written after `init`.
public final class LayerNormWeights: @unchecked Sendable {
  public let width: Int
  public let epsilon: Float
  let scale: AlignedBlock
  let shift: AlignedBlock

  public init(scale: [Float], shift: [Float], epsilon: Float) throws(ComputeError) {
    guard scale.count == shift.count, !scale.isEmpty else {
      throw ComputeError(
        operation: "layer norm", reason: "\(scale.count) scales, \(shift.count) shifts")
    }
    width = scale.count
    self.epsilon = epsilon
    self.scale = AlignedBlock(byteCount: 4 * scale.count)
    self.shift = AlignedBlock(byteCount: 4 * shift.count)
    self.scale.address.copyMemory(from: scale, byteCount: 4 * scale.count)
    self.shift.address.copyMemory(from: shift, byteCount: 4 * shift.count)
  }
}
