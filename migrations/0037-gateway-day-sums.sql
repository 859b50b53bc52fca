-- Why: calls of tools by day, held against the list of the policy they went under; how many calls a sum of money leaves out for want
-- of a price. A new table and a column that is 0 for minutes summed before; safe beside old code.

create table gateway_tool_day (
  day date not null,
  route_id text not null,
  policy_id text not null,
  policy_version integer not null,
  tool text not null,
  passed bigint not null,
  refused bigint not null,
  -- Of those that passed: calls whose decision names a span of the caller.
  traced bigint not null,
  primary key (day, route_id, policy_id, policy_version, tool)
);

alter table gateway_minute add column unpriced bigint not null default 0;
