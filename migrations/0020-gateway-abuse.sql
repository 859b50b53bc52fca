-- Why: callers of the gateway whose behavior is watched, and what was found. New tables only; safe beside old code.

create table gateway_caller (
  kind text not null check (kind in ('key', 'tenant')),
  id text not null,
  last_at timestamptz not null,
  state jsonb not null,
  primary key (kind, id)
);

create table gateway_abuse_finding (
  id text primary key,
  kind text not null,
  severity text not null check (severity in ('critical', 'high', 'medium')),
  caller_kind text not null check (caller_kind in ('key', 'tenant')),
  caller_id text not null,
  tenant_id text,
  rules_version integer not null,
  title text not null,
  reasons jsonb not null,
  numbers jsonb not null,
  decision_ids text[] not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  times integer not null,
  state text not null check (state in ('open', 'acted', 'dismissed')),
  alert_id text
);
create index gateway_abuse_finding_last on gateway_abuse_finding (last_at desc, id desc);
-- While it is open, the same thing of the same caller is the same finding.
create unique index gateway_abuse_finding_open on gateway_abuse_finding (kind, caller_kind, caller_id) where state = 'open';

create table gateway_abuse_action (
  id text primary key,
  finding_id text not null references gateway_abuse_finding (id),
  action text not null check (action in ('throttle', 'suspend', 'revoke', 'dismiss')),
  reason text not null,
  requests_per_minute integer,
  acted_by text not null,
  acted_at timestamptz not null
);
create index gateway_abuse_action_finding on gateway_abuse_action (finding_id, acted_at);
