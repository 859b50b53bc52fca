-- Why: the record of the AI gateway. New tables only; safe beside old code.
-- docs/spec/gateway-decisions.md says what is hashed and how a window is proven.

-- Numbers rows in the order they are written, over all partitions; a window is a stretch of this order within one slot of time.
create sequence gateway_decision_arrival;

-- One partition a day (UTC, by the instant the call began). Retention drops whole days.
create table gateway_decision (
  day date not null,
  id text not null,
  arrival bigint not null default nextval('gateway_decision_arrival'),
  occurred_at timestamptz not null,
  node_id text not null,
  sequence bigint not null,
  tenant_id text,
  key_id text,
  route_id text,
  provider_id text,
  model_asked text,
  model_answered text,
  policy_id text,
  outcome text not null,
  refusal text,
  ended text not null,
  http_status integer not null,
  fail_open boolean not null,
  -- Detectors that found something, and those that were due and did not run.
  found text[] not null,
  not_evaluated text[] not null,
  tokens_input bigint not null,
  tokens_output bigint not null,
  cost_micro_usd bigint,
  total_us bigint not null,
  added_us bigint not null,
  first_byte_us bigint,
  -- RFC 6962 leaf hash of the UTF-8 bytes of `body`, the canonical JSON of the decision.
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  body text not null,
  primary key (day, id)
) partition by range (day);
create index gateway_decision_arrived on gateway_decision (arrival);
create index gateway_decision_occurred on gateway_decision (occurred_at, id);
create index gateway_decision_tenant on gateway_decision (tenant_id, occurred_at);

-- Days away from today that decisions came for: readers of what is new look there, too.
create table gateway_late_day (day date primary key, arrival bigint not null);

-- Open until its slot is over; then sealed once. What comes later opens the next part of the same slot.
create table gateway_window (
  id text primary key,
  slot_from timestamptz not null,
  slot_to timestamptz not null,
  part integer not null check (part >= 0),
  -- True for decisions that came after the slot had been closed.
  supplement boolean not null,
  state text not null check (state in ('open', 'sealed')),
  arrival_after bigint not null,
  arrival_to bigint,
  decisions bigint,
  root bytea check (octet_length(root) = 32),
  counts jsonb,
  sealed_at timestamptz,
  ledger_pending_id text,
  unique (slot_from, part),
  check ((state = 'sealed') = (root is not null and decisions is not null and arrival_to is not null
    and counts is not null and sealed_at is not null and ledger_pending_id is not null))
);
create index gateway_window_slot on gateway_window (slot_from desc, part desc);
create unique index gateway_window_one_open on gateway_window (slot_from) where state = 'open';

create function gateway_window_sealed_once() returns trigger language plpgsql as $$
begin
  raise exception 'a sealed window of the gateway is never changed';
end $$;
create trigger gateway_window_sealed_once before update or delete on gateway_window
  for each row when (old.state = 'sealed') execute function gateway_window_sealed_once();

-- What each node of the gateway has numbered, as ranges of what arrived: gaps are what is between them.
create table gateway_node (
  node_id text primary key,
  first_at timestamptz not null,
  last_at timestamptz not null,
  decisions bigint not null,
  ranges jsonb not null
);

-- How far each reader of new decisions has come: every row up to this arrival is behind it.
create table gateway_reader (
  name text primary key,
  arrival bigint not null,
  at timestamptz not null
);

-- Sums by minute for screens and facts: they outlive the decisions.
create table gateway_minute (
  minute timestamptz not null,
  tenant_id text not null,
  route_id text not null,
  decisions bigint not null,
  allowed bigint not null,
  changed bigint not null,
  refused bigint not null,
  not_evaluated bigint not null,
  fail_open bigint not null,
  tokens_input bigint not null,
  tokens_output bigint not null,
  cost_micro_usd bigint not null,
  -- Counts by class: detectors that found something among changed and refused calls, refusals by code.
  found jsonb not null,
  refusals jsonb not null,
  -- Log histograms of the total and the added time in microseconds: [zero or less, [[bucket, count], …]].
  total_us jsonb not null,
  added_us jsonb not null,
  primary key (minute, tenant_id, route_id)
);

-- Which models of which providers callers have asked for, for the inventory.
create table gateway_use (
  provider_id text not null,
  model text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  calls bigint not null,
  primary key (provider_id, model)
);

-- Days that retention dropped, so that one without traffic can be told from one that is gone.
create table gateway_retention (
  day date primary key,
  dropped_at timestamptz not null,
  decisions bigint not null,
  windows bigint not null
);

-- One row, once somebody has changed the default.
create table gateway_record_setting (
  single boolean primary key default true check (single),
  retention_days integer not null check (retention_days between 1 and 3660),
  changed_at timestamptz not null,
  changed_by text not null
);
