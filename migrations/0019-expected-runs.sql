-- Why: periods in which runs of the control tests are due, announced in the ledger ahead of time. A new table only.
-- Which runs took place is told by judge_run.

create table judge_period (
  -- Periods follow each other without gaps: each begins where the one before ended.
  from_at timestamptz primary key,
  to_at timestamptz not null unique check (to_at > from_at),
  runs int not null check (runs > 0),
  -- Announced after it had begun, as nothing ran before: an outage.
  late boolean not null,
  announced_at timestamptz not null,
  expected_pending_id text not null,
  done int check (done between 0 and runs),
  closed_at timestamptz,
  performed_pending_id text,
  check ((closed_at is null) = (done is null) and (closed_at is null) = (performed_pending_id is null))
);
create index judge_period_open on judge_period (to_at) where closed_at is null;
create index judge_run_schedule on judge_run (at) where cause = 'schedule';
