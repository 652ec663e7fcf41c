import Client
import Hosting
import Hummingbird

/// What the mail catchers of instances hold.
struct MailController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    let routes = routes.under("/instances/{ref}/mail")
    routes.get("", .permission(.connectAsUsers)) { request, context in
      let page = try Query(request, "limit", "cursor").page()
      let inbox = try await hosting.mail(of: try context.parameter("ref"), page: page, by: context.actor)
      return try .json(API.Page(inbox.messages, API.MailSummary.init))
    }
    routes.delete("", .permission(.connectAsUsers)) { _, context in
      try await hosting.clearMail(of: try context.parameter("ref"), by: context.actor)
      return Response(status: .noContent)
    }
    routes.get("/{message}", .permission(.connectAsUsers)) { _, context in
      let mail = try await hosting.mail(
        try context.parameter("message"), of: try context.parameter("ref"), by: context.actor)
      return try .json(API.Mail(mail))
    }
    routes.get("/{message}/attachments/{part}", .permission(.connectAsUsers)) { _, context in
      let file = try await hosting.mailAttachment(
        try context.parameter("part"), in: try context.parameter("message"),
        of: try context.parameter("ref"), by: context.actor)
      return .file(file.name, file.bytes)
    }
  }
}
