import Checkpoints
import Foundation

/// The curve of a run: TensorBoard's event files and log.jsonl, both in the run's folder.
struct RunLog {
  private let events: EventFile
  private let lines: FileHandle
  private let path: String

  /// - Parameter step: lines of later steps, which a killed run left, are taken out.
  init(folder: String, step: Int) throws {
    path = "\(folder)/log.jsonl"
    let kept = (FileManager.default.contents(atPath: path) ?? Data()).split(separator: 0x0A).filter
    {
      let fields = try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
      return (fields?["step"] as? Int).map { $0 <= step } ?? false
    }
    try AtomicFolder.write(kept.flatMap { Array($0) + [0x0A] }, toFile: path)
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw RunError("\(path): cannot be written; check folder and space")
    }
    _ = try? handle.seekToEnd()
    lines = handle
    events = try EventFile(folder: folder)
  }

  func write(_ point: RunEvent.Point) throws {
    try write(
      [
        ("train_loss", point.loss), ("learning_rate", point.learningRate),
        ("train_time", point.trainTime), ("gradient_norm", point.gradientNorm),
      ], epoch: point.epoch, step: point.step)
  }

  func write(_ evaluation: RunEvent.Evaluation) throws {
    let accuracy = (evaluation.accuracy?.first).map { [("eval_accuracy", $0)] } ?? []
    try write(
      [("eval_loss", evaluation.loss)] + accuracy + [("eval_recall", evaluation.recall)],
      epoch: evaluation.epoch, step: evaluation.step)
  }

  private func write(_ values: [(String, Double)], epoch: Double, step: Int) throws {
    try events.write(
      values.map { (tag: $0, value: Float($1)) }, step: step, time: Date().timeIntervalSince1970)
    let fields = ["\"step\":\(step)", "\"epoch\":\(epoch)"] + values.map { "\"\($0)\":\($1)" }
    do {
      try lines.write(contentsOf: Data("{\(fields.joined(separator: ","))}\n".utf8))
    } catch {
      throw RunError("\(path): cannot be written; check the disk's space")
    }
  }
}
