import { defineTest, eachFact } from './define.ts';
import { counted, quoted } from './words.ts';

export const monitorBreachHandled = defineTest({
  id: 'monitor-breach-handled',
  version: 1,
  title: 'Breaches of monitors are seen and handled on time',
  asks: 'Is every alert of every monitor acknowledged and closed within the time set for its severity?',
  why: 'A breach is no failure of the control that found it. A breach that nobody looked at is.',
  controls: ['EVM-02', 'EVM-05', 'EVM-08'],
  evidence: ['EVM-02.E3', 'EVM-05.E3'],
  severity: 'high',
  uses: ['monitor'],
  population: 'monitor',
  fix: {
    summary: 'Take up the alerts of this monitor.',
    steps: [
      'Open Alerts, acknowledge what you take up, and assign what is not yours.',
      'Close it with what was done; the next window is the repetition that shows whether it helped.',
    ],
    example: 'bin/assay alert list --overdue',
  },
  judge: eachFact<'monitor'>(({ key, body }) => {
    const base = { subject: key, expected: 'no overdue alert' };
    const name = quoted(body.name);
    if (!body.approved)
      return {
        ...base,
        result: 'no_data',
        observed: 'not approved',
        because: `${name} waits for approval and watches nothing.`,
      };
    if (body.alertsOverdue > 0)
      return {
        ...base,
        result: 'fail',
        observed: counted(body.alertsOverdue, 'overdue alert'),
        because: `${name} has ${counted(body.alertsOverdue, 'alert')} that nobody acknowledged or closed in time.`,
      };
    if (body.expected === 0)
      return {
        ...base,
        result: 'no_data',
        observed: 'no run yet',
        because: `${name} has not been due yet in the last 31 days.`,
      };
    const seen = body.breach === 0 ? 'no breach' : counted(body.breach, 'breach', 'breaches');
    return {
      ...base,
      result: 'pass',
      observed: seen,
      because: `${name} has ${seen} in the last 31 days and no overdue alert.`,
    };
  }),
});
