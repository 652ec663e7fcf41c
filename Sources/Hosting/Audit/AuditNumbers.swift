import Postgres

extension Schema {
  /// Numbers the entries of each organisation by themselves: those of the chain, which everybody shares, would tell one
  /// organisation by their gaps how much the others do.
  static let auditNumbers = Migration(
    "audit log: numbers of organisations", list: "hosting",
    sql: """
      alter table audit_log add column number bigint;
      alter table audit_log disable trigger audit_refuse_change;
      update audit_log set number = numbered.number
        from (select id, row_number() over (partition by organisation_id order by id) as number from audit_log) as numbered
        where numbered.id = audit_log.id;
      alter table audit_log enable trigger audit_refuse_change;
      alter table audit_log alter column number set not null;
      comment on column audit_log.id is 'its place in the chain of the installation; only operators see it';
      comment on column audit_log.number is 'its place among those of its organisation';
      create unique index audit_log_number on audit_log (organisation_id, number) nulls not distinct;
      drop index audit_log_organisation;

      -- After audit_link, by its name, which holds the lock by then.
      create function audit_number() returns trigger language plpgsql as $$
      begin
        if new.organisation_id is null then
          select coalesce(max(number), 0) + 1 into new.number from audit_log where organisation_id is null;
        else
          select coalesce(max(number), 0) + 1 into new.number from audit_log
            where organisation_id = new.organisation_id;
        end if;
        return new;
      end $$;
      create trigger audit_number before insert on audit_log for each row execute function audit_number();
      """)
}
