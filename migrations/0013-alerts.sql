-- Why: alerts with owner, clock and life line, their delivery, mutes and settings, and incidents. New tables only; safe beside old code.
-- `*_by` columns hold an actor: user:usr_…, key:key_…:usr_… or service:<name>.

create table incident (
  id text primary key,
  title text not null,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
  state text not null check (state in ('open', 'closed')),
  opened_at timestamptz not null,
  opened_by text not null,
  -- Why it happened, what was changed, and what shows that the change helped.
  root_cause text,
  change_ref text,
  retest_ref text,
  closed_at timestamptz,
  closed_by text,
  check ((state = 'closed') = (closed_at is not null)),
  check (state <> 'closed' or root_cause is not null)
);
create index incident_opened on incident (opened_at desc, id desc);

-- Owners, clocks, calendar and escalation. Every version stays; the highest is in force.
create table alert_settings (
  version int primary key check (version > 0),
  content jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  reason text not null
);

-- What is kept quiet for a time. It counts only once a second person approved it.
create table alert_mute (
  id text primary key,
  source text,
  source_id text,
  subject_id text,
  severity_max text not null check (severity_max in ('critical', 'high', 'medium', 'low')),
  reason text not null,
  starts_at timestamptz not null,
  expires_at timestamptz not null,
  requested_at timestamptz not null,
  requested_by text not null,
  -- The person behind the actor, for the rule of two persons.
  requester_id text not null,
  reviewed_at timestamptz,
  reviewed_by text,
  reviewer_id text,
  review text not null default 'waiting' check (review in ('waiting', 'approved', 'refused')),
  comment text,
  ended_at timestamptz,
  ended_by text,
  check (expires_at > starts_at),
  check (source is not null or source_id is not null or subject_id is not null),
  check (review = 'waiting' or (reviewer_id is not null and reviewer_id <> requester_id))
);
create index alert_mute_expires on alert_mute (expires_at);

create table alert (
  id text primary key,
  source text not null,
  source_id text not null,
  subject_kind text not null,
  subject_id text not null,
  subject_title text not null,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
  title text not null,
  reasons jsonb not null default '[]',
  evidence jsonb not null default '{}',
  link text,
  dedupe_key text not null,
  state text not null check (state in ('open', 'acknowledged', 'resolved')),
  occurred_at timestamptz not null,
  opened_at timestamptz not null,
  last_occurred_at timestamptz not null,
  occurrences int not null default 1,
  -- The resolved alert this one came back after.
  reopens_id text references alert (id),
  owner_id text,
  settings_version int not null,
  -- From when the clock runs: later than opened_at where a mute ended.
  clock_from timestamptz not null,
  acknowledge_due_at timestamptz not null,
  resolve_due_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  escalation_level smallint not null default 0,
  escalated_to text,
  resolved_at timestamptz,
  resolved_by text,
  resolution text check (resolution in ('fixed', 'false_positive', 'accepted_risk', 'expected_change', 'duplicate')),
  resolution_reason text,
  accepted_until timestamptz,
  -- The last repetition of the measure that raised it.
  retested_at timestamptz,
  retest_passed boolean,
  -- The mute under which it fired; quiet is true while that still holds.
  mute_id text references alert_mute (id),
  quiet boolean not null default false,
  incident_id text references incident (id),
  check ((state = 'resolved') = (resolved_at is not null)),
  check ((state = 'resolved') = (resolution is not null))
);
create unique index alert_unresolved on alert (dedupe_key) where state <> 'resolved';
create index alert_listed on alert (opened_at desc, id desc);
create index alert_dedupe on alert (dedupe_key, opened_at desc);
create index alert_waiting on alert (state, acknowledge_due_at) where state <> 'resolved';

-- The life line: everything that happened to an alert, in order. Rows are only added.
create table alert_step (
  id bigint generated always as identity primary key,
  alert_id text not null references alert (id),
  at timestamptz not null,
  by text not null,
  kind text not null,
  detail jsonb not null default '{}'
);
create index alert_step_alert on alert_step (alert_id, id);
create trigger alert_step_append_only before update or delete or truncate on alert_step
  for each statement execute function ledger_refuse();

create table alert_channel (
  id text primary key,
  name text not null,
  kind text not null check (kind in ('email', 'slack', 'webhook')),
  -- Never a secret: those are in the secret store under alerts.channel.<id>.
  config jsonb not null,
  severity_min text not null check (severity_min in ('critical', 'high', 'medium', 'low')),
  enabled boolean not null,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null,
  retired_at timestamptz
);

create table alert_delivery (
  id text primary key,
  -- Null for a test of the channel.
  alert_id text references alert (id),
  channel_id text not null references alert_channel (id),
  event text not null check (event in ('opened', 'raised', 'escalated', 'resolved', 'test')),
  state text not null check (state in ('waiting', 'delivered', 'dead')),
  attempts int not null default 0,
  created_at timestamptz not null,
  next_attempt_at timestamptz not null,
  delivered_at timestamptz,
  -- What the other side answered: a status or the id of the message.
  receipt text,
  last_error text
);
create index alert_delivery_alert on alert_delivery (alert_id);
create index alert_delivery_waiting on alert_delivery (next_attempt_at) where state = 'waiting';
create index alert_delivery_listed on alert_delivery (created_at desc, id desc);
