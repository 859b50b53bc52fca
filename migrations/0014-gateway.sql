-- Why: what the AI gateway runs on: providers, tenants, keys, routes, policies and prices. New tables only; safe beside
-- old code. A trigger on each of them raises one number and tells every node, so that no writer can forget to.

-- One row: the number of the configuration. It grows with each change, whoever makes it.
create table gateway_configuration (
  id text primary key check (id = 'configuration'),
  version bigint not null
);
insert into gateway_configuration (id, version) values ('configuration', 1);

create function gateway_configuration_changed() returns trigger language plpgsql as $$
declare
  raised bigint;
begin
  update gateway_configuration set version = version + 1 where id = 'configuration' returning version into raised;
  -- Delivered when the transaction commits, and not at all when it does not.
  perform pg_notify('gateway_snapshot', raised::text);
  return null;
end $$;

create table gateway_provider (
  id text primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  kind text not null check (kind in ('openai', 'anthropic', 'openai_compatible')),
  base_url text not null,
  auth_style text not null check (auth_style in ('bearer', 'x-api-key', 'api-key', 'none')),
  -- Where its key is in the secret store. Another name after each rotation, so that a node never uses a stale one.
  secret_name text,
  key_set_at timestamptz,
  key_set_by text,
  -- Null allows any model.
  models text[],
  allow_private_address boolean not null,
  timeouts jsonb not null,
  max_retries int not null,
  created_at timestamptz not null,
  created_by text not null,
  check ((secret_name is null) = (key_set_at is null) and (secret_name is null) = (key_set_by is null))
);

-- The last connection test of a provider. Apart, because a test changes nothing a node runs on.
create table gateway_provider_test (
  provider_id text primary key references gateway_provider (id) on delete cascade,
  tested_at timestamptz not null,
  tested_by text not null,
  outcome text not null,
  message text not null,
  models text[] not null
);

create table gateway_policy (
  id text primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  description text not null,
  created_at timestamptz not null,
  created_by text not null
);

create table gateway_policy_version (
  policy_id text not null references gateway_policy (id),
  version int not null check (version > 0),
  document jsonb not null,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  -- What it changes and why, in the words of its author.
  note text not null,
  state text not null check (state in ('draft', 'submitted', 'approved', 'refused', 'withdrawn')),
  -- Everybody who wrote a part of it: none of them may approve it.
  authors text[] not null check (cardinality(authors) > 0),
  created_at timestamptz not null,
  changed_at timestamptz not null,
  submitted_at timestamptz,
  submitted_by text,
  decided_at timestamptz,
  decided_by text,
  decision_reason text,
  -- The moment from which it counts. The version in force is the one with the latest such moment that has come.
  in_force_from timestamptz,
  primary key (policy_id, version),
  check ((state = 'approved') = (in_force_from is not null)),
  check ((state in ('approved', 'refused')) = (decided_by is not null and decided_at is not null))
);
-- At most one version of a policy is being worked on.
create unique index gateway_policy_version_open on gateway_policy_version (policy_id)
  where state in ('draft', 'submitted');

create table gateway_tenant (
  id text primary key,
  name text not null unique,
  audience text not null check (audience in ('customer', 'internal')),
  state text not null check (state in ('active', 'suspended')),
  state_reason text,
  policy_id text references gateway_policy (id),
  limits jsonb not null,
  capture_days int not null check (capture_days between 0 and 3650),
  created_at timestamptz not null,
  created_by text not null
);

create table gateway_key (
  id text primary key,
  tenant_id text not null references gateway_tenant (id),
  name text not null,
  -- Of the whole key as it is presented. The key itself is stored nowhere.
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  prefix text not null,
  scopes text[] not null check (cardinality(scopes) > 0),
  models text[],
  expires_at timestamptz,
  state text not null check (state in ('active', 'suspended', 'revoked')),
  state_reason text,
  state_changed_at timestamptz,
  -- Null takes the limits of the tenant.
  limits jsonb,
  -- The key this one takes the place of.
  rotated_from_id text references gateway_key (id),
  created_at timestamptz not null,
  created_by text not null
);
create index gateway_key_tenant on gateway_key (tenant_id);

-- When a key was last used, precise to the hour. Apart, because a use changes nothing a node runs on.
create table gateway_key_use (
  key_id text primary key references gateway_key (id) on delete cascade,
  last_used_at timestamptz not null
);

create table gateway_jwt_issuer (
  id text primary key,
  issuer text not null unique,
  audience text not null,
  jwks_url text not null,
  tenant_claim text not null,
  algorithms text[] not null check (cardinality(algorithms) > 0),
  created_at timestamptz not null,
  created_by text not null
);

create table gateway_route (
  id text primary key,
  path text not null unique check (path ~ '^/'),
  provider_id text not null references gateway_provider (id),
  model_aliases jsonb not null,
  policy_id text references gateway_policy (id),
  -- Of all calls on this path together; null is none.
  limits jsonb,
  created_at timestamptz not null,
  created_by text not null
);
create index gateway_route_provider on gateway_route (provider_id);
create index gateway_route_policy on gateway_route (policy_id);

create table gateway_price (
  -- Id of a provider, or a kind of providers.
  provider text not null,
  -- Exact, or the start of a name before a final '*'.
  model text not null,
  input_micro_usd_per_mtok bigint not null check (input_micro_usd_per_mtok >= 0),
  output_micro_usd_per_mtok bigint not null check (output_micro_usd_per_mtok >= 0),
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (provider, model)
);

-- Limits on all use of a model, whoever asks.
create table gateway_model_limit (
  model text primary key,
  limits jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);

-- Values planted for one tenant: seen under another, they are a leak.
create table gateway_canary (
  tenant_id text not null references gateway_tenant (id) on delete cascade,
  value text not null,
  created_at timestamptz not null,
  primary key (tenant_id, value)
);

create trigger gateway_provider_changed after insert or update or delete on gateway_provider
  for each statement execute function gateway_configuration_changed();
create trigger gateway_policy_version_changed after insert or update or delete on gateway_policy_version
  for each statement execute function gateway_configuration_changed();
create trigger gateway_tenant_changed after insert or update or delete on gateway_tenant
  for each statement execute function gateway_configuration_changed();
create trigger gateway_key_changed after insert or update or delete on gateway_key
  for each statement execute function gateway_configuration_changed();
create trigger gateway_jwt_issuer_changed after insert or update or delete on gateway_jwt_issuer
  for each statement execute function gateway_configuration_changed();
create trigger gateway_route_changed after insert or update or delete on gateway_route
  for each statement execute function gateway_configuration_changed();
create trigger gateway_price_changed after insert or update or delete on gateway_price
  for each statement execute function gateway_configuration_changed();
create trigger gateway_model_limit_changed after insert or update or delete on gateway_model_limit
  for each statement execute function gateway_configuration_changed();
create trigger gateway_canary_changed after insert or update or delete on gateway_canary
  for each statement execute function gateway_configuration_changed();
