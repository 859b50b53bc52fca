import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

/** A day, and half a day for a server that was off at the hour. */
const MAX_AGE_DAYS = 1.5;

export const detectorCanaryPassed = defineTest({
  id: 'detector-canary-passed',
  version: 1,
  title: 'Every detector finds the shift planted for it each day',
  asks: 'Did every detector alarm on the shift planted today, and stay quiet on a clean stream?',
  why: 'A detector that cannot alarm looks exactly like a system without problems. Only a planted problem tells them apart.',
  controls: ['EVM-02'],
  severity: 'critical',
  uses: ['monitor-canary'],
  population: 'monitor-canary',
  dependsOnTime: true,
  fix: {
    summary: 'Find out why the detector is blind, or what it takes for a shift.',
    steps: [
      'Open Monitors, Canaries: each day shows what the planted shift and the clean stream raised.',
      'Until it is understood, treat quiet windows of this detector as not measured.',
    ],
  },
  judge: eachFact<'monitor-canary'>(({ key, body }, now) => {
    const name = `The detector ${quoted(body.detector)}`;
    const base = { subject: key, expected: 'alarm on the shift, none on the clean stream' };
    const age = body.ranAt === null ? null : daysBetween(body.ranAt, now);
    if (body.ranAt === null || age === null)
      return {
        ...base,
        result: 'no_data',
        observed: 'never ran',
        because: `${name} was never tried with a planted shift.`,
      };
    const on = dayOf(body.ranAt);
    if (age > MAX_AGE_DAYS)
      return {
        ...base,
        result: 'no_data',
        observed: on,
        because: `${name} was last tried with a planted shift on ${on}.`,
      };
    if (body.shiftedAlarmed !== true)
      return { ...base, result: 'fail', observed: 'no alarm', because: `${name} missed the shift planted on ${on}.` };
    if (body.cleanAlarmed !== false)
      return {
        ...base,
        result: 'fail',
        observed: 'false alarm',
        because: `${name} alarmed on the clean stream of ${on}.`,
      };
    return {
      ...base,
      result: 'pass',
      observed: on,
      because: `${name} found the shift planted on ${on} and stayed quiet on the clean stream.`,
    };
  }),
});
