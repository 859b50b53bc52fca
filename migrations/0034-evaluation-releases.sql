-- Why: what the gate said of a model that is to go into an AI system, with every suite it asked. A new table only; safe
-- beside old code.

create table evaluation_release (
  id text primary key,
  system_id text not null,
  model text not null,
  model_digest text,
  -- As they stood when it was decided; null where nobody had said it.
  risk_tier smallint,
  sensitive_data boolean,
  verdict text not null check (verdict in ('pass', 'fail', 'no_data')),
  because text not null,
  checks jsonb not null,
  decided_at timestamptz not null,
  asked_by text not null
);
create index evaluation_release_listed on evaluation_release (system_id, decided_at desc, id desc);
