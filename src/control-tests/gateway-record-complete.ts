import { daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';

const SEALED_WITHIN_HOURS = 1;
const RETENTION_DAYS_MIN = 30;

export const gatewayRecordComplete = defineTest({
  id: 'gateway-record-complete',
  version: 1,
  title: 'The record of the gateway is complete and sealed',
  asks: 'Did every decision that the nodes of the gateway numbered arrive, and is every window sealed in the ledger?',
  why: 'An auditor samples from this record. A gap nobody can explain makes every rate computed from it worthless.',
  controls: ['API-07', 'AGT-04'],
  severity: 'high',
  uses: ['gateway-record'],
  population: 'gateway-record',
  maxAgeHours: 26,
  dependsOnTime: true,
  fix: {
    summary: 'Bring in what is missing, or explain it.',
    steps: [
      'Run bin/assay gateway record: it names the node and the numbers that are missing.',
      'Start that node again with its data folder: what waits in its own file is delivered.',
      'Where the file is lost, open an incident that names the numbers; the gap stays visible.',
    ],
    example: 'bin/assay gateway record',
  },
  judge: eachFact<'gateway-record'>(({ key, body }, now) => {
    const base = { subject: key, expected: 'nothing missing, windows sealed within an hour' };
    if (body.missing > 0)
      return {
        ...base,
        result: 'fail',
        because: `Nodes of the gateway numbered ${body.missing} decisions that did not arrive.`,
        observed: `${body.missing} missing of ${body.decisions + body.missing}`,
      };
    const openDays = body.oldestOpenFrom === null ? 0 : daysBetween(body.oldestOpenFrom, now);
    if (openDays === null)
      return { ...base, result: 'no_data', because: 'When the oldest open window began is not known.' };
    if (openDays * 24 > SEALED_WITHIN_HOURS)
      return {
        ...base,
        result: 'fail',
        because: `A window that began at ${body.oldestOpenFrom} is not sealed yet.`,
        observed: `open since ${body.oldestOpenFrom}`,
      };
    if (body.retentionDays < RETENTION_DAYS_MIN)
      return {
        ...base,
        result: 'fail',
        because: `Decisions are kept for ${body.retentionDays} days; an auditor needs at least ${RETENTION_DAYS_MIN} to sample from.`,
        observed: `${body.retentionDays} days`,
      };
    return {
      ...base,
      result: 'pass',
      because: `All ${body.decisions} decisions of ${body.nodes} nodes arrived, in ${body.windowsSealed} sealed windows.`,
    };
  }),
});
