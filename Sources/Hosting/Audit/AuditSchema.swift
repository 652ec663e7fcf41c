import Postgres

extension Schema {
  /// The log of changes. Triggers number and chain what is put in, and refuse everything else.
  ///
  /// Whoever owns the tables can switch a trigger off. That is what the chain is for: an entry that was changed or
  /// taken out no longer fits the one behind it, and a head that was noted elsewhere tells whether the end was cut off.
  static let audit = Migration(
    "audit log", list: "hosting",
    sql: """
      create table audit_log (
        id bigint primary key,
        at timestamptz not null,
        organisation_id uuid,
        person_id uuid,
        who text not null,
        door text not null,
        address text,
        action text not null,
        kind text not null,
        subject_id uuid,
        subject text not null,
        before jsonb,
        after jsonb,
        previous bytea not null,
        hash bytea not null
      );
      comment on column audit_log.organisation_id is 'null: concerns the installation';
      create index audit_log_organisation on audit_log (organisation_id, id);
      create index audit_log_subject on audit_log (subject_id, id) where subject_id is not null;

      create function audit_link() returns trigger language plpgsql as $$
      declare last record;
      begin
        -- One at a time, until the end of the transaction: the next one builds on this one.
        perform pg_advisory_xact_lock(hashtextextended('odeum audit log', 0));
        select id, hash into last from audit_log order by id desc limit 1;
        new.id := coalesce(last.id, 0) + 1;
        new.at := clock_timestamp();
        new.previous := coalesce(last.hash, '\\x');
        new.hash := sha256(new.previous || convert_to(concat(
          audit_field(new.id::text), audit_field((extract(epoch from new.at) * 1000000)::bigint::text),
          audit_field(new.organisation_id::text), audit_field(new.person_id::text), audit_field(new.who),
          audit_field(new.door), audit_field(new.address), audit_field(new.action), audit_field(new.kind),
          audit_field(new.subject_id::text), audit_field(new.subject), audit_field(new.before::text),
          audit_field(new.after::text)), 'UTF8'));
        return new;
      end $$;
      -- With its length before it, so that no two rows of fields make the same text.
      create function audit_field(field text) returns text language sql immutable as
        $$ select coalesce(octet_length(field) || ':' || field, '-') || ';' $$;
      create trigger audit_link before insert on audit_log for each row execute function audit_link();

      create function audit_refuse() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log is only ever added to';
      end $$;
      create trigger audit_refuse_change before update or delete on audit_log
        for each row execute function audit_refuse();
      create trigger audit_refuse_emptying before truncate on audit_log
        for each statement execute function audit_refuse();
      """)
}
