import Postgres

extension Schema {
  static let reconciling = Migration(
    "what is away, strays, drift", list: "hosting",
    sql: """
      alter table servers add absence text check (absence in ('dockerDown', 'unreachable'));
      comment on column servers.absence is 'null: Docker answered when it was last asked, or nothing else is sure';
      create table strays (
        id uuid primary key,
        server_id uuid not null references servers on delete cascade,
        kind text not null check (kind in ('container', 'volume', 'network', 'folder')),
        thing text not null,
        name text not null,
        labels jsonb not null,
        first_seen timestamptz not null default now(),
        last_seen timestamptz not null default now(),
        unique (server_id, kind, thing)
      );
      comment on table strays is 'what carries our label and belongs to nothing that is known: never touched without an order';
      alter table instances add drift jsonb not null default '[]';
      comment on column instances.drift is 'how its parts on the server differ from what they should be; told, not mended';
      drop trigger instances_announce on instances;
      create trigger instances_announce
        after insert or update of status, status_reason, settings_revision, removed_at, drift
        on instances for each row execute function announce_instance_change();
      """)

  static let announcedStrays = Migration(
    "strays are announced", list: "hosting",
    sql: """
      create function announce_stray() returns trigger language plpgsql as $$
      begin
        perform pg_notify('hosting_changes', (case when tg_op = 'DELETE' then old.server_id else new.server_id end)::text);
        return null;
      end $$;
      create trigger strays_announce after insert or delete on strays
        for each row execute function announce_stray();
      create trigger strays_announce_change after update on strays for each row
        when ((old.name, old.labels) is distinct from (new.name, new.labels)) execute function announce_stray();
      """)

  static let circumstances = Migration(
    "what containers were made from beside the settings", list: "hosting",
    sql: """
      alter table instances
        add applied_exposed boolean,
        add applied_stage text check (applied_stage in ('production', 'staging', 'dev'));
      comment on column instances.applied_exposed is 'null: not noted, taken for what the server says';
      comment on column instances.applied_stage is 'null: not noted, taken for the stage';
      drop trigger instances_announce on instances;
      create trigger instances_announce
        after insert or update of status, status_reason, settings_revision, removed_at, drift, stage,
          applied_settings, applied_exposed, applied_stage
        on instances for each row execute function announce_instance_change();
      """)

  static let instanceStorage = Migration(
    "how much instances store", list: "hosting",
    sql: """
      create table instance_storage (
        instance_id uuid primary key references instances on delete cascade,
        bytes bigint not null,
        measured_at timestamptz not null default now()
      );
      comment on table instance_storage is
        'apart from instances, whose every change has their server looked at';
      """)
}
