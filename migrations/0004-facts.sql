-- Why: what connectors and the product's own records say, as content-addressed snapshots. New tables only; safe beside old code.
--
-- A source is read again and again; each reading is a collection with the next number of its source. A fact is stored once
-- (fact_content) and referred to by a span of collection numbers (fact_span), so a reading that finds nothing new costs one row.
-- Keys and digests compare by bytes ("C"): the same order on every machine, and faster than a language's order.

create table fact_source (
  id text primary key,
  key text collate "C" not null unique check (key <> ''),
  kind text not null,
  title text not null,
  created_at timestamptz not null,
  -- A retired source is judged no more; its history stays. Reading it again brings it back.
  retired_at timestamptz
);

create table fact_collection (
  id text primary key,
  source_id text not null references fact_source,
  number int not null check (number > 0),
  -- Kinds this reading states: none found of a stated kind means none there, if the reading is complete.
  kinds text[] not null,
  started_at timestamptz not null,
  finished_at timestamptz not null check (finished_at >= started_at),
  recorded_at timestamptz not null,
  complete boolean not null,
  note text,
  added int not null,
  changed int not null,
  removed int not null,
  unchanged int not null,
  -- SHA-256 over what was read, the same for two readings that found the same.
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  unique (source_id, number)
);

-- Which kinds a source ever stated, and from which of its collections on.
create table fact_source_kind (
  source_id text not null references fact_source,
  kind text not null,
  first_number int not null,
  primary key (source_id, kind)
);

create table fact_content (
  -- SHA-256 of {"body":…,"kind":…} in canonical JSON.
  digest text collate "C" primary key,
  kind text not null,
  -- Canonical JSON as text, not jsonb: the bytes are what the digest is of, and jsonb cannot hold every JSON string.
  body text not null
);

-- No foreign keys: a first reading writes 100,000 of these, each key would be looked up one by one and double the time, and
-- the transaction that writes them writes what they point to. Sources and contents are never deleted.
create table fact_span (
  source_id text not null,
  kind text not null,
  key text collate "C" not null,
  digest text collate "C" not null,
  from_number int not null,
  -- The collection that no longer found it so; null while it stands.
  to_number int check (to_number > from_number),
  primary key (source_id, kind, key, from_number)
);
-- One key says one thing at a time, whatever two recorders try.
create unique index fact_span_standing on fact_span (source_id, kind, key) where to_number is null;
create index fact_span_opened on fact_span (source_id, from_number);
create index fact_span_closed on fact_span (source_id, to_number) where to_number is not null;
