-- Why: people, how they sign in, and the keys their programs use. New tables only; safe beside old code.

create table user_account (
  id text primary key,
  name text not null,
  email text not null unique check (email = lower(email)),
  email_verified boolean not null default false,
  image text,
  role text not null check (role in ('owner', 'admin', 'compliance', 'engineer', 'auditor', 'viewer')),
  -- The last day (UTC) on which the user may sign in. An owner's access has no end; an auditor's always has one.
  expires_on date check ((role <> 'owner' or expires_on is null) and (role <> 'auditor' or expires_on is not null)),
  disabled_at timestamptz,
  two_factor_enabled boolean not null default false,
  last_sign_in_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table user_session (
  id text primary key,
  user_id text not null references user_account (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null,
  -- Precise to a few minutes: when the session was last used.
  updated_at timestamptz not null
);
create index user_session_user on user_session (user_id);

-- How a user proves who they are; today always provider 'credential' with a scrypt hash.
create table user_credential (
  id text primary key,
  user_id text not null references user_account (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (provider_id, account_id)
);
create index user_credential_user on user_credential (user_id);

-- Short-lived values of the sign-in library, such as a second factor that is still to be given.
create table user_verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index user_verification_identifier on user_verification (identifier);

create table user_two_factor (
  id text primary key,
  user_id text not null unique references user_account (id) on delete cascade,
  -- Both encrypted by the sign-in library.
  secret text not null,
  backup_codes text not null,
  verified boolean not null default false,
  failed_verification_count int not null default 0,
  locked_until timestamptz
);

-- One-time links. Only the hash of the token is kept: who reads the database cannot use one.
create table user_link (
  id text primary key,
  purpose text not null check (purpose in ('setup', 'password')),
  -- Null for the set-up link, which makes the first user.
  user_id text references user_account (id) on delete cascade,
  token_sha256 text not null unique check (token_sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((purpose = 'setup') = (user_id is null))
);
create index user_link_user on user_link (user_id);

create table user_api_key (
  id text primary key,
  user_id text not null references user_account (id) on delete cascade,
  name text not null,
  secret_sha256 text not null unique check (secret_sha256 ~ '^[0-9a-f]{64}$'),
  hint text not null,
  -- Null means the role of its owner at the moment of use.
  role text check (role in ('owner', 'admin', 'compliance', 'engineer', 'auditor', 'viewer')),
  permissions text[],
  expires_on date not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index user_api_key_user on user_api_key (user_id);
