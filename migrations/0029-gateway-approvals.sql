-- Why: calls of tools with high impact that a person approves, and the log of those that went through. New tables only; safe
-- beside old code.

create table gateway_approval (
  id text primary key,
  tenant_id text not null,
  key_id text,
  route_id text not null,
  policy_id text not null,
  policy_version integer not null,
  tool text not null,
  -- Of the arguments in canonical JSON. Never leaves this table: the ledger holds a commitment made with the nonce.
  arguments_sha256 text not null,
  nonce text not null,
  -- Encrypted under the key of the tenant; gone once decided or expired.
  arguments bytea,
  state text not null check (state in ('waiting', 'approved', 'refused', 'expired', 'used')),
  decision_id text not null,
  asked_at timestamptz not null,
  asked_again integer not null default 0,
  expires_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  reason text,
  used_at timestamptz,
  used_decision_id text,
  alert_id text,
  check (arguments is null or state = 'waiting'),
  check ((decided_at is null) = (decided_by is null))
);
create index gateway_approval_asked on gateway_approval (asked_at desc, id desc);
create index gateway_approval_call on gateway_approval (tenant_id, tool, arguments_sha256)
  where state in ('waiting', 'approved', 'refused');
create index gateway_approval_open on gateway_approval (expires_at) where state in ('waiting', 'approved');

-- Written with the decisions, not with the approvals: that the two agree is what is tested.
create table gateway_approved_call (
  decision_id text not null,
  ordinal integer not null,
  approval_id text not null,
  route_id text not null,
  tool text not null,
  at timestamptz not null,
  primary key (decision_id, ordinal)
);
create index gateway_approved_call_at on gateway_approved_call (at);
