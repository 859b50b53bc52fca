import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';

const PROBE_DAYS = 31;

export const gatewayTenantsIsolated = defineTest({
  id: 'gateway-tenants-isolated',
  version: 1,
  title: 'A probe within the last month finds nothing of one tenant under another',
  asks: 'On each route, did a probe of the last 31 days plant a value as one tenant and not find it as another?',
  why: 'Caches, conversation state and batches are shared for speed. One missing tenant in a key shows one customer’s words to another.',
  controls: ['TEN-01', 'TEN-03'],
  evidence: ['TEN-01.E3'],
  severity: 'critical',
  uses: ['gateway-probe'],
  population: 'gateway-probe',
  dependsOnTime: true,
  fix: {
    summary: 'Suspend the route, find the shared state, probe again.',
    steps: [
      'Open Gateway, Probes and attacks: the run names how the value came through.',
      'Take the provider or cache that shares state out of the route and open an incident.',
      'Run the probe again from the page or by the command.',
    ],
    example: 'bin/assay gateway probe',
  },
  judge: eachFact<'gateway-probe'>(({ key, body }, now) => {
    const base = { subject: key, expected: 'no leak, within 31 days' };
    const probe = `The probe of ${body.path} on ${dayOf(body.ranAt)}`;
    if (body.leaks > 0)
      return {
        ...base,
        result: 'fail',
        because: `${probe} found a planted value ${body.leaks} times under another tenant.`,
        observed: `${body.leaks} leaks`,
      };
    if (body.failure !== null || body.answered === 0)
      return {
        ...base,
        result: 'no_data',
        because: `${probe} came to no result: ${body.failure ?? 'no call was answered'}.`,
      };
    const days = daysBetween(body.ranAt, now);
    if (days === null || days > PROBE_DAYS)
      return { ...base, result: 'no_data', because: `${probe} is older than ${PROBE_DAYS} days.`, observed: 'too old' };
    return {
      ...base,
      result: 'pass',
      because: `${probe} asked ${body.asked} times and found nothing of the other tenant.`,
    };
  }),
});
