import type { FactBody } from '#src/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

const MONTHS = 12;

export const gatewayIsolationMonthly = defineTest({
  id: 'gateway-isolation-monthly',
  version: 1,
  title: 'Isolation between tenants was probed in every month',
  asks: 'Since the route was made, and for at most twelve months, did a probe come to a result in each calendar month?',
  why: 'An auditor looks at the whole period. A month without a probe is a month of which nobody can say that tenants were apart.',
  controls: ['TEN-03'],
  evidence: ['TEN-03.E1'],
  severity: 'high',
  uses: ['gateway-probe'],
  population: 'gateway-probe',
  dependsOnTime: true,
  fix: {
    summary: 'Keep the server running, which probes daily, or run the probe by the clock of another system.',
    steps: [
      'Open Gateway, Probes and attacks: runs that came to no result say why.',
      'A month that is over cannot be made up: write down in an attestation what was done in place of the probe.',
    ],
    example: '0 3 * * * bin/assay gateway probe',
  },
  judge: eachFact<'gateway-probe'>(({ key, body }, now) => {
    const due = monthsDue(body, now);
    const missing = due.filter((month) => !body.monthsProbed.includes(month));
    const base = { subject: key, expected: 'each month', observed: `${due.length - missing.length} of ${due.length}` };
    const route = `The route ${quoted(body.path)}`;
    if (missing.length > 0)
      return { ...base, result: 'fail', because: `${route} was not probed in ${missing.join(', ')}.` };
    if (body.monthsProbed.length === 0)
      return { ...base, result: 'no_data', because: `${route} is new, and no probe of it has come to a result.` };
    return {
      ...base,
      result: 'pass',
      because:
        due.length === 0
          ? `${route} was probed in the month it was made.`
          : `${route} was probed in each of ${due.length} months.`,
    };
  }),
});

/** The calendar months (UTC) that are over, without the one in which the route was made. */
function monthsDue({ routeMadeAt }: FactBody<'gateway-probe'>, now: Instant): string[] {
  const months: string[] = [];
  const month = new Date(`${now.slice(0, 7)}-01T00:00:00.000Z`);
  for (let i = 0; i < MONTHS; i++) {
    month.setUTCMonth(month.getUTCMonth() - 1);
    const name = month.toISOString().slice(0, 7);
    if (name <= routeMadeAt.slice(0, 7)) break;
    months.push(name);
  }
  return months.reverse();
}
