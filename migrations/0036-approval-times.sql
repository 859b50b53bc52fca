-- Why: how long a person's word on a tool call counts is said by the policy, and kept with the question it answers. A new column
-- with the minutes that held until now; safe beside old code.

alter table gateway_approval add column use_within_minutes integer not null default 60 check (use_within_minutes > 0);
