-- Why: what the judge said of the facts, as spans of judging runs. New tables only; safe beside old code.
--
-- Storage grows with change, not with time times facts:
-- * a test has one standing summary (test_span), and one row per source it draws its population from (test_source_span);
-- * the verdict every fact of the population has unless something else is said is "pass, under its own key", and is not
--   stored: only what differs from it is a row (verdict_span). Facts are kept as spans too, so the passing subjects at any
--   time are the population as it stood then without those that have a row.

create table judge_run (
  -- Without gaps: runs wait for one another.
  number int primary key check (number > 0),
  -- The instant handed to the rules.
  at timestamptz not null,
  cause text not null check (cause in ('scan', 'records', 'schedule', 'person')),
  collection_id text references fact_collection
);
create index judge_run_at on judge_run (at);

-- From this run on, verdicts are about the source as this collection left it.
create table judged_source (
  source_id text not null references fact_source,
  run int not null references judge_run,
  collection_number int not null,
  primary key (source_id, run)
);

create table test_span (
  test_id text collate "C" not null,
  version int not null,
  -- SHA-256 over what the rule declares; another one means that all of it is judged again.
  rule_digest text not null,
  result text not null check (result in ('pass', 'fail', 'no_data', 'not_applicable', 'error')),
  because text not null,
  pass int not null,
  fail int not null,
  no_data int not null,
  not_applicable int not null,
  error int not null,
  from_run int not null references judge_run,
  to_run int references judge_run check (to_run > from_run),
  primary key (test_id, from_run)
);
create unique index test_span_standing on test_span (test_id) where to_run is null;

create table test_source_span (
  test_id text collate "C" not null,
  source_id text not null references fact_source,
  status text not null check (status in ('read', 'empty', 'stale', 'incomplete', 'unread', 'error')),
  -- Whether the verdicts and the passing facts of this source count. Where they do not, the source itself is one subject.
  counted boolean not null,
  because text not null,
  population int not null,
  pass int not null,
  fail int not null,
  no_data int not null,
  not_applicable int not null,
  error int not null,
  from_run int not null references judge_run,
  to_run int references judge_run check (to_run > from_run),
  primary key (test_id, source_id, from_run)
);
create unique index test_source_span_standing on test_source_span (test_id, source_id) where to_run is null;

-- No foreign keys, as in fact_span: sources and runs are never deleted.
create table verdict_span (
  test_id text collate "C" not null,
  source_id text not null,
  -- The fact of the population this is about; empty where it is about none of them.
  fact_key text collate "C" not null,
  subject text collate "C" not null,
  -- `silent`: the rule says nothing of this fact, so it is no subject and does not pass either.
  result text not null check (result in ('pass', 'fail', 'no_data', 'not_applicable', 'error', 'silent')),
  because text not null,
  observed text,
  expected text,
  path text,
  line int,
  from_run int not null,
  to_run int check (to_run > from_run),
  primary key (test_id, source_id, fact_key, subject, from_run)
);
create unique index verdict_span_standing on verdict_span (test_id, source_id, fact_key, subject) where to_run is null;
create index verdict_span_result on verdict_span (test_id, result, source_id, subject, fact_key, from_run);
