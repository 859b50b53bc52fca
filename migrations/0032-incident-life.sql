-- Why: the life of an incident step by step, and what was learned from it. New column and table only; safe beside old code.

alter table incident add column lessons text;

-- Rows are only added; words of an erased person are taken out, and nothing else changes.
create table incident_step (
  id bigint primary key generated always as identity,
  incident_id text not null references incident (id),
  at timestamptz not null,
  by text not null,
  kind text not null check (kind in ('noted', 'changed', 'severity_changed')),
  -- The name of the changed field, or the severities.
  subject text,
  words text
);
create index incident_step_order on incident_step (incident_id, at, id);
create function incident_step_only_erased() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - 'words' <> to_jsonb(old) - 'words' or old.words is null or new.words is distinct from 'Erased' then
    raise exception 'incident_step is append-only: only words of an erased person are taken out';
  end if;
  return new;
end $$;
create trigger incident_step_append_only before delete or truncate on incident_step
  for each statement execute function ledger_refuse();
create trigger incident_step_only_erased before update on incident_step
  for each row execute function incident_step_only_erased();
