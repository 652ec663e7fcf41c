import Postgres

extension Schema {
  static let serversOverSSH = Migration(
    "servers over SSH", list: "hosting",
    sql: """
      alter table servers
        add port int not null default 22 check (port between 1 and 65535),
        add ssh_user text,
        add host_keys jsonb not null default '[]',
        add public_key text,
        add private_key bytea,
        add mode text not null default 'active' check (mode in ('active', 'draining', 'maintenance')),
        add stage_policy text not null default 'warn' check (stage_policy in ('allow', 'warn', 'refuse')),
        add note text not null default '',
        add machine_id text,
        add validated_at timestamptz,
        add removed_at timestamptz,
        add constraint servers_way_in check (
          kind = 'local' or removed_at is not null
            or (ssh_user is not null and public_key is not null and private_key is not null
              and jsonb_array_length(host_keys) > 0));
      comment on column servers.private_key is 'sealed for servers/ID/private_key';
      comment on column servers.machine_id is '/etc/machine-id, as seen when the server was validated';
      comment on column servers.validated_at is 'null: nothing is done on it (over SSH) until it is validated';
      comment on column servers.removed_at is 'the row stays, since tombstones of instances point to it';
      alter table servers drop constraint servers_name_key;
      create unique index servers_name on servers (name) where removed_at is null;
      create unique index servers_address on servers (lower(address), port) where kind = 'ssh' and removed_at is null;
      create unique index servers_machine on servers (machine_id) where removed_at is null;

      -- Who acts on a server holds its lane, which has the epoch.
      alter table servers drop epoch;
      create function keep_lane_of_server() returns trigger language plpgsql as $$
      begin
        if tg_op = 'DELETE' or new.removed_at is not null then
          delete from job_lane where id = old.id;
        else
          insert into job_lane (id) values (new.id) on conflict do nothing;
        end if;
        perform pg_notify('odeum_job_lanes', '');
        return null;
      end $$;
      create trigger servers_lane after insert or delete or update of removed_at on servers
        for each row execute function keep_lane_of_server();
      insert into job_lane (id) select id from servers where removed_at is null;

      create function announce_server_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify('hosting_changes', new.id::text);
        return null;
      end $$;
      create trigger servers_announce_new after insert on servers
        for each row execute function announce_server_change();
      create trigger servers_announce after update on servers for each row
        when ((old.name, old.status, old.status_reason, old.mode, old.stage_policy, old.note, old.exposed,
            old.address, old.port, old.ssh_user, old.host_keys, old.validated_at, old.removed_at)
          is distinct from (new.name, new.status, new.status_reason, new.mode, new.stage_policy, new.note, new.exposed,
            new.address, new.port, new.ssh_user, new.host_keys, new.validated_at, new.removed_at))
        execute function announce_server_change();
      """)

  static let namesOfServers = Migration(
    "names of servers are their owner's", list: "hosting",
    sql: """
      -- A name or an address that another organisation has is free: it would tell of that one otherwise. That two have
      -- one machine shows by its id, to who can sign in there.
      drop index servers_name;
      drop index servers_address;
      create unique index servers_name on servers (organisation_id, name) nulls not distinct where removed_at is null;
      create unique index servers_address on servers (organisation_id, lower(address), port) nulls not distinct
        where kind = 'ssh' and removed_at is null;
      """)

  static let sharedFolders = Migration(
    "folders that servers offer to their instances", list: "hosting",
    sql: """
      alter table servers add shared_folders jsonb not null default '[]';
      comment on column servers.shared_folders is 'absolute paths that instances may have shared addons from';
      drop trigger servers_announce on servers;
      create trigger servers_announce after update on servers for each row
        when ((old.name, old.status, old.status_reason, old.mode, old.stage_policy, old.note, old.exposed,
            old.address, old.port, old.ssh_user, old.host_keys, old.validated_at, old.removed_at, old.shared_folders)
          is distinct from (new.name, new.status, new.status_reason, new.mode, new.stage_policy, new.note, new.exposed,
            new.address, new.port, new.ssh_user, new.host_keys, new.validated_at, new.removed_at, new.shared_folders))
        execute function announce_server_change();
      """)

  static let filestoreFolders = Migration(
    "folders that servers offer for files of instances", list: "hosting",
    sql: """
      alter table servers add filestore_folders jsonb not null default '[]';
      comment on column servers.filestore_folders is 'absolute paths that instances may have their files in';
      drop trigger servers_announce on servers;
      create trigger servers_announce after update on servers for each row
        when ((old.name, old.status, old.status_reason, old.mode, old.stage_policy, old.note, old.exposed,
            old.address, old.port, old.ssh_user, old.host_keys, old.validated_at, old.removed_at, old.shared_folders,
            old.filestore_folders)
          is distinct from (new.name, new.status, new.status_reason, new.mode, new.stage_policy, new.note, new.exposed,
            new.address, new.port, new.ssh_user, new.host_keys, new.validated_at, new.removed_at, new.shared_folders,
            new.filestore_folders))
        execute function announce_server_change();
      """)

  static let addressPolicy = Migration(
    "where servers of organisations may be", list: "hosting",
    sql: """
      alter table servers add leads_anywhere boolean not null default true;
      comment on column servers.leads_anywhere is
        'an operator set the address; if not, it is looked up and checked before each connection';
      """)
}
