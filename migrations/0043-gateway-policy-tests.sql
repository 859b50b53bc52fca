-- Why: a policy version is approved on a passing run of the attack suites under it, or in an emergency that is reviewed later.
-- New columns that may be empty and a new table; safe beside old code, which approves without a run.

alter table gateway_policy_version
  -- The run as it stood when the version was approved, with the limits it was held against.
  add column test_run jsonb,
  add column emergency_reason text,
  add column emergency_review_due_at timestamptz,
  add column emergency_reviewed_at timestamptz,
  add column emergency_reviewed_by text,
  add column emergency_review_note text;

-- Which version a run of the suites was under, where it was not the one in force on the route.
alter table gateway_probe_run
  add column policy_id text,
  add column policy_version integer,
  add column policy_digest text;
create index gateway_probe_run_policy on gateway_probe_run (policy_id, policy_version) where policy_id is not null;

-- A version that is being tried: it counts for calls with one key and for no other.
create table gateway_policy_trial (
  id text primary key,
  key_id text not null,
  tenant_id text not null unique,
  policy_id text not null references gateway_policy (id),
  version integer not null,
  digest text not null,
  ends_at timestamptz not null
);
create trigger gateway_policy_trial_changed after insert or update or delete on gateway_policy_trial
  for each statement execute function gateway_configuration_changed();
