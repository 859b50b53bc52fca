-- Why: an alert about something that was removed ends as that, not as a repetition that passed. Only widens what may stand
-- in a column; safe beside old code, which never writes the new value.

alter table alert drop constraint alert_resolution_check;
alter table alert add constraint alert_resolution_check check (
  resolution in ('fixed', 'false_positive', 'accepted_risk', 'expected_change', 'duplicate', 'no_longer_watched'));
