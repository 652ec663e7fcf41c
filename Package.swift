// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "odeum",
  products: [
    .executable(name: "odeumd", targets: ["odeumd"]),
    .executable(name: "odeum", targets: ["odeum"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // Each target may import only those above it; `Client` stands alone and `Web` shares its types.
    .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(
      name: "Postgres",
      dependencies: ["CLibpq", .product(name: "Logging", package: "swift-log")]),
    .target(
      name: "Remote",
      dependencies: [.product(name: "Subprocess", package: "swift-subprocess")]),
    .target(
      name: "Docker",
      dependencies: [
        "Remote",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
      ]),
    .target(
      name: "Jobs",
      dependencies: ["Postgres", .product(name: "Logging", package: "swift-log")]),
    .target(name: "Odoo"),
    .target(
      name: "Hosting",
      dependencies: [
        "Docker", "Jobs", "Odoo", "Postgres", "Remote",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "Client", dependencies: [.product(name: "AsyncHTTPClient", package: "async-http-client")]),
    .target(
      name: "Web",
      dependencies: [
        "Client", "Hosting",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.copy("Console/Assets"), .copy("Console/Templates")]),
    .executableTarget(
      name: "odeumd",
      dependencies: [
        "Hosting", "Web",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .executableTarget(
      name: "odeum",
      dependencies: ["Client", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres"]),
    .testTarget(name: "RemoteTests", dependencies: ["Remote"]),
    .testTarget(name: "DockerTests", dependencies: ["Docker"]),
    .testTarget(name: "JobsTests", dependencies: ["Jobs", "PostgresTesting"]),
    .testTarget(name: "OdooTests", dependencies: ["Odoo"]),
  ],
  swiftLanguageModes: [.v6]
)
