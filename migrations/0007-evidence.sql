-- Why: tables of evidence and attestations. New tables only; safe beside old code.
-- Rows of evidence are never changed except for `superseded_at`; content is a blob named by its digest.

create table evidence_item (
  id text primary key,
  kind text not null check (kind in ('scan', 'records', 'file', 'statement')),
  title text not null,
  source_key text not null,
  source_title text not null,
  query text not null,
  collector text not null,
  grade char(1) not null check (grade in ('A', 'B', 'C', 'D')),
  occurred_at timestamptz not null,
  observed_at timestamptz not null,
  recorded_at timestamptz not null,
  period_from date,
  period_to date,
  sha256 text not null references blob (sha256),
  size_bytes bigint not null,
  media_type text not null,
  file_name text not null,
  completeness jsonb not null default '[]',
  collection_id text,
  ledger_pending_id text not null,
  supersedes text references evidence_item (id),
  superseded_at timestamptz,
  check (period_from is null or period_from <= period_to)
);
create index evidence_item_source on evidence_item (source_key, recorded_at desc);
create index evidence_item_recorded on evidence_item (recorded_at desc, id desc);
create index evidence_item_supersedes on evidence_item (supersedes);

create table evidence_link (
  evidence_id text not null references evidence_item (id),
  kind text not null check (kind in ('control', 'test')),
  ref text not null,
  primary key (evidence_id, kind, ref)
);
create index evidence_link_ref on evidence_link (kind, ref);

-- A later reading that said exactly the same: no new item, one more entry in the ledger.
create table evidence_confirmation (
  evidence_id text not null references evidence_item (id),
  at timestamptz not null,
  ledger_pending_id text not null,
  primary key (evidence_id, at)
);

create table attestation (
  id text primary key,
  control_id text not null,
  expected_evidence_id text,
  evidence_id text not null unique references evidence_item (id),
  form text not null check (form in ('file', 'statement')),
  statement text,
  owner text not null,
  owner_id text not null,
  expires_on date not null,
  created_at timestamptz not null,
  review text not null default 'waiting' check (review in ('waiting', 'accepted', 'rejected')),
  reviewer text,
  reviewer_id text,
  reviewed_at timestamptz,
  review_comment text,
  review_pending_id text,
  withdrawn_at timestamptz,
  withdrawn_by text,
  withdrawn_reason text,
  check (review = 'waiting' or (reviewer_id is not null and reviewer_id <> owner_id and reviewed_at is not null)),
  check ((form = 'statement') = (statement is not null))
);
create index attestation_control on attestation (control_id, created_at desc);
create index attestation_created on attestation (created_at desc, id desc);
