import COneDNN

/// A fixed sequence of operations on buffers of fixed shapes: everything that can be made beforehand
/// is made when it is built, so that ``run()`` allocates nothing.
///
/// A tower builds one for each (batch, tokens) and keeps it. The weights are shared; the buffers are
/// the program's own, so one call uses a program at a time.
///
/// `@unchecked Sendable`: a program may move between threads; ``ProgramPool`` lends it to one call
/// at a time.
public final class Program: @unchecked Sendable {
  /// Floats of a program, by number.
  public struct Buffer: Sendable, Hashable {
    let index: Int
    public let count: Int
  }

  private enum Step {
    case primitive(dnnl_primitive_t?, UnsafeMutableBufferPointer<dnnl_exec_arg_t>)
    case host(@Sendable (Program) -> Void)
  }

  let engine: Engine
  /// Threads that one run uses.
  public let threads: Int
  private var stream: dnnl_stream_t?
  private var blocks: [AlignedBlock] = []
  private var steps: [Step] = []
  private var primitives: [dnnl_primitive_t?] = []
  private var memories: [dnnl_memory_t?] = []
  private var retained: [AnyObject] = []
  private var scratchpads: [(argument: UnsafeMutablePointer<dnnl_exec_arg_t>, dnnl_memory_desc_t)] =
    []
  private var scratchpad: AlignedBlock?

  /// - Parameter threads: of each run; primitives are blocked for that number.
  public init(engine: Engine, threads: Int) throws(ComputeError) {
    self.engine = engine
    self.threads = max(1, threads)
    Engine.useThreads(self.threads)
    try check(
      dnnl_stream_create(&stream, engine.handle, UInt32(dnnl_stream_default_flags.rawValue)),
      "stream")
  }

  deinit {
    for case .primitive(_, let arguments) in steps { arguments.deallocate() }
    primitives.forEach { _ = dnnl_primitive_destroy($0) }
    memories.forEach { _ = dnnl_memory_destroy($0) }
    dnnl_stream_destroy(stream)
  }

  /// Bytes of the program's own buffers.
  public var byteCount: Int {
    blocks.reduce(scratchpad?.byteCount ?? 0) { $0 + $1.byteCount }
  }

  // MARK: Buffers

  public func buffer(_ count: Int) -> Buffer {
    let block = AlignedBlock(byteCount: 4 * count)
    block.address.initializeMemory(as: Float.self, repeating: 0, count: count)
    blocks.append(block)
    return Buffer(index: blocks.count - 1, count: count)
  }

  /// Memory that others share, as a buffer of this program.
  func adopt(_ block: AlignedBlock, count: Int) -> Buffer {
    precondition(4 * count <= block.byteCount)
    blocks.append(block)
    return Buffer(index: blocks.count - 1, count: count)
  }

  func address(_ buffer: Buffer) -> UnsafeMutablePointer<Float> {
    blocks[buffer.index].address.assumingMemoryBound(to: Float.self)
  }

  /// Reads and writes a buffer in place.
  public func withValues<Result>(
    of buffer: Buffer, _ body: (inout MutableSpan<Float>) throws -> Result
  ) rethrows -> Result {
    var span = MutableSpan(
      _unsafeElements: UnsafeMutableBufferPointer(start: address(buffer), count: buffer.count))
    return try body(&span)
  }

  /// A copy of `range` of a buffer.
  public func values(of buffer: Buffer, range: Range<Int>? = nil) -> [Float] {
    let range = range ?? 0..<buffer.count
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count)
    return Array(UnsafeBufferPointer(start: address(buffer) + range.lowerBound, count: range.count))
  }

  /// Copies numbers to a place of a buffer.
  public func write(_ values: [Float], to buffer: Buffer, at offset: Int = 0) {
    write(values[...], to: buffer, at: offset)
  }

  public func write(_ values: ArraySlice<Float>, to buffer: Buffer, at offset: Int = 0) {
    precondition(offset >= 0 && offset + values.count <= buffer.count)
    values.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      (address(buffer) + offset).update(from: start, count: source.count)
    }
  }

  // MARK: Steps

  /// A step in Swift between the primitives.
  public func host(_ step: @escaping @Sendable (Program) -> Void) { steps.append(.host(step)) }

  /// Copies rows: `y[i] = x[start + i · stride]`, each `width` wide.
  public func takeRows(
    _ x: Buffer, start: Int, stride: Int, count: Int, width: Int, into y: Buffer
  ) {
    precondition((start + (count - 1) * stride + 1) * width <= x.count && count * width <= y.count)
    host { program in
      let from = program.address(x)
      let to = program.address(y)
      for row in 0..<count {
        (to + row * width).update(from: from + (start + row * stride) * width, count: width)
      }
    }
  }

  func memory(_ descriptor: dnnl_memory_desc_t, _ address: UnsafeMutableRawPointer, _ name: String)
    throws(ComputeError) -> dnnl_memory_t?
  {
    var made: dnnl_memory_t?
    var descriptor = descriptor
    try check(dnnl_memory_create(&made, &descriptor, engine.handle, address), name)
    memories.append(made)
    return made
  }

  func retain(_ object: AnyObject) { retained.append(object) }

  /// Makes the primitive of `description` and adds it as a step; takes over `description`.
  func append(
    _ description: dnnl_primitive_desc_t?, _ arguments: [(Int32, dnnl_memory_t?)],
    _ operation: String
  ) throws(ComputeError) {
    defer { dnnl_primitive_desc_destroy(description) }
    var primitive: dnnl_primitive_t?
    try check(dnnl_primitive_create(&primitive, description), operation)
    primitives.append(primitive)
    let bound = UnsafeMutableBufferPointer<dnnl_exec_arg_t>.allocate(capacity: arguments.count + 1)
    for (index, argument) in arguments.enumerated() {
      bound.initializeElement(
        at: index, to: dnnl_exec_arg_t(arg: argument.0, memory: argument.1))
    }
    bound.initializeElement(
      at: arguments.count, to: dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: nil))
    steps.append(.primitive(primitive, bound))
    if let found = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0),
      let start = bound.baseAddress
    {
      scratchpads.append((start + arguments.count, found.pointee))
    }
  }

  /// Attributes with a scratchpad that the program owns, and the operations fused behind.
  func attributes(_ postOperations: dnnl_post_ops_t? = nil) throws(ComputeError)
    -> dnnl_primitive_attr_t?
  {
    var made: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&made), "attributes")
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(made, dnnl_scratchpad_mode_user), "attributes")
    if let postOperations {
      try check(dnnl_primitive_attr_set_post_ops(made, postOperations), "attributes")
    }
    return made
  }

  /// Gives every primitive the one scratchpad, as large as the largest needs. Call once, at the end.
  public func finish() throws(ComputeError) {
    var largest = 0
    for index in scratchpads.indices {
      var descriptor = scratchpads[index].1
      largest = max(largest, dnnl_memory_desc_get_size(&descriptor))
    }
    let block = AlignedBlock(byteCount: largest)
    scratchpad = block
    for entry in scratchpads {
      entry.argument.pointee.memory = try memory(entry.1, block.address, "scratchpad")
    }
    scratchpads = []
  }

  /// Runs all steps on the calling thread (and, with more than one thread, OpenMP's workers).
  public func run() throws(ComputeError) {
    Engine.useThreads(threads)
    for step in steps {
      switch step {
      case .primitive(let primitive, let arguments):
        try check(
          dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments.baseAddress),
          "run")
      case .host(let body): body(self)
      }
    }
    try check(dnnl_stream_wait(stream), "run")
  }
}
