-- Why: tables of ledger. New tables only; safe beside old code.
-- docs/spec/ledger.md says what the columns mean. The triggers stop accidents; what stops intent is that heads are signed
-- and held by others.

create table ledger_log (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  origin text not null unique,
  size bigint not null default 0 check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  -- Roots of the complete subtrees at the right edge, largest first: all that appending needs to remember.
  frontier bytea not null,
  -- Counts changes of the writing process; only the writer of the current epoch may sign.
  epoch bigint not null default 0,
  writer text not null,
  created_at timestamptz not null,
  sealed_at timestamptz
);
create unique index ledger_log_one_open on ledger_log ((true)) where sealed_at is null;

-- Filled in the transaction of the business change, emptied by the sequencer.
create table ledger_pending (
  queue bigint generated always as identity primary key,
  -- Follows from the caller's dedupe key, so the same change appended twice is one row here and one entry in the log.
  id text not null unique,
  type text not null,
  series text,
  -- The leaf's canonical text around the place of its series member, whose number is given in sequence.
  before_series text not null,
  after_series text not null,
  recorded_at timestamptz not null
);

create table ledger_entry (
  log_id text not null,
  idx bigint not null check (idx >= 0),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  bytes bytea not null,
  type text not null,
  series text,
  seq bigint,
  pending_id text not null unique,
  recorded_at timestamptz not null,
  primary key (log_id, idx),
  unique (log_id, series, seq),
  check ((series is null) = (seq is null))
);
create index ledger_entry_type on ledger_entry (log_id, type, idx);

-- Full tiles only: 256 hashes. Partial ones follow from ledger_entry and from the roots of the tiles below.
create table ledger_tile (
  log_id text not null,
  level integer not null check (level >= 0),
  n bigint not null check (n >= 0),
  bytes bytea not null check (octet_length(bytes) = 8192),
  root bytea not null check (octet_length(root) = 32),
  primary key (log_id, level, n)
);

-- The row is there before the signature is made, so no size ever gets two roots.
create table ledger_signed (
  log_id text not null references ledger_log (id),
  size bigint not null,
  root bytea not null,
  note text,
  signed_at timestamptz not null,
  primary key (log_id, size)
);

create table ledger_cosignature (
  log_id text not null references ledger_log (id),
  size bigint not null,
  witness text not null,
  line text not null,
  cosigned_at timestamptz not null,
  primary key (log_id, size, witness)
);

-- What commitments in leaves stand for, encrypted. Rows are removed when a person is erased.
create table ledger_disclosure (
  pending_id text not null,
  field text not null,
  key_id text not null,
  salt bytea not null,
  value bytea not null,
  primary key (pending_id, field)
);

create function ledger_refuse() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op);
end $$;

create trigger ledger_entry_append_only before update or delete on ledger_entry
  for each statement execute function ledger_refuse();
create trigger ledger_tile_append_only before update or delete on ledger_tile
  for each statement execute function ledger_refuse();
create trigger ledger_cosignature_append_only before update or delete on ledger_cosignature
  for each statement execute function ledger_refuse();
create trigger ledger_log_kept before delete on ledger_log
  for each statement execute function ledger_refuse();
create trigger ledger_signed_kept before delete on ledger_signed
  for each statement execute function ledger_refuse();
create trigger ledger_pending_unchanged before update on ledger_pending
  for each row execute function ledger_refuse();

create trigger ledger_log_whole before truncate on ledger_log
  for each statement execute function ledger_refuse();
create trigger ledger_pending_whole before truncate on ledger_pending
  for each statement execute function ledger_refuse();
create trigger ledger_entry_whole before truncate on ledger_entry
  for each statement execute function ledger_refuse();
create trigger ledger_tile_whole before truncate on ledger_tile
  for each statement execute function ledger_refuse();
create trigger ledger_signed_whole before truncate on ledger_signed
  for each statement execute function ledger_refuse();
create trigger ledger_cosignature_whole before truncate on ledger_cosignature
  for each statement execute function ledger_refuse();

create function ledger_log_grows() returns trigger language plpgsql as $$
begin
  if new.id <> old.id or new.origin <> old.origin or new.created_at <> old.created_at
    or new.size < old.size or new.epoch < old.epoch
    or (old.sealed_at is not null and (new.sealed_at is null or new.size <> old.size)) then
    raise exception 'a ledger only grows, keeps its origin, and once sealed stays as it is';
  end if;
  return new;
end $$;
create trigger ledger_log_grows before update on ledger_log
  for each row execute function ledger_log_grows();

create function ledger_signed_once() returns trigger language plpgsql as $$
begin
  if old.note is not null or new.note is null or new.log_id <> old.log_id or new.size <> old.size
    or new.root <> old.root or new.signed_at <> old.signed_at then
    raise exception 'a signed head is never changed: only its missing note may be filled in';
  end if;
  return new;
end $$;
create trigger ledger_signed_once before update on ledger_signed
  for each row execute function ledger_signed_once();

create function ledger_pending_taken() returns trigger language plpgsql as $$
begin
  -- A scalar subquery, so that each row is one look-up: as a join the planner may read the whole ledger for 256 rows.
  if exists (select from gone where (select e.idx from ledger_entry e where e.pending_id = gone.id) is null) then
    raise exception 'an entry leaves ledger_pending only once it is in ledger_entry';
  end if;
  return null;
end $$;
create trigger ledger_pending_taken after delete on ledger_pending
  referencing old table as gone for each statement execute function ledger_pending_taken();
