-- Why: tables of bundles. New tables only; safe beside old code.

create table bundle (
  id text primary key,
  state text not null check (state in ('queued', 'running', 'ready', 'failed')),
  -- Both included; null for the whole ledger.
  from_index bigint,
  to_index bigint,
  -- False: evidence files are left out and declared withheld.
  with_blobs boolean not null default true,
  check ((from_index is null) = (to_index is null)),
  requested_by text not null,
  requested_at timestamptz not null,
  attempts integer not null default 0,
  finished_at timestamptz,
  written_bytes bigint not null default 0,
  size_bytes bigint,
  sha256 text,
  entries bigint,
  error text
);
create index bundle_requested on bundle (requested_at desc, id desc);

-- Who fetched which bundle. Rows are only added.
create table bundle_download (
  id bigint generated always as identity primary key,
  bundle_id text not null references bundle (id),
  at timestamptz not null,
  by text not null
);
create index bundle_download_bundle on bundle_download (bundle_id, id);
