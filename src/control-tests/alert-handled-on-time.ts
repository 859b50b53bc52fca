import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const alertHandledOnTime = defineTest({
  id: 'alert-handled-on-time',
  version: 2,
  title: 'Alerts are acknowledged within the time set for their severity',
  asks: 'Was every alert acknowledged by a person within the time set for its severity?',
  why: 'A metric that is red for weeks while nobody looks is worse than none. Auditors ask for the response, not for the chart.',
  controls: ['EVM-08', 'GOV-04'],
  evidence: ['EVM-08.E1'],
  severity: 'high',
  uses: ['alert'],
  population: 'alert',
  dependsOnTime: true,
  fix: {
    summary: 'Acknowledge the alert, and see that the next one is seen in time.',
    steps: [
      'Open Alerts, filter by overdue, and acknowledge what you take up.',
      'Under Settings, Alerts: set owners for each severity, a channel that reaches them, and whom to escalate to.',
    ],
    example: 'bin/assay alert list --overdue',
  },
  judge: eachFact<'alert'>(({ key, body }, now) => {
    const name = `The ${body.severity} alert ${quoted(body.title)} of ${dayOf(body.openedAt)}`;
    const base = { subject: key, expected: `acknowledged by ${body.acknowledgeDueAt}` };
    if (body.acknowledgedAt !== null) {
      const inTime = body.acknowledgedAt <= body.acknowledgeDueAt;
      const observed = `acknowledged ${body.acknowledgedAt}`;
      return inTime
        ? { ...base, observed, result: 'pass', because: `${name} was acknowledged in time.` }
        : { ...base, observed, result: 'fail', because: `${name} was acknowledged late.` };
    }
    const observed = body.muted ? 'muted' : 'not acknowledged';
    if (body.muted)
      return { ...base, observed, result: 'not_applicable', because: `${name} is muted: its clock does not run.` };
    // Closed by itself, because what it was about is gone: the clock ended there.
    const late = daysBetween(body.acknowledgeDueAt, body.resolvedAt ?? now);
    if (late === null)
      return { ...base, observed, result: 'no_data', because: `When ${name} had to be acknowledged is not known.` };
    if (late > 0) return { ...base, observed, result: 'fail', because: `${name} was never acknowledged.` };
    if (body.resolvedAt !== null)
      return { ...base, observed, result: 'pass', because: `${name} ended before it had to be acknowledged.` };
    return { ...base, observed, result: 'pass', because: `${name} may still be acknowledged in time.` };
  }),
});
