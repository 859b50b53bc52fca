-- Why: what AI systems report about single predictions, labels, scores and operations, and who reported it. New tables
-- only; safe beside old code.

-- Whoever numbers its events: a gateway node, a process with the SDK, an imported file.
create table event_source (
  id integer primary key generated always as identity,
  name text not null unique,
  first_received_at timestamptz not null,
  last_received_at timestamptz not null,
  last_occurred_at timestamptz,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  rejected bigint not null default 0,
  late bigint not null default 0,
  out_of_order bigint not null default 0,
  skewed bigint not null default 0,
  highest_sequence bigint
);

create table event (
  id text primary key,
  source_id integer not null,
  sequence bigint,
  system_id text not null,
  kind text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  -- The id of the event this one speaks of: a label of a prediction, a score of an answer.
  about text,
  -- Kept letter by letter: `json` and not `jsonb`, so that a second event under an id can be held against the first.
  body json not null
);
-- Events come in nearly in order of time: block ranges find a window at almost no cost for the writer.
create index event_occurred on event using brin (occurred_at) with (pages_per_range = 16, autosummarize = on);
create index event_received on event using brin (received_at) with (pages_per_range = 64, autosummarize = on);
create index event_about on event (about) where about is not null;

-- One delivery: what came, what was taken, what was not and why. Never an event's content.
create table event_batch (
  id text primary key,
  received_at timestamptz not null,
  received_from text not null,
  form text not null check (form in ('json', 'ndjson', 'otlp', 'file', 'gateway')),
  received bigint not null,
  accepted bigint not null,
  duplicates bigint not null,
  rejected bigint not null,
  late bigint not null,
  out_of_order bigint not null,
  skewed bigint not null,
  complete boolean not null,
  -- The first ones: line, field, code, message.
  rejections jsonb not null
);
create index event_batch_received on event_batch (received_at desc, id desc);

-- Which AI system the calls of a gateway route belong to.
create table event_route (
  route_id text primary key,
  system_id text not null,
  set_by text not null,
  set_at timestamptz not null
);

-- Hours that events came for after they were over, and when the last one came: a window closed before that is computed
-- again.
create table event_late (
  system_id text not null,
  hour_at timestamptz not null,
  marked_at timestamptz not null,
  primary key (system_id, hour_at)
);
