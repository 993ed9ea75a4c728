/// Every reader of files that come from outside, by the name under which it is fuzzed.
package enum FuzzTarget: String, CaseIterable, Sendable {
  // weights
  case safetensors
  /// torch.save's zip, whole.
  case zip
  /// The pickle alone, put into a sound zip beside four storages.
  case pickle
  case msgpack
  /// model.safetensors.index.json beside a shard.
  case shards

  // a model's folder, one file of it at a time
  case config
  case preprocessor
  case openclip
  case vocabulary
  case merges
  case tokenizer

  // pictures
  case jpeg
  case png
  case tiff
  case webp
  case jpeg2000
  /// EXIF's block alone, put into a sound JPEG.
  case exif

  // scenes
  /// A TIFF with tags of a place on earth.
  case scene
  /// A world file, and below its seventh line a `.prj`, beside a sound picture.
  case world

  // the rest
  case captions
  /// A collection's file, opened, checked and read.
  case collection
  /// A collection's file, repaired.
  case repair
  case recipe
  /// The hub's list of a repository's files.
  case hub

  /// Where its corpus and its found cases lie below `Fuzz/corpus` and `Fuzz/found`.
  package var folder: String { rawValue }
}
