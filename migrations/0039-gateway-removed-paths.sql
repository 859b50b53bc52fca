-- Why: a path that is removed and added again begins under the policy it had, so that a milder one needs a second person there, too.
-- A new table only; safe beside old code.

create table gateway_removed_path (
  path text primary key,
  policy_id text references gateway_policy (id),
  removed_at timestamptz not null
);
