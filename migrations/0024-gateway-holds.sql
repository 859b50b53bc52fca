-- A hold can keep the gateway's decisions too: those of one day, or every day on which a tenant called.
alter table retention_hold drop constraint retention_hold_subject_kind_check;
alter table retention_hold add constraint retention_hold_subject_kind_check
  check (subject_kind in ('person', 'evidence', 'gateway-tenant', 'gateway-day'));
