import COneDNN
import Glibc

/// The processor as oneDNN sees it. Made once and shared by everything that computes.
///
/// `@unchecked Sendable`: the handle is never changed after `init`, and oneDNN's engines may be used
/// from any thread.
public final class Engine: @unchecked Sendable {
  let handle: dnnl_engine_t

  public init() throws(ComputeError) {
    var made: dnnl_engine_t?
    try check(dnnl_engine_create(&made, dnnl_cpu, 0), "CPU engine")
    guard let made else { throw ComputeError(operation: "CPU engine", reason: "no handle") }
    handle = made
  }

  deinit { dnnl_engine_destroy(handle) }

  /// Sets how many threads the calling thread's next oneDNN calls may use.
  ///
  /// A number of OpenMP belongs to the thread that sets it: what one of our workers sets does not
  /// touch another.
  static func useThreads(_ threads: Int) { omp_set_num_threads(Int32(clamping: max(1, threads))) }
}

/// A memory descriptor of a dense or strided f32 array.
func floatDescriptor(_ dimensions: [Int], strides: [Int]? = nil, operation: String)
  throws(ComputeError) -> dnnl_memory_desc_t
{
  var made = dnnl_memory_desc_t()
  var dims = dimensions.map(Int64.init)
  var steps = (strides ?? denseStrides(dimensions)).map(Int64.init)
  try check(
    dnnl_memory_desc_init_by_strides(&made, Int32(dims.count), &dims, dnnl_f32, &steps), operation)
  return made
}

/// As ``floatDescriptor(_:strides:operation:)`` with the layout left to oneDNN.
func anyFloatDescriptor(_ dimensions: [Int], operation: String)
  throws(ComputeError) -> dnnl_memory_desc_t
{
  var made = dnnl_memory_desc_t()
  var dims = dimensions.map(Int64.init)
  try check(
    dnnl_memory_desc_init_by_tag(&made, Int32(dims.count), &dims, dnnl_f32, dnnl_format_tag_any),
    operation)
  return made
}

func denseStrides(_ dimensions: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: dimensions.count)
  for axis in stride(from: dimensions.count - 2, through: 0, by: -1) {
    strides[axis] = strides[axis + 1] * dimensions[axis + 1]
  }
  return strides
}
