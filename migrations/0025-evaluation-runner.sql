-- Why: one process at a time works on a run, and another takes it over where the first was lost. Safe beside old code.

alter table evaluation_run add column runner text;
