-- Why: a route or a tenant that is to leave its policy for a milder one waits for a second person. A new table only; safe
-- beside old code, which moves without asking.

create table gateway_policy_move (
  id text primary key,
  target_kind text not null check (target_kind in ('route', 'tenant')),
  target_id text not null,
  from_policy_id text,
  to_policy_id text references gateway_policy (id),
  -- Of the target, both policies and what they say, so that nothing else is approved than what was read.
  digest text not null,
  changes jsonb not null,
  state text not null check (state in ('waiting', 'approved', 'refused', 'withdrawn')),
  requested_at timestamptz not null,
  requested_by text not null,
  decided_at timestamptz,
  decided_by text,
  reason text
);
create unique index gateway_policy_move_waiting on gateway_policy_move (target_kind, target_id) where state = 'waiting';
create index gateway_policy_move_requested on gateway_policy_move (requested_at desc);
