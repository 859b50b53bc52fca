-- Why: redacted payloads of gateway calls, kept where a tenant or a path turned that on. Adds only.

-- Days were written here before anything was kept: nobody decided on that with a reason, so nothing is kept by it now.
update gateway_tenant set capture_days = 0 where capture_days <> 0;
alter table gateway_route add column capture_days int not null default 0 check (capture_days between 0 and 3650);

-- Each time somebody wanted payloads kept, longer, shorter or no more.
create table gateway_payload_capture (
  id text primary key,
  subject_kind text not null check (subject_kind in ('tenant', 'route')),
  subject_id text not null,
  -- 0 keeps none.
  keep_days int not null check (keep_days between 0 and 3650),
  reason text not null,
  state text not null check (state in ('waiting', 'in_force', 'refused', 'withdrawn')),
  requested_at timestamptz not null,
  requested_by text not null,
  decided_at timestamptz,
  decided_by text,
  check ((state = 'waiting') = (decided_at is null) and (decided_at is null) = (decided_by is null))
);
create unique index gateway_payload_capture_waiting on gateway_payload_capture (subject_kind, subject_id)
  where state = 'waiting';
create index gateway_payload_capture_subject on gateway_payload_capture (subject_kind, subject_id, requested_at);

create table gateway_payload (
  decision_id text primary key,
  tenant_id text not null,
  occurred_at timestamptz not null,
  keep_until timestamptz not null,
  -- The data key it is under.
  key_id text not null,
  -- Salted hash of the end user the caller named.
  person_digest text,
  -- Of the plaintext; the decision holds the same.
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes int not null,
  -- Null once it was destroyed.
  sealed bytea,
  removed_at timestamptz,
  removed_for text check (removed_for in ('retention', 'erasure')),
  check ((sealed is null) = (removed_at is not null) and (removed_at is null) = (removed_for is null))
);
create index gateway_payload_tenant on gateway_payload (tenant_id, occurred_at);
create index gateway_payload_due on gateway_payload (keep_until) where sealed is not null;
create index gateway_payload_person on gateway_payload (person_digest) where person_digest is not null;

-- What was written is not changed: it is kept, or destroyed.
create function gateway_payload_unchanged() returns trigger language plpgsql as $$
begin
  if (new.sealed is not null and new.sealed is distinct from old.sealed)
    or (old.removed_at is not null and new.removed_at is distinct from old.removed_at)
    or (new.decision_id, new.tenant_id, new.occurred_at, new.key_id, new.sha256, new.bytes)
      is distinct from (old.decision_id, old.tenant_id, old.occurred_at, old.key_id, old.sha256, old.bytes)
  then
    raise exception 'a captured payload is never changed';
  end if;
  return new;
end $$;
create trigger gateway_payload_unchanged before update on gateway_payload
  for each row execute function gateway_payload_unchanged();

-- What became of the payload of a decision: captured, or why it was missed. Null: nothing was to be kept.
alter table gateway_decision add column payload text;
