import Postgres

extension Schema {
  static let people = Migration(
    "members, invitations, second factors", list: "hosting",
    sql: """
      alter table memberships add actions text[], add projects uuid[], add servers uuid[], add instances uuid[];
      comment on column memberships.actions is 'what he may do of the actions that are granted one by one; null: what his role has';
      comment on column memberships.projects is 'the only projects that exist for him; null: all';
      comment on column memberships.servers is 'the only servers that exist for him; null: all';
      comment on column memberships.instances is 'the only instances that exist for him; null: all';

      create table invitations (
        id uuid primary key,
        token_hash bytea not null unique,
        organisation_id uuid not null references organisations on delete cascade,
        email text not null check (email = lower(email)),
        role text not null check (role in ('owner', 'admin', 'developer', 'tester', 'viewer')),
        actions text[],
        projects uuid[],
        servers uuid[],
        instances uuid[],
        invited_by text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        unique (organisation_id, email)
      );

      alter table people
        add totp_secret bytea, add totp_since timestamptz, add totp_step bigint not null default 0;
      comment on column people.totp_secret is 'sealed for people/ID/totp_secret';
      comment on column people.totp_since is 'null: the person has not shown yet that a program of his makes right codes';
      comment on column people.totp_step is 'the time step of the last code that was used: none is good twice';
      create table recovery_codes (
        person_id uuid not null references people on delete cascade,
        code_hash bytea not null,
        primary key (person_id, code_hash)
      );
      create table sign_in_challenges (
        token_hash bytea primary key,
        person_id uuid not null references people on delete cascade,
        expires_at timestamptz not null
      );

      alter table api_tokens add scopes text[];
      comment on column api_tokens.scopes is 'the only permissions that it has; null: all that its person has';
      """)

  static let mailedLinks = Migration(
    "links for a new password, by mail", list: "hosting",
    sql: """
      alter table sign_in_links drop constraint sign_in_links_purpose_check;
      alter table sign_in_links add constraint sign_in_links_purpose_check
        check (purpose in ('setPassword', 'signIn', 'resetPassword'));
      """)

  static let mailedSecondFactor = Migration(
    "links that turn a second factor off, by mail", list: "hosting",
    sql: """
      alter table sign_in_links drop constraint sign_in_links_purpose_check;
      alter table sign_in_links add constraint sign_in_links_purpose_check
        check (purpose in ('setPassword', 'signIn', 'resetPassword', 'secondFactorOff'));
      alter table people add password_mailed_at timestamptz;
      comment on column people.password_mailed_at is
        'when the password was chosen by a link that was mailed; null where it was not';
      """)

  static let provenInvitations = Migration(
    "links of invitations that prove an address", list: "hosting",
    sql: """
      alter table invitations add column mailed_hash bytea unique;
      comment on column invitations.mailed_hash is 'of the link that went to the address itself; null: none did';
      """)
}
