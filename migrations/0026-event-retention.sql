-- Why: events of AI systems can have an end, and what was erased is known day by day; a hold can keep those of a system.
-- One new table and a wider check; safe beside old code.
create table event_erasure (
  day date not null,
  system_id text not null,
  events bigint not null,
  erased_at timestamptz not null,
  primary key (day, system_id)
);

alter table retention_hold drop constraint retention_hold_subject_kind_check;
alter table retention_hold add constraint retention_hold_subject_kind_check
  check (subject_kind in ('person', 'evidence', 'gateway-tenant', 'gateway-day', 'ai-system'));
