import CLIP
import Checkpoints
import Compute
import Foundation

/// A CLIP model whose parameters change: both towers forward and backward.
///
/// Used by one thread at a time; it spreads its own work over `threads`. For a fixed number of threads
/// the same calls give the same bits.
package final class TrainableModel {
  package let configuration: CLIPConfiguration
  package let layout: ParameterLayout
  /// All parameters, in `layout`.
  package var values: [Float]
  /// The threads; an optimiser and clipping may use them too.
  package let team: Team

  /// From scratch, with transformers' initialisation.
  package init(configuration: CLIPConfiguration, seed: UInt64, threads: Int) throws {
    self.configuration = configuration
    layout = ParameterLayout(configuration)
    values = Initialisation.values(configuration, layout, seed: seed)
    team = Team(threads: threads)
  }

  /// From a Hugging Face CLIP directory.
  package init(checkpoint: URL, threads: Int) throws {
    configuration = try CLIPConfiguration(
      contentsOf: checkpoint.appendingPathComponent("config.json").path)
    layout = ParameterLayout(configuration)
    values = try layout.values(
      ofCheckpoint: checkpoint.appendingPathComponent("model.safetensors").path)
    team = Team(threads: threads)
  }

  /// Adds the gradient of the mean loss over `batch` to `gradient` (so that accumulation is repeated
  /// calls) and returns the loss.
  /// - Parameter seed: of what is random in it (patch dropout).
  package func addGradient(
    of batch: TrainingBatch, settings: LossSettings, seed: UInt64, to gradient: inout [Float]
  ) throws -> Float {
    throw TrainingError("not built yet")
  }
}

extension ParameterLayout {
  /// The parameters of a safetensors file, in this layout.
  /// - Throws: `CheckpointError` where one is missing or of another shape.
  package func values(ofCheckpoint path: String) throws -> [Float] {
    let table = try SafetensorsReader.table(of: path)
    var values: [Float] = []
    values.reserveCapacity(count)
    for entry in entries { values += try table.floats(entry.name, shape: entry.shape) }
    return values
  }
}
