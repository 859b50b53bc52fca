-- Why: table of scans. A new table only; safe beside old code.

create table scan (
  id text primary key,
  path text not null,
  state text not null check (state in ('queued', 'running', 'recorded', 'failed', 'canceled')),
  requested_by text not null,
  requested_at timestamptz not null,
  -- How often a process took it up. A second loss of the process ends in `failed`.
  attempts integer not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  phase text not null default 'waiting',
  files bigint not null default 0,
  files_total bigint,
  bytes bigint not null default 0,
  detections bigint not null default 0,
  current text,
  cancel_requested boolean not null default false,
  source_key text,
  source_title text,
  error text,
  summary jsonb,
  evidence_id text
);
create index scan_requested on scan (requested_at desc, id desc);
-- One scan of a folder at a time.
create unique index scan_one_at_a_time on scan (path) where state in ('queued', 'running');
