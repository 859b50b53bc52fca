-- Why: inference endpoints beside the gateway, with where each answers and what a call without credentials got there. A new table
-- only; safe beside old code.

create table endpoint_probe (
  item_id text primary key references inventory_item (id) on delete cascade,
  url text not null check (char_length(url) <= 500),
  method text not null check (method in ('GET', 'POST')),
  allow_private boolean not null,
  registered_by text not null,
  probed_at timestamptz not null,
  without_key int,
  wrong_key int,
  -- Why the probe says nothing; null where both calls were answered.
  problem text,
  evidence_id text not null
);
