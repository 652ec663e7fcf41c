import Odoo

/// Where an instance has modules of its own from: a branch of a Git repository.
public struct ModuleSource: Sendable, Hashable, Codable {
  /// The repository.
  public var repository: RepositoryAddress
  /// The branch; nil is the repository's default branch.
  public var branch: BranchName?
  /// Whether it may lead anywhere, since an operator named it. It is the same source with and without that.
  public var leadsAnywhere = false

  /// The source `repository`, at `branch`.
  init(repository: RepositoryAddress, branch: BranchName?) {
    self.repository = repository
    self.branch = branch
  }

  /// Reads a source; one that was written before there were bounds is kept in them.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    repository = try container.decode(RepositoryAddress.self, forKey: .repository)
    branch = try container.decodeIfPresent(BranchName.self, forKey: .branch)
    leadsAnywhere = try container.decodeIfPresent(Bool.self, forKey: .leadsAnywhere) ?? false
  }

  /// Whether both name the same branch of the same repository.
  public static func == (one: ModuleSource, other: ModuleSource) -> Bool {
    one.repository == other.repository && one.branch == other.branch
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(repository)
    hasher.combine(branch)
  }

  /// A source as it comes in by one of the doors, unchecked.
  public struct Wish: Sendable, Hashable {
    /// The repository's address.
    public var repository: String
    /// The branch's name; nil is the default branch.
    public var branch: String?

    /// The source `repository`, at `branch`.
    public init(repository: String, branch: String?) {
      self.repository = repository
      self.branch = branch
    }
  }

  /// The most sources an instance may have.
  public static let maximumCount = 20

  /// The sources that `wishes` name.
  ///
  /// - Throws: `InvalidInput` with everything that is wrong with them, each by its number.
  static func checked(_ wishes: [Wish], field: String) throws(InvalidInput) -> [ModuleSource] {
    var sources: [ModuleSource] = []
    var problems: [InputProblem] = []
    if wishes.count > maximumCount {
      problems.append(
        InputProblem(
          field: field, message: "\(wishes.count) sources of custom modules are more than \(maximumCount).",
          suggestion: "Put modules that belong together into one repository."))
    }
    for (index, wish) in wishes.prefix(maximumCount).enumerated() {
      do throws(InputProblem) {
        let source = ModuleSource(
          repository: try RepositoryAddress(wish.repository, field: field),
          branch: try BranchName.unlessEmpty(wish.branch, field: field))
        if sources.contains(where: source.isSame) {
          throw InputProblem(
            field: field, message: "The same branch of the same repository stands there twice.",
            suggestion: "Keep one of the two.")
        }
        sources.append(source)
      } catch {
        var problem = error
        if wishes.count > 1 { problem.message = "Source \(index + 1): \(problem.message)" }
        problems.append(problem)
      }
    }
    guard problems.isEmpty else { throw InvalidInput(problems) }
    return sources
  }

  private func isSame(as other: ModuleSource) -> Bool {
    repository.isSame(as: other.repository) && branch == other.branch
  }

  /// The source as people read it: the address, and the branch where one is named.
  var title: String { branch.map { "\(repository), branch \($0)" } ?? repository.text }
}

extension InstanceSettings {
  /// The settings, saved by `actor` in the place of others with the sources `former`. What an operator adds may lead
  /// anywhere; what was there before stays as it was, whoever saves it again along with something else.
  func naming(modulesBy actor: Actor, former: [ModuleSource]) -> InstanceSettings {
    var settings = self
    settings.customModules = customModules.map { source in
      var source = source
      source.leadsAnywhere = former.first { $0 == source }?.leadsAnywhere ?? actor.isOperator
      return source
    }
    return settings
  }
}

extension BranchName {
  /// The branch called `text`, nil where a form left the field empty.
  fileprivate static func unlessEmpty(_ text: String?, field: String) throws(InputProblem) -> BranchName? {
    guard let text, !text.isEmpty else { return nil }
    return try BranchName(text, field: field)
  }
}

// `decode` is what the synthesised decoding of `InstanceSettings` calls; rows that were written before there were
// custom modules have no such key.
extension KeyedDecodingContainer {
  func decode(_ type: [ModuleSource].Type, forKey key: Key) throws -> [ModuleSource] {
    try decodeIfPresent(type, forKey: key) ?? []
  }
}
