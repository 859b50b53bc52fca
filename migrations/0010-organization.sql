-- Why: who the company is and what the report covers, with every change of scope. New tables only; safe beside old code.

create table organization (
  -- One deployment serves one company.
  id text primary key check (id = 'organization'),
  profile jsonb not null,
  revision int not null check (revision > 0),
  updated_at timestamptz not null,
  updated_by text not null
);

create table organization_scope_change (
  id text primary key,
  field text not null,
  before jsonb not null,
  after jsonb not null,
  changed_at timestamptz not null,
  -- A user, or 'service:…'.
  changed_by text not null
);
create index organization_scope_change_at on organization_scope_change (changed_at desc, id desc);
