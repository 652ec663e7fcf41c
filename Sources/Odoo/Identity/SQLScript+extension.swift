extension SQLScript {
  /// Makes the extension `name`, with those that it needs, unless `database` has it. For the superuser.
  public static func makingExtension(_ name: String, in database: DatabaseName) -> SQLScript {
    SQLScript(
      target: .database(database), text: "CREATE EXTENSION IF NOT EXISTS :\"extension\" CASCADE;\n",
      variables: [.init(name: "extension", value: name, isSecret: false)])
  }
}
