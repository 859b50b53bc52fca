-- Why: answers that people label, chosen by a declared rule, and their labels. New tables only; safe beside old code.

create table label_sample (
  id text primary key,
  run_id text not null references evaluation_run (id),
  scorer text not null,
  -- The rule: an item is in when the hash of seed and id, as a number in [0, 1), is below the rate.
  rate double precision not null check (rate > 0 and rate <= 1),
  seed int not null,
  eligible int not null,
  created_at timestamptz not null,
  created_by text not null,
  unique (run_id, scorer)
);

create table label_item (
  id text primary key,
  sample_id text not null references label_sample (id),
  run_id text not null,
  item_id text not null,
  flagged boolean,
  -- The number of the rule: also the order in which items are shown, which says nothing about them.
  position double precision not null,
  unique (sample_id, item_id)
);
create index label_item_order on label_item (position, id);

-- One label a person and item. Rows are only added.
create table label_given (
  item_id text not null references label_item (id),
  user_id text not null,
  verdict text not null check (verdict in ('supported', 'unsupported', 'unsure')),
  comment text,
  at timestamptz not null,
  primary key (item_id, user_id)
);
create trigger label_given_append_only before update or delete or truncate on label_given
  for each statement execute function ledger_refuse();
