import Client
import Hosting
import Hummingbird

extension ConsoleDoor {
  /// The API as a page, made from its description and from the routes themselves, which say who may use them.
  func addReferenceRoutes(to routes: Routes) {
    // The file belongs to the program: what it says is the same for its whole life.
    let reference = Result {
      try APIReference(yaml: String(decoding: OpenAPIController.file(), as: UTF8.self))
    }
    routes.get(API.root, .signedIn) { [table = routes.table] request, context in
      let page = ReferencePage(try reference.get()) { table.access($0, API.root + $1) }
      return try answer(page, "HTTP API", section: .account, request, context)
    }
  }
}
