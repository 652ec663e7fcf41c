/// What Docker's words for a container tell of time: "Up 3 hours", "Exited (0) About a minute ago".
///
/// They are those of `units.HumanDuration` (docker/go-units), which cuts off, but rounds hours to the nearest one.
struct StatusAge: Sendable, Equatable {
  /// The words without the time.
  var state: String
  /// For how long at least it has been so; nil where the words tell no time.
  var atLeast: Duration?

  init(_ words: String) {
    var words = words.split(separator: " ").map(String.init)
    guard let unit = words.firstIndex(where: { Self.seconds[$0] != nil }), unit > 0,
      let seconds = Self.seconds[words[unit]]
    else {
      state = words.joined(separator: " ")
      return
    }
    var begin = unit - 1
    let count: Int
    if let number = Int(words[begin]) {
      count = number
    } else {
      // "Less than a second", "About a minute", "About an hour".
      let before = words[..<begin].joined(separator: " ")
      guard let phrase = ["Less than", "About"].first(where: before.hasSuffix) else {
        state = words.joined(separator: " ")
        return
      }
      count = phrase == "About" ? 1 : 0
      begin -= phrase.split(separator: " ").count
    }
    words.removeSubrange(begin...unit)
    state = words.joined(separator: " ")
    let rounding = seconds > 3600 || count > 1 && seconds == 3600 ? 1800 : 0
    atLeast = .seconds(count * seconds - rounding)
  }

  private static let seconds = {
    let units = [
      "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000,
      "year": 31_536_000,
    ]
    return units.reduce(into: [String: Int]()) {
      $0[$1.key] = $1.value; $0[$1.key + "s"] = $1.value
    }
  }()
}

extension SeenContainer {
  /// Whether nothing has happened to the container since it was seen as `former`, `elapsed` ago: it is as it was, and
  /// was neither started nor ended since.
  func isStill(_ former: SeenContainer, after elapsed: Duration) -> Bool {
    guard thing == former.thing, status == former.status, imageID == former.imageID else { return false }
    let (age, formerAge) = (StatusAge(summary), StatusAge(former.summary))
    guard age.state == formerAge.state else { return false }
    // Words without a time do not change by themselves.
    guard let atLeast = age.atLeast else { return formerAge.atLeast == nil }
    // A second for clocks that differ.
    return atLeast > elapsed + .seconds(1)
  }
}
