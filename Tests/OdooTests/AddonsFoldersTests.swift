import Testing

@testable import Odoo

struct AddonsFoldersTests {
  @Test func `a module beside others is not found in the tree's own folder`() {
    let found = AddonsFolders(manifests: ["sale_extra/__manifest__.py", "crm_extra/__manifest__.py"])
    #expect(found.paths == [""])
    #expect(found.modules == ["crm_extra", "sale_extra"])
  }

  @Test func `folders with modules further down are left out or doubled`() {
    let found = AddonsFolders(manifests: [
      "oca/web/one/__manifest__.py", "oca/web/two/__manifest__.py", "own/three/__manifest__.py",
      "four/__manifest__.py",
    ])
    #expect(found.paths == ["", "oca/web", "own"])
    #expect(found.modules == ["four", "one", "three", "two"])
  }

  @Test func `a tree that is a module itself is searched for inside instead of beside`() {
    let found = AddonsFolders(manifests: ["__manifest__.py", "tests/data/inner/__manifest__.py"])
    #expect(found.paths == [".."])
    #expect(found.modules == [""])
  }

  @Test func `a manifest inside a module makes its folder an addons folder`() {
    let found = AddonsFolders(manifests: ["own/tests/fixture/__manifest__.py", "own/__manifest__.py"])
    #expect(found.paths == [""])
    #expect(found.modules == ["own"])
  }

  @Test func `a tree without modules has an addons folder`() {
    #expect(AddonsFolders(manifests: []).paths.isEmpty)
  }

  @Test(arguments: [("a/b c/__manifest__.py", true), ("a,b/x", false), ("$HOME/x", false), ("~/x", false)])
  func `a path that Odoo would take for something else can be listed`(path: String, right: Bool) {
    #expect(AddonsFolders.canBeListed(path) == right)
  }
}
