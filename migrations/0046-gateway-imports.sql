-- Why: what the configuration of other gateways says of authentication and limits, route by route. A new table only; safe beside
-- old code.

create table gateway_import (
  -- What people call the gateway the files are of.
  name text primary key,
  gateway text not null,
  imported_at timestamptz not null,
  imported_by text not null,
  -- Why the files do not say everything; null where they were read whole.
  cut text,
  routes jsonb not null,
  evidence_id text not null
);
