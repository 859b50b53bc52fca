-- Why: what the platform itself keeps: content-addressed blobs and encrypted secrets. New tables only; safe beside old code.

create table blob (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes bigint not null,
  media_type text not null,
  created_at timestamptz not null default now()
);

create table secret (
  id text primary key,
  name text not null unique,
  -- AES-256-GCM under a data key that is itself wrapped by the master key, which is kept outside the database.
  wrapped_key bytea not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);
