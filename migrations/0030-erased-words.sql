-- Words of a person can be taken out when that person is erased; nothing else of these rows may change.

-- Who wrote each field of an incident, and why a key or tenant is as it is: whose words they are.
alter table incident add column written_by jsonb not null default '{}';
alter table gateway_tenant add column state_reason_by text;
alter table gateway_key add column state_reason_by text;

create function alert_step_erased(detail jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_object_agg(key, case when key in ('text', 'comment', 'reason') then '"Erased"'::jsonb else value end), '{}')
  from jsonb_each(detail)
$$;
create function alert_step_only_erased() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - 'detail' <> to_jsonb(old) - 'detail' or new.detail <> alert_step_erased(old.detail) then
    raise exception 'alert_step is append-only: only words of an erased person are taken out';
  end if;
  return new;
end $$;
drop trigger alert_step_append_only on alert_step;
create trigger alert_step_append_only before delete or truncate on alert_step
  for each statement execute function ledger_refuse();
create trigger alert_step_only_erased before update on alert_step
  for each row execute function alert_step_only_erased();

create function label_given_only_erased() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - 'comment' <> to_jsonb(old) - 'comment' or old.comment is null or new.comment is distinct from 'Erased' then
    raise exception 'label_given is append-only: only words of an erased person are taken out';
  end if;
  return new;
end $$;
drop trigger label_given_append_only on label_given;
create trigger label_given_append_only before delete or truncate on label_given
  for each statement execute function ledger_refuse();
create trigger label_given_only_erased before update on label_given
  for each row execute function label_given_only_erased();
