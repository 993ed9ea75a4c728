import ArgumentParser
import Datasets

/// What a shell offers for arguments whose type does not tell it.
extension CompletionKind {
  /// Files and folders, and the names of the shipped models beside them.
  ///
  /// ArgumentParser knows a list of words, or files, and no kind that is both. The shell looks for the
  /// files itself, since names that the program printed would be expanded by bash, and what stands in
  /// `$(…)` run.
  static var model: CompletionKind {
    let words = "printf '%s\\n' \(Completions.models)"
    return switch CompletionShell.requesting {
    case .some(.bash):
      .shellCommand(
        words + "; compgen -f -- \"${cur}\" | "
          + "while IFS= read -r path; do printf '%q\\n' \"${path}\"; done")
    case .some(.fish): .shellCommand(words + "; __fish_complete_path (commandline -ct)")
    // zsh walks through folders only where it is asked for files: see `Completions.script`.
    default: .file()
    }
  }

  static let category = CompletionKind.list(SceneCategories.all)
  static let split = CompletionKind.list(["train", "val", "test"])
}

enum Completions {
  /// As words of a shell.
  fileprivate static let models = [Assets.fineTuned, Assets.baseline].joined(separator: " ")

  /// A completion script as ArgumentParser makes it, with the models' names in zsh's too.
  static func script(_ text: String) -> String {
    guard text.hasPrefix("#compdef ") else { return text }
    return ["model", "source"].reduce(text) { script, value in
      script.replacing(
        ":\(value):_files'", with: ":\(value):{_files; compadd -- \(models)}'")
    }
  }
}
