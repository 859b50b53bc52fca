-- How a party fails: it did not answer, its answer does not hold, or it contradicts the ledger.
alter table ledger_party add column problem_kind text check (problem_kind in ('silent', 'refused', 'contradicts'));
