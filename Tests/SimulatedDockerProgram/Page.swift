import SimulatedDocker

@testable import SimulatedFleet

/// What is answered at a port that a container has.
struct Page {
  var status: String
  var body: String

  /// The answer; nil where nobody answers.
  static func of(_ machine: SimulatedMachine, port: Int, _ method: String, _ path: String) -> Page? {
    guard let container = machine.engine.container(publishing: port) else { return nil }
    if container.view.words == ["/mailpit"] { return mailpit(method, path) }
    let status = machine.programs.httpStatus(of: container, on: machine.engine)
    return status == "000" ? nil : Page(status: status, body: "")
  }

  /// Mailpit's API as far as Odeum asks it: the same message always lies in it, however often it is removed.
  private static func mailpit(_ method: String, _ path: String) -> Page {
    let path = path.prefix { $0 != "?" }.trimmingPrefix("/api/v1/")
    switch (method, path) {
    case ("DELETE", "messages"): return Page(status: "200", body: "ok")
    case ("GET", "messages"):
      return Page(
        status: "200",
        body: #"{"total": 1, "messages": [\#(summary), "Created": "\#(moment)", "Attachments": 1}]}"#)
    case ("GET", "message/\(message)"):
      return Page(
        status: "200",
        body: #"""
          \#(summary), "Cc": null, "Bcc": null, "Date": "\#(moment)", "Text": "Hello", "HTML": "<p>Hello", "Inline": null,
          "Attachments": [{"PartID": "2", "FileName": "hello.txt", "ContentType": "text/plain", "Size": 5}]}
          """#)
    case ("GET", "message/\(message)/headers"):
      return Page(status: "200", body: #"{"Subject": ["Welcome"], "X-Odoo-Objects": ["res.users-2"]}"#)
    case ("GET", "message/\(message)/part/2"): return Page(status: "200", body: "Hello")
    default: return Page(status: "404", body: #"{"Error": "not found"}"#)
    }
  }

  private static let message = "simulated1"
  private static let moment = "2026-11-22T08:00:00.123Z"
  private static let summary = #"""
    {"ID": "\#(message)", "From": {"Name": "Odoo", "Address": "odoo@example.org"},
    "To": [{"Name": "", "Address": "anna@example.org"}], "Subject": "Welcome", "Size": 1200
    """#
}
