// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that what only benchmarks need never reaches a user of the library.
let package = Package(
  name: "clip-rsicd-benchmarks",
  dependencies: [.package(name: "clip-rsicd", path: "..")],
  targets: [
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "CLIP", package: "clip-rsicd"),
        .product(name: "ImageCollections", package: "clip-rsicd"),
      ],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
  ]
)
