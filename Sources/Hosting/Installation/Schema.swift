import Jobs
import Postgres

/// The tables of the control plane, as named migrations in the order in which they are applied. A migration
/// that has been released is never changed; another one is added behind it.
public enum Schema {
  /// Every migration of the control plane, those of the job queue first.
  public static let migrations: [Migration] =
    JobQueue.migrations + [
      tenancy, access, servers, instances, preparedDatabases, changes, customModules, reconciling, restored,
      serversOverSSH, audit, people, announcedStrays, circumstances, addressPolicy,
      mailedLinks, organisations, requestKeys, removedOrganisations,
      namesOfServers, partsInEffect, given, auditNumbers, sharedFolders, provenInvitations,
      filestoreFolders, wishesOfRequests, mailedSecondFactor, instanceStorage,
      namesOnServers,
    ]

  private static let tenancy = Migration(
    "installation, organisations, people", list: "hosting",
    sql: """
      create table installation (
        only_one boolean primary key default true check (only_one),
        id uuid not null,
        master_key_check bytea not null,
        created_at timestamptz not null default now()
      );
      create table organisations (
        id uuid primary key,
        slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$'),
        name text not null,
        created_at timestamptz not null default now()
      );
      create table people (
        id uuid primary key,
        email text not null check (email = lower(email)) unique,
        password_hash text,
        is_operator boolean not null default false,
        created_at timestamptz not null default now()
      );
      create table memberships (
        person_id uuid not null references people on delete cascade,
        organisation_id uuid not null references organisations on delete cascade,
        role text not null check (role in ('owner', 'admin', 'developer', 'tester', 'viewer')),
        created_at timestamptz not null default now(),
        primary key (person_id, organisation_id)
      );
      """)

  private static let access = Migration(
    "sessions, API tokens, sign-in links", list: "hosting",
    sql: """
      create table sessions (
        id uuid primary key,
        token_hash bytea not null unique,
        person_id uuid not null references people on delete cascade,
        address text not null,
        user_agent text not null,
        created_at timestamptz not null default now(),
        seen_at timestamptz not null default now(),
        expires_at timestamptz not null
      );
      create index sessions_person on sessions (person_id);
      create table api_tokens (
        id uuid primary key,
        token_hash bytea not null unique,
        person_id uuid not null references people on delete cascade,
        organisation_id uuid not null references organisations on delete cascade,
        name text not null,
        created_at timestamptz not null default now(),
        used_at timestamptz,
        expires_at timestamptz
      );
      create index api_tokens_person on api_tokens (person_id);
      create table sign_in_links (
        token_hash bytea primary key,
        person_id uuid not null references people on delete cascade,
        purpose text not null check (purpose in ('setPassword', 'signIn')),
        created_at timestamptz not null default now(),
        expires_at timestamptz not null
      );
      create table sign_in_failures (
        key text primary key,
        failures int not null,
        last_at timestamptz not null
      );
      """)

  private static let servers = Migration(
    "servers", list: "hosting",
    sql: """
      create table servers (
        id uuid primary key,
        name text not null unique check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        kind text not null check (kind in ('local', 'ssh')),
        organisation_id uuid references organisations,
        address text not null,
        exposed boolean not null default false,
        epoch bigint not null default 0,
        status text not null default 'ready' check (status in ('ready', 'unavailable')),
        status_reason text not null default 'Not looked at yet.',
        seen_at timestamptz,
        facts jsonb not null default '{}',
        created_at timestamptz not null default now()
      );
      comment on column servers.organisation_id is 'null: the operator''s, shared with the organisations of server_shares';
      create table server_shares (
        server_id uuid not null references servers on delete cascade,
        organisation_id uuid not null references organisations on delete cascade,
        primary key (server_id, organisation_id)
      );
      """)

  private static let instances = Migration(
    "instances", list: "hosting",
    sql: """
      create table instances (
        id uuid primary key,
        organisation_id uuid not null references organisations,
        server_id uuid not null references servers,
        name text not null check (name ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
        version text not null,
        edition text not null check (edition in ('community', 'enterprise')),
        stage text not null check (stage in ('production', 'staging', 'dev')),
        base_port int not null check (base_port between 10000 and 19990 and base_port % 10 = 0),
        origin jsonb not null,
        settings jsonb not null,
        settings_revision int not null default 1,
        applied_settings jsonb,
        database_password bytea not null,
        master_password bytea not null,
        images jsonb,
        desired text not null default 'running' check (desired in ('running', 'stopped')),
        status text not null check (status in
          ('creating', 'running', 'stopped', 'restarting', 'deploying', 'restoring', 'sleeping', 'failed', 'removing')),
        status_reason text not null,
        status_since timestamptz not null default now(),
        status_job uuid,
        created_at timestamptz not null default now(),
        removed_at timestamptz
      );
      create unique index instances_name on instances (name) where removed_at is null;
      create unique index instances_port on instances (server_id, base_port) where removed_at is null;
      create index instances_organisation on instances (organisation_id, name) where removed_at is null;
      comment on column instances.removed_at is 'the row stays as a tombstone: what a host still has of it is removed';
      """)

  private static let preparedDatabases = Migration(
    "prepared databases", list: "hosting",
    sql: """
      create table prepared_databases (
        server_id uuid not null references servers on delete cascade,
        key text not null,
        origin jsonb not null,
        state text not null check (state in ('building', 'ready')),
        job uuid not null,
        created_at timestamptz not null default now(),
        used_at timestamptz not null default now(),
        primary key (server_id, key)
      );
      """)

  private static let customModules = Migration(
    "custom modules", list: "hosting",
    sql: """
      alter table instances add checkouts jsonb not null default '[]';
      comment on column instances.checkouts is 'the commits of custom modules that the instance was last given';
      """)

  private static let partsInEffect = Migration(
    "images and code in effect", list: "hosting",
    sql: """
      alter table instances add applied_parts jsonb;
      comment on column instances.applied_parts is
        'the images and the checkouts in effect, to go back to where newer ones do not work';
      update instances set applied_parts = jsonb_build_object('images', images, 'checkouts', checkouts)
      where applied_settings is not null;
      """)

  private static let given = Migration(
    "what an operation was given", list: "hosting",
    sql: """
      alter table instances add given jsonb;
      comment on column instances.given is
        'what the last operation works with, as it was wanted when the operation began: what is saved meanwhile waits';
      -- For those that are in the middle of their work.
      update instances i set given = jsonb_build_object('job', j.id, 'settings', i.settings,
        'circumstances', jsonb_build_object('exposed', s.exposed, 'stage', i.stage))
      from servers s, job j
      where s.id = i.server_id and j.subject = i.id and j.started_at is not null and j.state in ('running', 'snoozed');
      """)

  private static let restored = Migration(
    "instances after a restore of the control plane", list: "hosting",
    sql: """
      alter table instances add restored_from timestamptz;
      comment on column instances.restored_from is
        'the backup that the row comes from, until what its server has of it was taken over';
      """)

  private static let changes = Migration(
    "changes are announced", list: "hosting",
    sql: """
      create function announce_instance_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify('hosting_changes', new.organisation_id || ' ' || new.id);
        return null;
      end $$;
      create trigger instances_announce after insert or update of status, status_reason, settings_revision, removed_at
        on instances for each row execute function announce_instance_change();
      """)
}
