-- Why: folders that the server scans again by itself. A new table only; safe beside old code, which scans nothing of it.

create table scan_schedule (
  path text primary key,
  every_hours int not null check (every_hours between 1 and 744),
  next_at timestamptz not null,
  set_at timestamptz not null,
  set_by text not null
);
