-- Why: the parties outside that see the heads of the ledger (witnesses, time-stamp authorities, mirrors), how they fare,
-- and what a bundle could claim when it was made. New tables and a column that may be null; safe beside old code.

create table ledger_party (
  id text primary key,
  kind text not null check (kind in ('witness', 'timestamp', 'mirror')),
  name text not null check (length(name) between 1 and 200),
  -- Addresses, public keys and certificates. No secrets.
  settings jsonb not null,
  every_seconds integer not null check (every_seconds >= 1),
  added_at timestamptz not null,
  added_by text not null,
  removed_at timestamptz,
  removed_by text,
  -- The largest head it has seen. A new log begins at zero again, so the log is named with it.
  last_origin text,
  last_size bigint,
  last_at timestamptz,
  failures integer not null default 0,
  problem text,
  problem_since timestamptz,
  -- Also the claim of the process that asks it now: two processes never ask one party at once.
  next_try_at timestamptz not null
);
create unique index ledger_party_name on ledger_party (kind, name) where removed_at is null;

create table ledger_party_problem (
  id bigint generated always as identity primary key,
  party_id text not null references ledger_party (id),
  sentence text not null,
  began_at timestamptz not null,
  ended_at timestamptz
);
create index ledger_party_problem_newest on ledger_party_problem (began_at desc);

create table ledger_mirrored (
  party_id text not null references ledger_party (id),
  origin text not null,
  size bigint not null check (size >= 0),
  mirrored_at timestamptz not null,
  primary key (party_id, origin, size)
);
create trigger ledger_mirrored_append_only before update or delete on ledger_mirrored
  for each row execute function ledger_refuse();

-- What was reached when the file was made: {level, steps, stillPossible}.
alter table bundle add column assurance jsonb;
