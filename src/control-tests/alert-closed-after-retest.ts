import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

// What measures can be repeated; an abuse alert or a lost delivery has none.
const MEASURED = new Set(['monitor', 'calendar', 'canary', 'evaluation', 'control']);

export const alertClosedAfterRetest = defineTest({
  id: 'alert-closed-after-retest',
  version: 1,
  title: 'Alerts close with a passing repetition or an acceptance that still holds',
  asks: 'Does every breach that was closed as fixed have a repetition of the measure that passed, and every accepted one an acceptance that has not ended?',
  why: 'A ticket that is closed without measuring again says that somebody was done, not that the system is well.',
  controls: ['EVM-08'],
  evidence: ['EVM-08.E2'],
  severity: 'medium',
  uses: ['alert'],
  population: 'alert',
  dependsOnTime: true,
  fix: {
    summary: 'Repeat the measure, or decide anew about the risk.',
    steps: [
      'Open the alert and the monitor or evaluation behind it.',
      'Run the measure again after the fix. If it still fails, the next alert opens by itself; work on that one.',
      'Where the risk is accepted, let a second person accept it again, with a new last day.',
    ],
  },
  judge: eachFact<'alert'>(({ key, body }, now) => {
    if (body.resolvedAt === null || !MEASURED.has(body.source)) return [];
    const name = `The ${body.severity} alert ${quoted(body.title)} of ${dayOf(body.openedAt)}`;
    const base = { subject: key, observed: body.resolution ?? 'none' };
    if (body.resolution === 'accepted_risk') {
      const over = body.acceptedUntil === null ? null : daysBetween(body.acceptedUntil, now);
      const expected = 'an acceptance that still holds';
      if (over === null)
        return { ...base, expected, result: 'no_data', because: `${name} was accepted without a last day.` };
      if (over > 0) return { ...base, expected, result: 'fail', because: `The acceptance of ${name} has ended.` };
      return { ...base, expected, result: 'pass', because: `${name} was accepted by a second person for a time.` };
    }
    if (body.resolution !== 'fixed')
      return {
        ...base,
        result: 'pass',
        because: `${name} was closed as ${(body.resolution ?? '').replaceAll('_', ' ')}.`,
      };
    const expected = 'a repetition that passed';
    if (body.retestPassed === true)
      return { ...base, expected, result: 'pass', because: `${name} was fixed, and the measure passed again.` };
    if (body.retestPassed === false)
      return {
        ...base,
        expected,
        result: 'fail',
        because: `${name} was closed as fixed, and the measure failed again.`,
      };
    return { ...base, expected, result: 'fail', because: `${name} was closed as fixed and never measured again.` };
  }),
});
