-- Why: answers of live traffic that are held against their context: what was chosen, what came of it, and why not where
-- nothing did. Counts and digests, never texts. New tables only; safe beside old code.

create table groundedness_check (
  id text primary key,
  -- SHA-256 of the approved rule (who is sampled, who judges): monitors with the same rule share their checks.
  sampling text not null,
  -- The event that is judged: of the gateway, the decision of the call.
  event_id text not null,
  system_id text not null,
  model_version text,
  occurred_at timestamptz not null,
  admitted_at timestamptz not null,
  state text not null check (state in ('waiting', 'judged', 'not_judged')),
  -- Why nothing was judged; a closed word.
  reason text,
  -- What judged, with versions.
  method text,
  claims integer,
  supported integer,
  unsupported integer,
  -- Of the unsupported ones, those the context speaks against.
  contradicted integer,
  not_checked integer,
  -- Claims by what decided them.
  by_words integer,
  by_entailment integer,
  by_judge integer,
  texts_sha256 text,
  answer_characters integer not null,
  context_characters integer not null,
  took_ms integer,
  finished_at timestamptz,
  unique (sampling, event_id),
  check ((state = 'judged') = (claims is not null)),
  check ((state = 'not_judged') = (reason is not null))
);
create index groundedness_check_occurred on groundedness_check (system_id, occurred_at);
create index groundedness_check_waiting on groundedness_check (admitted_at) where state = 'waiting';

-- What a judge was asked within each hour, against the budget of its rule.
create table groundedness_judge_use (
  sampling text not null,
  hour_at timestamptz not null,
  calls integer not null,
  tokens bigint not null,
  primary key (sampling, hour_at)
);

-- People label answers of live traffic too: a sample then belongs to a rule and not to an evaluation run.
alter table label_sample alter column run_id drop not null;
alter table label_sample add column sampling text;
alter table label_sample add column system_id text;
alter table label_sample add check ((run_id is null) <> (sampling is null));
create unique index label_sample_live on label_sample (sampling, rate) where sampling is not null;
alter table label_item alter column run_id drop not null;
-- What judged the answer: what people say of one method corrects no other.
alter table label_item add column method text;
-- The captured payload that holds its text, where one does.
alter table label_item add column payload_id text;

-- Texts that a sender offered for labels, encrypted, until two people have labeled them or the time is over.
create table label_text (
  item_id text primary key references label_item (id),
  sealed bytea not null,
  keep_until timestamptz not null
);
create index label_text_keep_until on label_text (keep_until);
