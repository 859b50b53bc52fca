import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

/** A quarter, as the catalog states it for AIG-01. */
const ATTESTATION_DAYS = 92;

export const systemAttested = defineTest({
  id: 'system-attested',
  version: 1,
  title: 'AI systems were attested in the last 92 days',
  asks: 'Has the owner of every AI system confirmed its entry in the last 92 days?',
  why: 'Models, data and purpose drift away from what was written down. The quarterly look is what keeps the list true over the whole window.',
  controls: ['AIG-01'],
  evidence: ['AIG-01.E2'],
  severity: 'medium',
  uses: ['ai-system'],
  population: 'ai-system',
  dependsOnTime: true,
  fix: {
    summary: 'Let the owner attest to the entry.',
    steps: [
      'Open the system in Inventory, read its entry, correct what has changed.',
      'Attest to it. The attestation is recorded with name and time.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }, now) => {
    const name = quoted(body.name);
    const base = { subject: key, observed: body.attestedAt ?? 'never', expected: `within ${ATTESTATION_DAYS} days` };
    if (body.attestedAt === null) return { ...base, result: 'fail', because: `${name} was never attested.` };
    const days = daysBetween(body.attestedAt, now);
    if (days === null || days < 0)
      return { ...base, result: 'no_data', because: `When ${name} was attested is not known.` };
    const on = `${name} was last attested on ${dayOf(body.attestedAt)}`;
    if (days > ATTESTATION_DAYS) return { ...base, result: 'fail', because: `${on}, ${Math.floor(days)} days ago.` };
    return { ...base, result: 'pass', because: `${on}.` };
  }),
});
