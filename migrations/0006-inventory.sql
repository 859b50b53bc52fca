-- Why: tables of the AI inventory. New tables only; safe beside old code.
-- `*_by` columns hold an actor: user:usr_…, key:key_…:usr_… or service:<name>. Names of people are looked up, never copied.

-- What was last read of each source: the mark that a later reading says the same, and when anything there was last seen.
create table inventory_source (
  key text primary key,
  title text not null,
  last_read_at timestamptz not null,
  -- SHA-256 of the last recorded content.
  digest text not null,
  evidence_id text not null
);

create table inventory_system (
  id text primary key,
  name text not null,
  state text not null check (state in ('proposed', 'confirmed', 'rejected', 'retired')),
  origin text not null check (origin in ('scan', 'manual')),
  source_key text,
  source_title text,
  -- Folder inside the source, '.' for its root. Null for systems added by hand.
  root text,
  purpose text,
  owner_id text,
  data_classes text[] not null default '{}',
  risk_tier smallint check (risk_tier between 1 and 3),
  environment text check (environment in ('production', 'staging', 'development', 'research')),
  autonomy_level smallint check (autonomy_level between 0 and 3),
  scope text not null default 'undecided' check (scope in ('in', 'out', 'undecided')),
  scope_reason text,
  scope_decided_by text,
  scope_approved_by text,
  scope_decided_at timestamptz,
  scope_pending_reason text,
  scope_pending_by text,
  scope_pending_at timestamptz,
  attested_at timestamptz,
  attested_by text,
  created_at timestamptz not null,
  created_by text not null,
  unique (source_key, root),
  -- An exclusion without a reason and a second person cannot be stored, whatever the code above does.
  check (scope <> 'out' or (scope_reason is not null and scope_approved_by is not null and scope_approved_by <> scope_decided_by))
);

create table inventory_item (
  id text primary key,
  kind text not null,
  title text not null,
  state text not null check (state in ('proposed', 'confirmed', 'rejected', 'gone')),
  origin text not null check (origin in ('scan', 'manual')),
  source_key text references inventory_source (key),
  -- What makes it the same thing at the next scan, within its source and kind.
  identity text,
  provider text,
  details jsonb not null default '{}',
  -- Where it was seen first, why it is believed to be there, and every place, bounded.
  path text,
  line integer,
  rule text,
  confidence text check (confidence in ('high', 'medium', 'low')),
  purpose text,
  fact_kind text,
  fact_key text,
  places jsonb not null default '[]',
  places_count integer not null default 0,
  system_id text references inventory_system (id),
  -- Set once a person chose the system: a scan then leaves it alone.
  system_chosen_by text,
  proposed_at timestamptz not null,
  proposed_by text not null,
  decided_at timestamptz,
  decided_by text,
  reason text,
  gone_at timestamptz,
  -- What it returns to when it is found again.
  state_before_gone text check (state_before_gone in ('proposed', 'confirmed', 'rejected')),
  unique (source_key, kind, identity),
  check ((origin = 'scan') = (source_key is not null)),
  check (state <> 'rejected' or reason is not null)
);
create index inventory_item_system on inventory_item (system_id);
create index inventory_item_state on inventory_item (state, kind);

create table inventory_edge (
  from_id text not null references inventory_item (id),
  to_id text not null references inventory_item (id),
  origin text not null check (origin in ('scan', 'manual')),
  because text,
  primary key (from_id, to_id, origin),
  check (from_id <> to_id)
);
create index inventory_edge_to on inventory_edge (to_id);

-- Every decision and every change a scan caused, for items and systems. Rows are only added.
create table inventory_change (
  id bigint generated always as identity primary key,
  subject_id text not null,
  at timestamptz not null,
  by text,
  from_state text,
  to_state text not null,
  reason text
);
create index inventory_change_subject on inventory_change (subject_id, id);
