-- Why: what RFC 3161 authorities answered about checkpoints. A new table only; safe beside old code.

create table ledger_timestamp (
  log_id text not null references ledger_log (id),
  -- Of the checkpoint: its text, three lines without signatures, is what was stamped.
  size bigint not null check (size >= 0),
  -- The name the operator gave the authority.
  authority text not null check (length(authority) between 1 and 200),
  -- The whole TimeStampResp in DER, as it came and was checked. It goes into bundles as it is.
  response bytea not null check (octet_length(response) between 1 and 65536),
  -- By the authority's clock.
  stamped_at timestamptz not null,
  primary key (log_id, size, authority)
);

create trigger ledger_timestamp_append_only before update or delete on ledger_timestamp
  for each row execute function ledger_refuse();
create trigger ledger_timestamp_whole before truncate on ledger_timestamp
  for each statement execute function ledger_refuse();
