// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "odeum",
  products: [
    .executable(name: "odeumd", targets: ["odeumd"]),
    .executable(name: "odeum", targets: ["odeum"]),
    // For the nested package of benchmarks.
    .library(name: "Client", targets: ["Client"]),
    .library(name: "Jobs", targets: ["Jobs"]),
    .library(name: "Postgres", targets: ["Postgres"]),
    .library(name: "Remote", targets: ["Remote"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
  ],
  targets: [
    // Each target may import only those above it; `Client` stands alone and `Web` shares its types.
    .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CQRencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "Postgres",
      dependencies: ["CLibpq", .product(name: "Logging", package: "swift-log")]),
    .target(
      name: "Remote",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(
      name: "Docker",
      dependencies: [
        "Remote",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .target(
      name: "Jobs",
      dependencies: ["Postgres", .product(name: "Logging", package: "swift-log")]),
    .target(name: "Odoo"),
    .target(name: "Mail", dependencies: ["Remote"]),
    .target(
      name: "Hosting",
      dependencies: [
        "Docker", "Jobs", "Mail", "Odoo", "Postgres", "Remote",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Client",
      dependencies: [
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .target(
      name: "Web",
      dependencies: [
        "Client", "CQRencode", "CZlib", "Hosting", "Odoo", "Remote",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      exclude: ["Console/fetch-assets"],
      resources: [
        .copy("API/openapi.yaml"), .copy("Console/Assets"), .copy("Console/Templates"),
      ]),
    .executableTarget(
      name: "odeumd",
      dependencies: [
        "Hosting", "Jobs", "Mail", "Postgres", "Remote", "Web",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .executableTarget(
      name: "odeum",
      dependencies: ["Client", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    .target(
      name: "PostgresTesting", dependencies: ["Postgres", .product(name: "Logging", package: "swift-log")],
      path: "Tests/PostgresTesting"),
    .target(name: "RemoteTesting", path: "Tests/RemoteTesting"),
    .target(name: "JobsTesting", dependencies: ["Jobs"], path: "Tests/JobsTesting"),
    .executableTarget(
      name: "test-program",
      dependencies: ["Jobs", "Postgres", "Remote", .product(name: "Logging", package: "swift-log")],
      path: "Tests/TestProgram"),
    .target(
      name: "SimulatedDocker",
      dependencies: [
        "Docker", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      path: "Tests/SimulatedDocker"),
    .target(
      name: "SimulatedFleet",
      dependencies: [
        "Docker", "Hosting", "Jobs", "JobsTesting", "Postgres", "Remote", "SimulatedDocker",
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      path: "Tests/SimulatedFleet"),
    .executableTarget(
      name: "simulated-docker",
      dependencies: [
        "Docker", "Remote", "SimulatedDocker", "SimulatedFleet",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/SimulatedDockerProgram"),
    .target(name: "VirtualTime", path: "Tests/VirtualTime"),
    .executableTarget(
      name: "fleet-simulation",
      dependencies: [
        "Docker", "Hosting", "Jobs", "JobsTesting", "Odoo", "Postgres", "SimulatedDocker", "SimulatedFleet",
        "VirtualTime", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/FleetSimulation"),
    .testTarget(name: "FleetSimulationTests", dependencies: ["fleet-simulation"]),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "PostgresTesting", "test-program"]),
    .testTarget(name: "MailTests", dependencies: ["Mail", "Remote"]),
    .testTarget(name: "RemoteTests", dependencies: ["Remote", "RemoteTesting", "test-program"]),
    .testTarget(
      name: "DockerTests",
      dependencies: [
        "Docker", "Remote", "SimulatedDocker",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .testTarget(
      name: "JobsTests", dependencies: ["Jobs", "JobsTesting", "PostgresTesting", "test-program"]),
    .testTarget(name: "OdooTests", dependencies: ["Odoo"]),
    .testTarget(
      name: "HostingTests",
      dependencies: [
        "Docker", "Hosting", "JobsTesting", "PostgresTesting", "RemoteTesting", "SimulatedDocker",
        "SimulatedFleet",
      ]),
    .testTarget(
      name: "ClientTests",
      dependencies: [
        "Client",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .testTarget(
      name: "WebTests",
      dependencies: [
        "Client", "Hosting", "PostgresTesting", "Remote", "Web",
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .testTarget(name: "OdeumTests", dependencies: ["Client", "odeum"]),
    .testTarget(name: "OdeumdTests", dependencies: ["odeumd"]),
  ],
  swiftLanguageModes: [.v6]
)
