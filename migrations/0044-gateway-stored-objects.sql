-- Why: which tenant made what a provider stores (files, batches, stored answers), so that no other names it. A new table only;
-- safe beside old code, which binds nothing.

create table gateway_stored_object (
  -- Origin of the provider's base URL: providers of one origin may share an account.
  account text not null,
  -- SHA-256 of the id; the id itself is nobody's business here.
  id_sha256 bytea not null check (length(id_sha256) = 32),
  tenant_id text not null,
  bound_at timestamptz not null,
  -- Null: the provider keeps it until it is deleted.
  expires_at timestamptz,
  primary key (account, id_sha256)
);
create index gateway_stored_object_tenant on gateway_stored_object (tenant_id, bound_at);
create index gateway_stored_object_expires on gateway_stored_object (expires_at) where expires_at is not null;
