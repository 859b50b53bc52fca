import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';

const PROBE_DAYS = 31;

export const gatewayRefusesWithoutKey = defineTest({
  id: 'gateway-refuses-without-key',
  version: 1,
  title: 'Every route of the gateway refuses calls without a valid key',
  asks: 'On each route, did a call without a key and one with a wrong key get 401 within the last 31 days?',
  why: 'An open route is somebody else’s model at your expense, and a way around every limit and filter.',
  controls: ['API-01'],
  evidence: ['API-01.E2'],
  severity: 'critical',
  uses: ['gateway-probe'],
  population: 'gateway-probe',
  dependsOnTime: true,
  fix: {
    summary: 'Close the route, then probe again.',
    steps: [
      'Check which address and port the route is served on, and what stands before it.',
      'Run the probe again from the page or by the command.',
    ],
    example: 'bin/assay gateway probe',
  },
  judge: eachFact<'gateway-probe'>(({ key, body }, now) => {
    const base = {
      subject: key,
      expected: '401 and 401',
      observed: `${body.withoutKey ?? 'none'} and ${body.wrongKey ?? 'none'}`,
    };
    const probe = `The probe of ${body.path} on ${dayOf(body.ranAt)}`;
    const days = daysBetween(body.ranAt, now);
    const statuses = [body.withoutKey, body.wrongKey];
    if (statuses.some((status) => status !== null && status >= 200 && status < 300))
      return { ...base, result: 'fail', because: `${probe} was served without a valid key.` };
    if (statuses.some((status) => status !== 401))
      return { ...base, result: 'no_data', because: `${probe} got another answer than 401.` };
    if (days === null || days > PROBE_DAYS)
      return { ...base, result: 'no_data', because: `${probe} is older than ${PROBE_DAYS} days.` };
    return { ...base, result: 'pass', because: `${probe} was refused without a key and with a wrong one.` };
  }),
});
