extension API.Call where Answer == API.Page<API.MailSummary> {
  /// One page of what the mail catcher of `instance` holds, newest first.
  public static func mail(of instance: String, limit: Int? = nil, cursor: String? = nil) -> Self {
    Self(
      .get, "instances", instance, "mail", query: [("limit", limit.map(String.init)), ("cursor", cursor)])
  }
}

extension API.Call where Answer == API.Mail {
  /// One message that the mail catcher of `instance` holds.
  public static func mail(_ id: String, of instance: String) -> Self {
    Self(.get, "instances", instance, "mail", id)
  }
}

extension API.Call where Answer == API.Nothing {
  /// Throws away everything that the mail catcher of `instance` holds.
  public static func clearMail(of instance: String) -> Self { Self(.delete, "instances", instance, "mail") }

  /// The content of a file in a message: the answer's body, whatever it is.
  public static func mailAttachment(_ part: String, in id: String, of instance: String) -> Self {
    Self(.get, "instances", instance, "mail", id, "attachments", part)
  }
}
