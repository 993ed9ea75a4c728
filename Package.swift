// swift-tools-version: 6.2
import PackageDescription

/// Every target is compiled with strict memory safety; only those that touch C buffers may use `unsafe`.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
]
/// The fuzzers are no part of the package as it is used: FUZZ=1, which Fuzz/run.sh sets, adds them.
let fuzzing = Context.environment["FUZZ"] != nil
/// Targets at the edge of a C library, where raw memory lives behind a checked interface.
let edge: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
    path: "Tests/\(name)Tests", exclude: exclude, swiftSettings: edge)
}

let package = Package(
  name: "clip-rsicd",
  products: [
    .library(name: "CLIP", targets: ["CLIP", "Imaging"]),
    .library(
      name: "ImageCollections", targets: ["ImageCollections", "Retrieval", "VectorIndexes"]),
    .executable(name: "clip-rsicd", targets: ["clip-rsicd"]),
  ],
  traits: [
    .trait(
      name: "MPI", description: "Training on several machines with Open MPI (docs/training.md).")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // C libraries, from Debian packages
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libjpeg-dev", "libturbojpeg0-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
    .systemLibrary(
      name: "CChafa", pkgConfig: "chafa", providers: [.apt(["libchafa-dev", "libglib2.0-dev"])]),
    .systemLibrary(name: "CRename"),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    .target(name: "Files", dependencies: ["CCrypto"], swiftSettings: edge),
    .target(name: "Threads", swiftSettings: edge),
    .target(name: "CLastWords"),

    // query → tokens → text tower → vector; file → pixels → vision tower → vector
    .target(name: "CVectorLoops", exclude: ["loops.inc"]),
    .target(
      name: "Compute", dependencies: ["COneDNN", "CVectorLoops", "Threads"], swiftSettings: edge),
    .target(name: "CPNGRows", dependencies: ["CPNG"]),
    .target(
      name: "Imaging", dependencies: ["CPNGRows", "CTIFF", "CTurboJPEG", "CWebP", "Files"],
      swiftSettings: edge),
    .target(
      name: "CStandardVocabulary", exclude: ["merges.txt"],
      cSettings: [.headerSearchPath(".")]),
    .target(
      name: "Checkpoints",
      dependencies: ["CCrypto", "CRename", "CStandardVocabulary", "CZip", "Files"],
      swiftSettings: edge),
    .target(
      name: "CLIP", dependencies: ["Checkpoints", "Compute", "Files", "Imaging"],
      swiftSettings: strict),

    // folder → captions, categories → collection → ranked rows
    .target(name: "Datasets", dependencies: ["Files", "Imaging"], swiftSettings: strict),
    .target(name: "AerialScenes", dependencies: ["Imaging"], swiftSettings: strict),
    .target(
      name: "ImageCollections",
      dependencies: [
        "CLIP", "Compute", "Datasets", "Files", "Imaging", "Threads", "VectorIndexes",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),
    .target(
      name: "VectorIndexes", dependencies: ["Compute", "Threads"], swiftSettings: strict),
    .target(
      name: "Retrieval", dependencies: ["CLIP", "Datasets", "ImageCollections", "VectorIndexes"],
      swiftSettings: strict),
    .target(name: "Evaluation", dependencies: ["Compute"], swiftSettings: strict),

    // captions and pictures → gradient → parameters → checkpoint
    .target(
      name: "Training",
      dependencies: [
        "AerialScenes", "CLIP", "Checkpoints", "Compute", "Datasets", "Evaluation", "Imaging",
        "Threads",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ], swiftSettings: strict),

    // gradients of several processes → their sum
    .target(
      name: "MPIRanks",
      dependencies: ["Training", .target(name: "CMPI", condition: .when(traits: ["MPI"]))],
      swiftSettings: edge),
    // ORG/NAME → list of files → bytes, checked → a model's folder
    .target(
      name: "Transfers", dependencies: ["CCrypto", "CCurl", "Files", "Threads"], swiftSettings: edge
    ),
    .target(name: "Hub", dependencies: ["Threads", "Transfers"], swiftSettings: strict),

    // ranked rows → screen
    .target(name: "Frame", swiftSettings: strict),
    .target(
      name: "Explorer",
      dependencies: [
        "CLIP", "Datasets", "Evaluation", "Frame", "ImageCollections", "Retrieval", "VectorIndexes",
      ],
      swiftSettings: strict),
    .target(name: "CCellWidth"),
    .target(
      name: "Terminal", dependencies: ["Frame", "Imaging", "CCellWidth", "CNcurses", "CChafa"],
      exclude: ["direct.ti"], swiftSettings: edge),

    .executableTarget(
      name: "clip-rsicd",
      dependencies: [
        "CLIP", "Imaging", "Datasets", "AerialScenes", "ImageCollections", "Evaluation", "Frame",
        "Explorer", "Terminal", "Compute", "Checkpoints", "Training", "MPIRanks", "Hub",
        "Files", "Threads", "CLastWords", "Retrieval", "VectorIndexes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: edge),

    // shows and crashes on demand, inside of tmux
    .executableTarget(
      name: "terminal-probe", dependencies: ["Frame", "Imaging", "Terminal"],
      path: "Tests/TerminalProbe", swiftSettings: edge),
    // one picture as the program reads it, to be compared with other libraries
    .executableTarget(
      name: "picture-probe", dependencies: ["Imaging"], path: "Tests/PictureProbe",
      swiftSettings: edge),
    // training steps on noise, to be timed
    .executableTarget(
      name: "training-probe", dependencies: ["CLIP", "Compute", "Training"],
      path: "Tests/TrainingProbe", swiftSettings: edge),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: edge),
    // a model whose vectors a test knows
    .target(
      name: "CollectionFixtures",
      dependencies: ["CLIP", "ImageCollections", "Imaging", "Retrieval"],
      path: "Tests/CollectionFixtures", swiftSettings: edge),
    // a hub to pull from, on this machine
    .target(
      name: "LoopbackHub", dependencies: ["Transfers"], path: "Tests/LoopbackHub",
      swiftSettings: edge),
    tests("Compute"), tests("Imaging", ["Checkpoints", "clip-rsicd"]), tests("Checkpoints"),
    tests("CLIP", ["Checkpoints", "Files", "Imaging"]), tests("Datasets", ["Files"]),
    tests("AerialScenes", ["Imaging"]),
    tests(
      "ImageCollections",
      [
        "AerialScenes", "CLIP", "CollectionFixtures", "Imaging", "Retrieval",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests("VectorIndexes"),
    tests(
      "Retrieval",
      [
        "CollectionFixtures", "ImageCollections", "Imaging",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests("Evaluation"),
    tests("Training", ["AerialScenes", "CLIP", "Checkpoints", "Compute", "Imaging", "clip-rsicd"]),
    tests("Hub", ["Imaging", "LoopbackHub", "Transfers", "clip-rsicd"]),
    tests("Frame"),
    tests(
      "Explorer", ["CLIP", "Frame", "ImageCollections", "Retrieval", "clip-rsicd"],
      exclude: ["Screens"]),
    tests("Terminal", ["Frame", "Imaging", "terminal-probe"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["TestSupport", "Imaging", "LoopbackHub", "clip-rsicd"],
      swiftSettings: edge),

    // bytes → every reader of files from outside
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CLIP", "Checkpoints", "Datasets", "Hub", "ImageCollections", "Imaging", "Retrieval",
        "TestSupport", "Training",
      ], path: "Fuzz/Targets", swiftSettings: edge),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], swiftSettings: edge),
  ]
    + (fuzzing
      ? [
        .executableTarget(
          name: "fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/Driver",
          // libFuzzer brings main.
          swiftSettings: edge + [.unsafeFlags(["-parse-as-library"])])
      ] : [])
)
