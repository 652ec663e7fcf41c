import Postgres

extension Schema {
  static let removedOrganisations = Migration(
    "organisations can be removed", list: "hosting",
    sql: """
      alter table organisations add removed_at timestamptz;
      comment on column organisations.removed_at is
        'the row stays for what names it; its slug is no name any more, so that another one can have the former';
      """)

  static let organisations = Migration(
    "several organisations, plans", list: "hosting",
    sql: """
      alter table organisations add plan jsonb not null default '{"name": "", "limits": {}, "lacks": []}';
      comment on column organisations.plan is 'what the operator lets it have; nothing said: everything';

      -- A name that another organisation has is free: it would tell of that one otherwise.
      alter table instances add host_name text;
      comment on column instances.host_name is
        'what its parts on the server are called, where another organisation''s have its own name; null: its name';
      drop index instances_name;
      create unique index instances_name on instances (organisation_id, name) where removed_at is null;
      create unique index instances_host_name on instances (coalesce(host_name, name)) where removed_at is null;
      """)

  static let namesOnServers = Migration(
    "what instances are called on their servers", list: "hosting",
    sql: """
      -- On another server a name is free: it would tell of another organisation's instance there otherwise.
      drop index instances_host_name;
      create unique index instances_host_name on instances (server_id, coalesce(host_name, name)) where removed_at is null;
      """)
}
