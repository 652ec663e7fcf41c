// swift-tools-version: 6.2
import PackageDescription

// What `make bench` runs beside the programs themselves. A package of its own, so that nobody who builds Odeum builds
// it.
let package = Package(
  name: "odeum-benchmarks",
  dependencies: [
    .package(name: "odeum", path: ".."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    .executableTarget(
      name: "queue-bench",
      dependencies: [
        .product(name: "Jobs", package: "odeum"),
        .product(name: "Postgres", package: "odeum"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(name: "ssh-bench", dependencies: [.product(name: "Remote", package: "odeum")]),
    .executableTarget(
      name: "bare-route",
      dependencies: [
        .product(name: "Client", package: "odeum"),
        .product(name: "Hummingbird", package: "hummingbird"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
