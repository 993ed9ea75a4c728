import Checkpoints
import Models

extension CheckpointError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    guard case .severalArchives(let names) = reason else { return nil }
    return "; name the one that is meant: --model \(file)/\(names.first ?? "NAME.pt")"
  }
}

extension CLIPError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    switch wayOut {
    case .otherPlaceOrReplacement: "; choose another place, or replace it with --force"
    case .otherPrecision: ". Weights beyond f16's range need --dtype bf16 or f32"
    case .noArchitecture: "; --model-config is for weights without a configuration"
    case nil: nil
    }
  }
}

extension EmbeddingModel {
  /// ``notes`` with what to do about them.
  var notesWithRemedies: [String] { notes + Remedies.reading(otherReading) }
}

extension ModelConversion.Report {
  /// ``notes`` with what to do about them.
  var notesWithRemedies: [String] { notes + Remedies.reading(otherReading) }
}

extension Remedies {
  fileprivate static func reading(_ other: String?) -> [String] {
    other.map { ["--model-config \($0) reads it the other way"] } ?? []
  }
}
