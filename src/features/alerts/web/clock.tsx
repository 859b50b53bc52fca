import { describeInstant, formatAge } from '#src/ui/instant.tsx';
import type { Alert } from '../model.ts';
import classes from './alerts.module.css';

/** The clock that matters now: until acknowledged the first, then the second. Words, not color alone, say how it stands. */
export function Clock({ alert }: { alert: Alert }) {
  const { title, words, state } = clockOf(alert);
  return (
    <span className={classes.clock} data-clock={state} title={title}>
      {words}
    </span>
  );
}

export function clockOf(alert: Alert): { words: string; title: string; state: string } {
  const { acknowledge, resolve } = alert;
  const clock = alert.state === 'open' ? acknowledge : resolve;
  const todo = alert.state === 'open' ? 'acknowledge' : 'resolve';
  const title = describeInstant(clock.dueAt);
  if (alert.state === 'resolved') {
    const inTime = acknowledge.clock === 'met' && resolve.clock === 'met';
    return { words: inTime ? 'in time' : 'late', title, state: inTime ? 'met' : 'breached' };
  }
  if (clock.clock === 'muted') return { words: 'muted', title, state: 'muted' };
  const age = formatAge(clock.dueAt);
  return clock.clock === 'breached'
    ? { words: `${todo}: due ${age}`, title, state: 'breached' }
    : { words: `${todo} ${age}`, title, state: 'running' };
}
