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
    .library(name: "CLIP", targets: ["CLIP", "Models", "Tokenizers", "Imaging"]),
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
    .systemLibrary(
      name: "COpenJPEG", pkgConfig: "libopenjp2", providers: [.apt(["libopenjp2-7-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CProj", pkgConfig: "proj", providers: [.apt(["libproj-dev"])]),
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
    .target(name: "Texts", swiftSettings: strict),
    .target(name: "RandomNumbers", swiftSettings: strict),
    .target(name: "Threads", swiftSettings: edge),
    .target(name: "CLastWords"),

    // query → tokens → text tower → vector; file → pixels → vision tower → vector
    .target(name: "CVectorLoops", exclude: ["loops.inc"]),
    .target(
      name: "Compute", dependencies: ["COneDNN", "CVectorLoops", "Threads"], swiftSettings: edge),
    .target(name: "CPNGRows", dependencies: ["CPNG"]),
    .target(
      name: "Imaging",
      dependencies: [
        "COpenJPEG", "CPNG", "CPNGRows", "CTIFF", "CTurboJPEG", "CWebP", "Files", "RandomNumbers",
        "Texts",
      ],
      swiftSettings: edge),
    // a scene of any size → windows with a place on earth
    .target(
      name: "Scenes", dependencies: ["CProj", "Files", "Imaging", "Texts"], swiftSettings: edge),
    .target(
      name: "CStandardVocabulary", exclude: ["merges.txt"],
      cSettings: [.headerSearchPath(".")]),
    .target(
      name: "Checkpoints",
      dependencies: ["CCrypto", "CRename", "CZip", "Files"], swiftSettings: edge),
    .target(
      name: "Tokenizers", dependencies: ["CStandardVocabulary", "Files", "Texts"],
      swiftSettings: edge),
    .target(
      name: "Transformers", dependencies: ["Compute", "RandomNumbers"], swiftSettings: strict),
    .target(
      name: "Models",
      dependencies: [
        "Checkpoints", "Compute", "Files", "Imaging", "Threads", "Tokenizers", "Transformers",
      ],
      swiftSettings: strict),
    // what a program outside of this package imports
    .target(
      name: "CLIP", dependencies: ["Imaging", "Models", "Tokenizers"], swiftSettings: strict),

    // folder → captions, categories → collection → ranked rows
    .target(name: "Datasets", dependencies: ["Files", "Imaging"], swiftSettings: strict),
    .target(
      name: "AerialScenes", dependencies: ["Imaging", "RandomNumbers"], swiftSettings: strict),
    .target(
      name: "ImageCollections",
      dependencies: [
        "Compute", "Datasets", "Files", "Imaging", "Models", "Scenes", "Threads",
        "VectorIndexes", .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),
    .target(
      name: "GeoPackages",
      dependencies: ["Scenes", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(
      name: "VectorIndexes", dependencies: ["Compute", "Threads"], swiftSettings: strict),
    .target(
      name: "Retrieval",
      dependencies: [
        "Datasets", "ImageCollections", "Imaging", "Models", "Scenes", "Threads", "Tokenizers",
        "VectorIndexes",
      ],
      swiftSettings: strict),
    .target(name: "Metrics", dependencies: ["Compute"], swiftSettings: strict),
    // images and captions → scores → tables
    .target(
      name: "Evaluation",
      dependencies: [
        "Datasets", "Files", "Imaging", "Metrics", "Models", "Texts", "Threads", "Tokenizers",
      ],
      swiftSettings: strict),

    // captions and pictures → gradient → parameters → checkpoint
    .target(
      name: "Training",
      dependencies: [
        "AerialScenes", "Checkpoints", "Compute", "Datasets", "Imaging", "Metrics", "Models",
        "RandomNumbers", "Threads", "Tokenizers", "Transformers",
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

    // the collection of the first run
    .target(
      name: "Gallery",
      dependencies: [
        "AerialScenes", "Files", "ImageCollections", "Imaging", "Models", "Texts", "Threads",
      ],
      swiftSettings: edge),

    // what the commands declare → help on a screen, pages of the manual
    .target(name: "Manual", swiftSettings: strict),
    .executableTarget(name: "manual-pages", dependencies: ["Manual"], swiftSettings: strict),

    // ranked rows → screen
    .target(name: "Frame", dependencies: ["Texts"], swiftSettings: strict),
    .target(
      name: "Explorer",
      dependencies: [
        "Datasets", "Frame", "ImageCollections", "Metrics", "Models", "Retrieval", "Texts",
        "Tokenizers", "VectorIndexes",
      ],
      swiftSettings: strict),
    .target(name: "CCellWidth"),
    .target(
      name: "Terminal", dependencies: ["Frame", "Imaging", "CCellWidth", "CNcurses", "CChafa"],
      exclude: ["direct.ti"], swiftSettings: edge),

    .executableTarget(
      name: "clip-rsicd",
      dependencies: [
        "Models", "Tokenizers", "Transformers", "Imaging", "Datasets", "AerialScenes",
        "ImageCollections", "Evaluation", "Metrics", "Gallery", "Frame", "Explorer", "Terminal",
        "Compute", "Checkpoints", "Training", "MPIRanks", "Hub", "Files", "Texts", "Threads",
        "CLastWords", "Manual", "Retrieval", "Scenes", "VectorIndexes",
        "GeoPackages", .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
      name: "training-probe",
      dependencies: ["Compute", "Models", "RandomNumbers", "Training", "Transformers"],
      path: "Tests/TrainingProbe", swiftSettings: edge),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: edge),
    // a model whose vectors a test knows
    .target(
      name: "CollectionFixtures",
      dependencies: ["ImageCollections", "Imaging", "Models", "Retrieval"],
      path: "Tests/CollectionFixtures", swiftSettings: edge),
    // a hub to pull from, on this machine
    .target(
      name: "LoopbackHub", dependencies: ["Transfers"], path: "Tests/LoopbackHub",
      swiftSettings: edge),
    tests("Files"), tests("Texts"), tests("Threads"), tests("RandomNumbers"),
    tests("Compute"), tests("Imaging", ["Checkpoints", "RandomNumbers", "Texts", "clip-rsicd"]),
    tests("Checkpoints"), tests("Scenes", ["Imaging"]),
    tests("Tokenizers", ["RandomNumbers"]), tests("Transformers", ["Compute", "RandomNumbers"]),
    tests("Models", ["Checkpoints", "Files", "Imaging", "Tokenizers", "Transformers"]),
    tests("Datasets", ["Files"]),
    tests("AerialScenes", ["Imaging"]),
    tests(
      "ImageCollections",
      [
        "AerialScenes", "CollectionFixtures", "Imaging", "Models", "Retrieval",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests("VectorIndexes"),
    tests(
      "Retrieval",
      [
        "CollectionFixtures", "ImageCollections", "Imaging",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests("Metrics"), tests("Evaluation", ["Datasets", "Imaging", "Metrics", "Models"]),
    tests("Manual"),
    tests(
      "Training",
      [
        "AerialScenes", "Checkpoints", "Compute", "Imaging", "Models", "RandomNumbers",
        "Tokenizers", "Transformers", "clip-rsicd",
      ]),
    tests("Hub", ["Imaging", "LoopbackHub", "Transfers", "clip-rsicd"]),
    tests("Frame", ["Texts"]),
    tests(
      "Explorer",
      ["Frame", "ImageCollections", "Models", "Retrieval", "Texts", "Tokenizers", "clip-rsicd"],
      exclude: ["Screens"]),
    tests("Terminal", ["Frame", "Imaging", "terminal-probe"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "TestSupport", "CLIP", "ImageCollections", "Imaging", "LoopbackHub", "Manual",
        "RandomNumbers", "Retrieval", "clip-rsicd", "manual-pages",
      ],
      swiftSettings: edge),

    // bytes → every reader of files from outside
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Checkpoints", "Datasets", "Hub", "ImageCollections", "Imaging", "Models",
        "RandomNumbers", "Retrieval", "Scenes", "TestSupport", "Tokenizers", "Training",
        "Transformers",
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
