import Models
import Datasets
import Imaging

/// Everything that decides a training run. Read from TOML by ``Recipe/init(contentsOf:settings:)``; the
/// keys there have the names of these fields in small letters with underscores.
public struct Recipe: Sendable, Equatable {
  /// Where the weights come from.
  public enum Start: Sendable, Equatable {
    /// A Hugging Face CLIP directory.
    case checkpoint(String)
    /// A directory with config.json, preprocessor_config.json and the tokenizer's files, from whose
    /// configuration new weights are drawn.
    case scratch(String)
  }

  /// Pictures with captions.
  public struct DataSet: Sendable, Equatable {
    public enum Source: Sendable, Equatable {
      /// jsonl files, and the folder that their file names are relative to.
      case files(captions: [String], images: String)
      /// Drawn scenes: `count` of each category for every seed.
      case scenes(seeds: ClosedRange<Int>, count: Int)
    }
    public enum CaptionChoice: String, Sendable, CaseIterable {
      /// The first ``captionsPerImage`` of a picture, all of them in every epoch: the original's way.
      case first
      /// So many others in every epoch.
      case random
    }
    public var source: Source
    /// How often a pair comes in an epoch: 0.5 is every other pair, other ones each time.
    public var weight = 1.0
    public var captionsPerImage = 5
    public var captionChoice = CaptionChoice.first
    /// The chance that a caption is replaced by the template with the picture's category, 0…1.
    public var categoryCaption = 0.0
    public var template = PromptTemplate.aerial
    /// Only this split of the caption files, in any spelling; `nil` is all of them.
    public var split: String?
    /// How tables of captions are laid out.
    public var layout = CaptionLayout()
    /// What messages call this data set.
    public var name: String
  }

  public struct Validation: Sendable, Equatable {
    public var captions: [String]
    public var images: String
    public var template = PromptTemplate.aerial
    /// As in ``DataSet``.
    public var split: String?
    public var layout = CaptionLayout()
  }

  /// What follows the warm-up.
  public enum Schedule: String, Sendable, CaseIterable { case linear, cosine, constant }
  public enum OptimiserKind: String, Sendable, CaseIterable { case adamw, adafactor }
  public enum NegativesKind: String, Sendable, CaseIterable { case local, global }
  public enum EqualCaptions: String, Sendable, CaseIterable { case negatives, positives }
  public enum SaveType: String, Sendable, CaseIterable { case f32, f16, bf16 }
  public enum Choice: String, Sendable, CaseIterable { case accuracy, loss }
  public enum Length: Sendable, Equatable { case epochs(Int), steps(Int) }

  public var file: String
  /// What weights without a configuration are: a name of OpenCLIP's, `ViT-B-32-quickgelu`.
  public var modelConfiguration: String?
  /// How weights from scratch are drawn.
  public var initialWeights: InitialWeights
  public var start: Start
  public var output: String
  public var data: [DataSet]
  public var valid: Validation?
  public var seed: UInt64
  /// 0 is all cores.
  public var threads: Int

  public var length: Length
  /// Pairs of one forward and backward pass.
  public var batch: Int
  /// Passes whose mean gradient makes a step.
  public var accumulation: Int
  public var maxLength: Int
  public var negatives: NegativesKind
  /// Pairs that see one another as negatives where these are local.
  public var group: Int
  /// Pairs that are in memory at a time where negatives are global.
  public var piece: Int
  public var equalCaptions: EqualCaptions
  public var patchDropout: Double
  /// What the pictures' cross-entropy over the prompts of all categories counts; 0 leaves it out.
  public var categoryLoss: Double
  /// Share of that target that is spread over all categories.
  public var categorySmoothing: Double

  public var optimiser: OptimiserKind
  public var learningRate: Double
  public var weightDecay: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  /// Largest global norm of the gradient; 0 is no limit.
  public var clip: Double
  /// Patterns of the parameters that decay; `nil` is the optimiser's own rule.
  public var decay: [String]?
  /// Patterns of the parameters that stay as they are.
  public var freeze: [String]
  public var adafactor: AdafactorSettings
  public var schedule: Schedule
  public var warmupSteps: Int
  /// Learning rate at the end, as a share of the highest.
  public var finalShare: Double
  /// Decay of the moving average of the weights; 0 for no average.
  public var ema: Double

  public struct AdafactorSettings: Sendable, Equatable {
    public var minDimSizeToFactor = 128
    public var decayRate = 0.8
    public var decayOffset = 0
    public var multiplyByParameterScale = true
    public var clippingThreshold = 1.0
    /// 0 for no momentum.
    public var momentum = 0.0
    public var epsilon = 1e-30
  }

  public var augmentation: Augmentation
  /// Pictures are kept in memory with this as their shorter side; 0 is the model's own.
  public var imageSide: Int
  /// Pixels of a side of the pictures that the model is given; 0 is its own size. Its positions are
  /// interpolated, and the checkpoints are of this size.
  public var imageSize: Int
  public var cacheMiB: Int

  /// Steps between two checkpoints; 0 saves by epochs.
  public var saveEvery: Int
  public var saveEveryEpochs: Int
  public var saveTotalLimit: Int
  public var saveType: SaveType
  /// Steps between two evaluations; 0 is at every checkpoint.
  public var evalEvery: Int
  public var bestBy: Choice
  public var logEvery: Int
}
