-- Why: calls that the product itself makes through the gateway, to judge or to probe, are no traffic of an AI system. Old code
-- does not know the column and adds tenants of callers, as before.

alter table gateway_tenant add column purpose text not null default 'callers'
  check (purpose in ('callers', 'judging', 'probing'));
update gateway_tenant set purpose = 'probing'
  where name in ('Isolation probe A', 'Isolation probe B', 'Attack suites') and audience = 'internal';
create unique index gateway_tenant_judging on gateway_tenant (purpose) where purpose = 'judging';
