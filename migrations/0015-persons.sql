-- Why: keys of persons that can be destroyed, erasure of persons and files, holds and retention. Adds only; old code goes on
-- working beside it.

-- Keys that other data is encrypted under, wrapped by the master key. A destroyed key keeps its id, so that it is never
-- made again.
create table data_key (
  id text primary key,
  wrapped_key bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  check ((wrapped_key is null) = (destroyed_at is not null))
);

-- The file is destroyed on purpose: first it is said here and in the ledger, then the file goes.
alter table blob add column erased_at timestamptz;
alter table blob add column removed_at timestamptz;
create index blob_to_remove on blob (erased_at) where erased_at is not null and removed_at is null;

create index ledger_disclosure_key on ledger_disclosure (key_id);

-- Whose word an item is: its content is then encrypted under a key of its own, which the key of the person opens.
alter table evidence_item add column person_id text;
alter table evidence_item add column erased_at timestamptz;
create index evidence_item_person on evidence_item (person_id) where person_id is not null;

create table person_erasure (
  person_id text primary key,
  erased_at timestamptz not null,
  erased_by text not null,
  reason text not null check (reason in ('request', 'consent-withdrawn', 'no-longer-needed', 'unlawful', 'law')),
  basis text not null,
  values_erased int not null,
  files_erased int not null,
  ledger_pending_id text not null
);

-- The first word of a class is a kind of evidence.
create table retention_rule (
  class text primary key,
  keep_days int not null check (keep_days between 1 and 36500),
  set_by text not null,
  set_at timestamptz not null
);

create table retention_hold (
  id text primary key,
  subject_kind text not null check (subject_kind in ('person', 'evidence')),
  subject_id text not null,
  reason text not null,
  placed_by text not null,
  placed_at timestamptz not null,
  released_by text,
  released_at timestamptz,
  release_reason text,
  check ((released_at is null) = (released_by is null) and (released_at is null) = (release_reason is null))
);
create unique index retention_hold_standing on retention_hold (subject_kind, subject_id) where released_at is null;

-- What else an export can ask for. A file that discloses personal values is removed when a person is erased.
alter table bundle add column series text[];
alter table bundle add column disclose text not null default 'nothing' check (disclose in ('nothing', 'files', 'everything'));
