-- Why: evaluation suites with approved versions, runs and their results item by item. New tables only; safe beside old code.
-- `*_by` columns hold an actor: user:usr_…, key:key_…:usr_… or service:<name>.

create table evaluation_suite (
  id text primary key,
  name text not null unique,
  system_id text,
  created_at timestamptz not null,
  created_by text not null
);

-- Items, scorers and thresholds, frozen: a change is another version, and counts once a second person approved it.
create table evaluation_suite_version (
  suite_id text not null references evaluation_suite (id),
  version int not null check (version > 0),
  content jsonb not null,
  -- SHA-256 of the canonical JSON of the items.
  dataset_sha256 text not null,
  reason text not null,
  proposed_at timestamptz not null,
  proposed_by text not null,
  proposer_id text,
  review text not null default 'waiting' check (review in ('waiting', 'approved', 'refused')),
  reviewed_at timestamptz,
  reviewed_by text,
  comment text,
  primary key (suite_id, version),
  check (review = 'waiting' or (reviewed_at is not null and reviewed_by is not null and reviewed_by <> proposed_by))
);

create table evaluation_run (
  id text primary key,
  suite_id text references evaluation_suite (id),
  suite_version int,
  title text not null,
  dataset_sha256 text not null,
  -- 'run' when made here, else the format it was imported from.
  origin text not null,
  target jsonb not null,
  model text not null,
  state text not null check (state in ('queued', 'running', 'finished', 'failed', 'canceled')),
  cancel_requested boolean not null default false,
  items int not null,
  done int not null default 0,
  errors int not null default 0,
  scores jsonb not null default '[]',
  verdict text check (verdict in ('pass', 'fail', 'no_data')),
  because text,
  requested_at timestamptz not null,
  requested_by text not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- When it last moved: one that stands still was lost with its process.
  beat_at timestamptz,
  results_sha256 text,
  evidence_id text,
  error text,
  check (state <> 'finished' or (verdict is not null and results_sha256 is not null))
);
create index evaluation_run_listed on evaluation_run (requested_at desc, id desc);
create index evaluation_run_gate on evaluation_run (suite_id, model, finished_at desc);

create table evaluation_result (
  run_id text not null references evaluation_run (id),
  item_id text not null,
  position int not null,
  cluster text not null,
  output text,
  scores jsonb not null,
  error text,
  latency_ms double precision,
  primary key (run_id, item_id)
);
create index evaluation_result_listed on evaluation_result (run_id, position);
