import RandomNumbers
import Transformers
import Models
import Compute
import Foundation
import Training

/// One measurement of training steps, as a JSON line:
/// `training-probe CONFIG.json THREADS BATCH TOKENS STEPS`.
///
/// Pairs of noise, a model from scratch, AdamW with clipping: everything a step does but reading
/// pictures. Beside the time it says which share of the processor's matrix peak the step's products
/// reach, the peak being what a large product alone reaches on the same threads.
@main
struct Probe {
  static func main() throws {
    let arguments = CommandLine.arguments
    let numbers = arguments.dropFirst(2).compactMap { Int($0) }
    guard arguments.count == 6, numbers.count == 4 else {
      FileHandle.standardError.write(
        Data("training-probe: CONFIG.json THREADS BATCH TOKENS STEPS\n".utf8))
      exit(2)
    }
    let (threads, pairs, tokens, steps) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let configuration = try CLIPConfiguration(contentsOf: arguments[1])
    let model = try TrainableModel(configuration: configuration, seed: 1, threads: threads)
    let batch = Self.batch(configuration, pairs: pairs, tokens: tokens)
    var optimiser = AdamW(model.parameters, threads: threads)
    var gradient = [Float](repeating: 0, count: model.parameters.count)
    var (whole, optimising): ([Double], [Double]) = ([], [])
    for step in 0..<steps + 1 {
      let start = ContinuousClock.now
      gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
      _ = try model.addGradient(
        of: batch, settings: LossSettings(), seed: UInt64(step), to: &gradient)
      let middle = ContinuousClock.now
      _ = GradientClipping.clip(&gradient, to: 1, model.team)
      optimiser.update(&model.values, gradient: gradient, learningRate: 1e-4)
      let end = ContinuousClock.now
      guard step > 0 else { continue }
      whole.append((end - start) / .seconds(1))
      optimising.append((end - middle) / .seconds(1))
    }
    let forward = try seconds { _ = try model.embeddings(of: batch) }
    let step = median(whole)
    let peak = try matrixPeak(threads)
    let work = operations(configuration, tokens: tokens) * Double(pairs)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print(
      String(
        format: """
          {"pairs_per_second": %.2f, "step_seconds": %.4f, "optimiser_seconds": %.4f, \
          "embedding_seconds": %.4f, "gflops": %.1f, "peak_gflops": %.1f, "share_of_peak": %.3f, \
          "memory_mib": %ld}
          """, Double(pairs) / step, step, median(optimising), forward, work / step / 1e9,
        peak / 1e9, work / step / peak, usage.ru_maxrss / 1024))
  }

  private static func batch(_ configuration: CLIPConfiguration, pairs: Int, tokens: Int)
    -> TrainingBatch
  {
    var random = RandomNumbers(seed: 1)
    let floats = pairs * 3 * configuration.imageSize * configuration.imageSize
    let end: Int32
    switch configuration.pooling {
    case .firstToken(let token): end = token
    case .highestToken: end = Int32(configuration.vocabularySize - 1)
    }
    let ids = UInt64(configuration.vocabularySize - 2)
    return TrainingBatch(
      pixels: (0..<floats).map { _ in Float(random.unit() * 4 - 2) },
      tokens: (0..<pairs).map { _ in
        (0..<tokens - 1).map { _ in Int32(random.next() % ids) } + [end]
      }, imageKeys: Array(0..<pairs), captionKeys: Array(0..<pairs))
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// Floating-point operations of the matrix products of one pair's step that have to be done: the
  /// backward pass has twice those of the forward pass, and the last block goes on with one row only.
  private static func operations(_ configuration: CLIPConfiguration, tokens: Int) -> Double {
    func tower(_ sizes: TransformerConfiguration, _ rows: Int) -> Double {
      let (width, wide, rows) = (sizes.width, sizes.intermediateWidth, rows)
      let mlp = 2 * width * wide + width * width
      let block = rows * (3 * width * width + mlp) + 2 * rows * rows * width
      let last = rows * 2 * width * width + (width * width + mlp) + 2 * rows * width
      return Double(
        2 * ((sizes.layers - 1) * block + last + width * configuration.projectionWidth))
    }
    let patches = configuration.patchCount
    let patchWidth = 3 * configuration.patchSize * configuration.patchSize
    let stem = Double(2 * patches * patchWidth * configuration.vision.width)
    return 3 * (tower(configuration.vision, patches + 1) + tower(configuration.text, tokens))
      + 2 * stem
  }

  /// Operations a second of a product of 1,536 × 1,536 × 1,536 on each thread.
  private static func matrixPeak(_ threads: Int) throws -> Double {
    let side = 1536
    let team = Team(threads: threads)
    let blocks = (0..<3 * threads).map { _ in FloatBlock(count: side * side) }
    var best = Double.infinity
    for _ in 0..<5 {
      let time = try seconds {
        try team.forEach(threads) { thread in
          let matrices = (0..<3).map {
            Matrix(blocks[3 * thread + $0].floats, rows: side, columns: side)
          }
          try MatrixProduct.multiply(matrices[0], matrices[1], into: matrices[2])
        }
      }
      best = min(best, time)
    }
    return 2 * pow(Double(side), 3) * Double(threads) / best
  }
}
