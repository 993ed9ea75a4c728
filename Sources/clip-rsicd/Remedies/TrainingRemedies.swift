import Training

extension RunError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    switch wayOut {
    case .settings(let settings): settingsRemedy(settings)
    case .resumingWithPictures: ": go on with --resume once they are back"
    case .resumingOrOtherOutput: "; go on from there with --resume, or choose another output"
    case .roomAndResuming: ". Make room and go on with --resume"
    case .gentlerAndResuming(let rate):
      ". Lower learning_rate (now \(rate)), raise warmup_steps or set clip = 1, and go on with --resume"
    case nil: nil
    }
  }
}

extension RecipeError {
  /// The error, named by its option if a setting of the command line is wrong.
  var words: String { setting.map { "--set \($0): \(problem)" } ?? description }

  /// What to do, to be added to ``words``.
  var remedy: String? { settings.isEmpty ? nil : settingsRemedy(settings) }
}

extension RanksError {
  /// What to do, to be added to ``description``.
  var remedy: String? { canResume ? ": go on with --resume" : nil }
}

private func settingsRemedy(_ settings: [String]) -> String {
  "; it works with " + settings.map { "--set \($0)" }.joined(separator: " ")
}
