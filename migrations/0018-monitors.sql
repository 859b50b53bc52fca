-- Why: what is watched of each AI system, against which approved baseline, and what every window came to. New tables only;
-- safe beside old code. Nothing here is changed in place: a correction is a new version beside the old one.

create table monitor (
  id text primary key,
  system_id text not null,
  created_at timestamptz not null,
  created_by text not null
);
create index monitor_system on monitor (system_id);

-- Definition and thresholds as a time line. Exactly one version is in force at a time.
create table monitor_version (
  monitor_id text not null references monitor (id),
  version integer not null,
  definition jsonb not null,
  digest text not null,
  state text not null check (state in ('proposed', 'in_force', 'superseded', 'refused')),
  reason text not null,
  -- Why this is less strict than the version before: thresholds, minimum, segments, a pause. Empty where it is not.
  loosens text[] not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  reviewed_by text,
  reviewed_at timestamptz,
  review_comment text,
  valid_from timestamptz,
  valid_to timestamptz,
  primary key (monitor_id, version)
);
create unique index monitor_version_in_force on monitor_version (monitor_id) where state = 'in_force';
create unique index monitor_version_proposed on monitor_version (monitor_id) where state = 'proposed';

create table monitor_baseline (
  id text primary key,
  monitor_id text not null references monitor (id),
  version integer not null,
  state text not null check (state in ('proposed', 'in_force', 'superseded', 'refused')),
  period_from timestamptz not null,
  period_to timestamptz not null,
  n bigint not null,
  -- Whether it is large enough for the windows it is held against.
  size_check jsonb not null,
  content bytea not null,
  sha256 text not null,
  reason text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  reviewed_by text,
  reviewed_at timestamptz,
  review_comment text,
  valid_from timestamptz,
  valid_to timestamptz,
  unique (monitor_id, version)
);
create unique index monitor_baseline_in_force on monitor_baseline (monitor_id) where state = 'in_force';
create unique index monitor_baseline_proposed on monitor_baseline (monitor_id) where state = 'proposed';

-- One window of one AI system: the family in which false discoveries are controlled, and one entry of the ledger.
create table monitor_batch (
  id text primary key,
  system_id text not null,
  length text not null check (length in ('hour', 'day', 'week', 'month')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  version integer not null,
  due_at timestamptz not null,
  started_at timestamptz not null,
  closed_at timestamptz not null,
  cause text not null,
  family_size integer not null,
  digest text not null,
  code_version text not null,
  unique (system_id, length, starts_at, version)
);

create table monitor_window (
  id text primary key,
  batch_id text not null references monitor_batch (id),
  monitor_id text not null references monitor (id),
  monitor_version integer not null,
  baseline_id text,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  version integer not null,
  state text not null check (state in ('ok', 'breach', 'insufficient_data', 'error', 'missed')),
  level text not null check (level in ('ok', 'warn', 'fail', 'none')),
  n bigint not null,
  cause text,
  -- Canonical JSON of what was counted; null where nothing was.
  content bytea,
  sha256 text,
  closed_at timestamptz not null,
  unique (monitor_id, starts_at, version)
);
create index monitor_window_batch on monitor_window (batch_id);

create table monitor_decision (
  window_id text not null references monitor_window (id),
  series text not null,
  monitor_id text not null,
  starts_at timestamptz not null,
  version integer not null,
  state text not null,
  level text not null,
  n bigint not null,
  value double precision,
  effect double precision,
  noise_floor double precision,
  low double precision,
  high double precision,
  p_adjusted double precision,
  warn double precision not null,
  fail double precision not null,
  -- Canonical JSON: what `monitor recompute` must give again, bit for bit.
  record bytea not null,
  sha256 text not null,
  primary key (window_id, series)
);
create index monitor_decision_series on monitor_decision (monitor_id, starts_at, series);

create table monitor_canary (
  day date not null,
  detector text not null,
  shifted_alarmed boolean not null,
  clean_alarmed boolean not null,
  record jsonb not null,
  ran_at timestamptz not null,
  primary key (day, detector)
);

create table monitor_specification (
  id text primary key,
  system_id text not null,
  version integer not null,
  content jsonb not null,
  digest text not null,
  state text not null check (state in ('proposed', 'in_force', 'superseded', 'refused')),
  reason text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  reviewed_by text,
  reviewed_at timestamptz,
  review_comment text,
  valid_from timestamptz,
  valid_to timestamptz,
  unique (system_id, version)
);
create unique index monitor_specification_in_force on monitor_specification (system_id) where state = 'in_force';
create unique index monitor_specification_proposed on monitor_specification (system_id) where state = 'proposed';
