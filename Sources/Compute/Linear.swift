import COneDNN

/// What follows a linear layer, fused into its matrix product.
public enum Activation: Sendable, Hashable {
  case none
  /// x · sigmoid(1.702 x), `QuickGELUActivation` of transformers.
  case quickGELU
  /// The exact gelu, x · Φ(x) by erf.
  case gelu
  /// x · sigmoid(x), also called swish.
  case silu
  case relu
}

/// The weights of y = x·Wᵀ + b, packed once in the layout that oneDNN chooses for this processor.
///
/// Immutable and shared by every plan that uses the layer.
/// `@unchecked Sendable`: nothing is written after `init`.
public final class LinearWeights: @unchecked Sendable {
  /// Width of x.
  public let inputs: Int
  /// Width of y.
  public let outputs: Int
  let descriptor: dnnl_memory_desc_t
  let packed: AlignedBlock
  let bias: AlignedBlock?

  /// The number of rows for which the layout is chosen: that of a batch, not of one short query.
  private static let typicalRows = 512

  /// - Parameters:
  ///   - weight: `[outputs, inputs]`, row by row, as PyTorch's `nn.Linear` stores it.
  ///   - bias: `[outputs]`
  ///   - slab: where the weights shall lie, for a layer that has neighbours.
  public init(
    engine: Engine, weight: [Float], bias: [Float]?, inputs: Int, outputs: Int,
    slab: WeightSlab? = nil
  ) throws(ComputeError) {
    let operation = "linear \(inputs) → \(outputs)"
    guard inputs > 0, outputs > 0, weight.count == inputs * outputs,
      bias.map({ $0.count == outputs }) ?? true
    else {
      throw ComputeError(
        operation: operation, reason: "\(weight.count) weights, \(bias?.count ?? 0) biases")
    }
    self.inputs = inputs
    self.outputs = outputs
    descriptor = try Self.chosenLayout(
      engine: engine, inputs: inputs, outputs: outputs, operation: operation)
    var layout = descriptor
    let byteCount = dnnl_memory_desc_get_size(&layout)
    packed = slab?.block(byteCount: byteCount) ?? AlignedBlock(byteCount: byteCount)
    try Self.pack(weight, [outputs, inputs], as: layout, into: packed, engine, operation)
    if let bias {
      let block = AlignedBlock(byteCount: 4 * outputs)
      block.address.copyMemory(from: bias, byteCount: 4 * outputs)
      self.bias = block
    } else {
      self.bias = nil
    }
  }

  private static func chosenLayout(engine: Engine, inputs: Int, outputs: Int, operation: String)
    throws(ComputeError) -> dnnl_memory_desc_t
  {
    var x = try floatDescriptor([typicalRows, inputs], operation: operation)
    var w = try anyFloatDescriptor([outputs, inputs], operation: operation)
    var y = try floatDescriptor([typicalRows, outputs], operation: operation)
    var description = dnnl_inner_product_desc_t()
    try check(
      dnnl_inner_product_forward_desc_init(&description, dnnl_forward_inference, &x, &w, nil, &y),
      operation)
    var primitive: dnnl_primitive_desc_t?
    try check(
      dnnl_primitive_desc_create(&primitive, &description, nil, engine.handle, nil), operation)
    defer { dnnl_primitive_desc_destroy(primitive) }
    guard let found = dnnl_primitive_desc_query_md(primitive, dnnl_query_weights_md, 0) else {
      throw ComputeError(operation: operation, reason: "no layout for the weights")
    }
    return found.pointee
  }

  private static func pack(
    _ values: [Float], _ dimensions: [Int], as layout: dnnl_memory_desc_t, into block: AlignedBlock,
    _ engine: Engine, _ operation: String
  ) throws(ComputeError) {
    var from = try floatDescriptor(dimensions, operation: operation)
    var to = layout
    var description: dnnl_primitive_desc_t?
    try check(
      dnnl_reorder_primitive_desc_create(
        &description, &from, engine.handle, &to, engine.handle, nil), operation)
    defer { dnnl_primitive_desc_destroy(description) }
    var reorder: dnnl_primitive_t?
    try check(dnnl_primitive_create(&reorder, description), operation)
    defer { dnnl_primitive_destroy(reorder) }
    var stream: dnnl_stream_t?
    try check(
      dnnl_stream_create(&stream, engine.handle, UInt32(dnnl_stream_default_flags.rawValue)),
      operation)
    defer { dnnl_stream_destroy(stream) }
    let status = values.withUnsafeBufferPointer { source -> dnnl_status_t in
      var a: dnnl_memory_t?
      var b: dnnl_memory_t?
      defer {
        dnnl_memory_destroy(a)
        dnnl_memory_destroy(b)
      }
      var status = dnnl_memory_create(
        &a, &from, engine.handle, UnsafeMutableRawPointer(mutating: source.baseAddress))
      guard status == dnnl_success else { return status }
      status = dnnl_memory_create(&b, &to, engine.handle, block.address)
      guard status == dnnl_success else { return status }
      let arguments = [
        dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: a),
        dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: b),
      ]
      status = dnnl_primitive_execute(reorder, stream, Int32(arguments.count), arguments)
      guard status == dnnl_success else { return status }
      return dnnl_stream_wait(stream)
    }
    try check(status, operation)
  }
}
