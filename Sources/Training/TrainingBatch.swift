/// Pairs of one step, ready for the towers.
package struct TrainingBatch: Sendable {
  /// `[pairs, 3, side, side]`, normalised.
  package var pixels: [Float]
  /// Token ids of each pair with start and end token, unpadded, at most the context's length.
  package var tokens: [[Int32]]
  /// Equal for pairs of the same picture.
  package var imageKeys: [Int]
  /// Equal for equal captions.
  package var captionKeys: [Int]

  /// Each picture's place in ``prompts``, -1 for none; empty where the loss does not ask.
  package var categories: [Int]
  /// Token ids of one text for each category.
  package var prompts: [[Int32]]

  package init(
    pixels: [Float], tokens: [[Int32]], imageKeys: [Int], captionKeys: [Int],
    categories: [Int] = [], prompts: [[Int32]] = []
  ) {
    self.pixels = pixels
    self.tokens = tokens
    self.imageKeys = imageKeys
    self.captionKeys = captionKeys
    self.categories = categories
    self.prompts = prompts
  }

  package var count: Int { tokens.count }
}

/// What is compared with what, and which part of the pictures is seen.
package struct LossSettings: Sendable, Equatable {
  package enum Negatives: Sendable, Equatable {
    /// Groups of `group` neighbouring pairs, each with its own loss; the mean of these. As the
    /// original's devices do.
    case local(group: Int)
    /// One loss over the whole batch, whose activations are held for `piece` pairs at a time
    /// (gradient caching, Gao et al. 2021). The result does not depend on the piece.
    case global(piece: Int)
  }

  package var negatives: Negatives
  /// Equal captions, and captions of the same picture, are positives of each other: a row's target is
  /// spread equally over them. Off is the original's loss.
  package var equalCaptionsArePositives: Bool
  /// Share of the patches that is left out, 0 ..< 1 (FLIP, Li et al. 2023).
  package var patchDropout: Float
  /// What the pictures' cross-entropy over the categories counts beside the contrastive loss; 0 leaves
  /// it out.
  package var categoryWeight: Float = 0
  /// Share of that target that is spread over all categories, 0 ..< 1.
  package var categorySmoothing: Float = 0

  package init(
    negatives: Negatives = .global(piece: .max), equalCaptionsArePositives: Bool = false,
    patchDropout: Float = 0
  ) {
    self.negatives = negatives
    self.equalCaptionsArePositives = equalCaptionsArePositives
    self.patchDropout = patchDropout
  }
}

/// Why a model cannot be trained on what it was given.
package struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was expected, what was found and what to do.
  package let description: String
  package init(_ description: String) { self.description = description }
}
