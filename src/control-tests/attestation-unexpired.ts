import { dayOf, daysBetween } from './age.ts';
import { defineTest, type Verdict } from './define.ts';

export const attestationUnexpired = defineTest({
  id: 'attestation-unexpired',
  version: 1,
  title: 'Attestations are renewed before they expire',
  asks: 'Is every attestation and every piece of manual evidence within its period of validity, or replaced?',
  why: 'A statement of last year says nothing about this quarter. Expired evidence leaves a hole in the window that cannot be filled afterwards.',
  controls: ['GOV-04'],
  severity: 'medium',
  uses: ['attestation'],
  population: 'attestation',
  // Sees all of them: one that a newer one has replaced may expire in peace.
  partition: 'source',
  dependsOnTime: true,
  fix: {
    summary: 'File the evidence again for the current period.',
    steps: [
      'Open the control and see what its expired evidence showed.',
      'Collect it anew, file it with its period, and let a second person review it.',
    ],
  },
  judge({ facts, at }) {
    const isExpired = (expiresAt: string) => (daysBetween(expiresAt, at) ?? 0) >= 0;
    const placeOf = (body: { controlId: string; evidenceId: string | null }) =>
      `${body.controlId} ${body.evidenceId ?? ''}`;
    const renewed = new Set(
      facts.attestation
        .filter(({ body }) => body.review === 'accepted' && !isExpired(body.expiresAt))
        .map(({ body }) => placeOf(body)),
    );
    return facts.attestation.map(({ key, body }): Verdict => {
      const named = `The ${body.form} for ${body.controlId}`;
      const base = { subject: key, observed: body.expiresAt, expected: 'not expired' };
      if (body.review === 'rejected')
        return { ...base, result: 'not_applicable', because: `${named} was rejected and counts for nothing.` };
      if (daysBetween(body.expiresAt, at) === null)
        return { ...base, result: 'no_data', because: `When ${named} expires is not known.` };
      if (!isExpired(body.expiresAt))
        return { ...base, result: 'pass', because: `${named} is valid until ${dayOf(body.expiresAt)}.` };
      if (renewed.has(placeOf(body)))
        return { ...base, result: 'not_applicable', because: `${named} has expired and was replaced by a newer one.` };
      return { ...base, result: 'fail', because: `${named} expired on ${dayOf(body.expiresAt)}.` };
    });
  },
});
