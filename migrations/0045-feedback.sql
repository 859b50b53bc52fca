-- Why: what users say of answers, and what people did about it. A new table only; safe beside old code.

create table feedback (
  id text primary key,
  system_id text not null,
  -- As the sender named it: the same one again is the same feedback.
  external_id text not null,
  event_id text not null,
  model_version text,
  thumb text check (thumb in ('up', 'down')),
  label text,
  has_text boolean not null,
  -- What the user wrote, encrypted, until the feedback is closed or this day has come.
  text_sealed bytea,
  text_keep_until timestamptz,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  state text not null check (state in ('noted', 'open', 'triaged', 'closed')),
  triaged_at timestamptz,
  triaged_by text,
  outcome text,
  reference text,
  closed_at timestamptz,
  closed_by text,
  unique (system_id, external_id)
);
create index feedback_received on feedback (received_at desc, id desc);
create index feedback_by_system on feedback (system_id, received_at);
create index feedback_texts on feedback (text_keep_until) where text_sealed is not null;
