-- Why: probes between tenants and attack runs through the gateway. A new table only; safe beside old code.

create table gateway_probe_run (
  id text primary key,
  kind text not null check (kind in ('isolation', 'attack')),
  state text not null check (state in ('queued', 'running', 'clean', 'found', 'incomplete', 'failed')),
  suites text[] not null,
  route_id text,
  model text,
  requested_by text not null,
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  problem text,
  result jsonb,
  evidence_id text
);
create index gateway_probe_run_requested on gateway_probe_run (requested_at desc, id desc);
