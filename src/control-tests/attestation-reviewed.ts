import { defineTest, eachFact } from './define.ts';

export const attestationReviewed = defineTest({
  id: 'attestation-reviewed',
  version: 1,
  title: 'Attestations are reviewed by a second person',
  asks: 'Was every attestation and every piece of manual evidence accepted by someone other than who filed it?',
  why: 'What one person files and the same person accepts proves nothing. Auditors ask who reviewed, and whether that was somebody else.',
  controls: ['GOV-04'],
  severity: 'medium',
  uses: ['attestation'],
  population: 'attestation',
  fix: {
    summary: 'Let a second person review it.',
    steps: [
      'Open Evidence and filter by attestations that wait for review.',
      'Somebody other than the owner accepts or rejects it, with a comment.',
    ],
  },
  judge: eachFact<'attestation'>(({ key, body }) => {
    const named = `The ${body.form} for ${body.controlId}`;
    const base = { subject: key, observed: body.review, expected: 'accepted by a second person' };
    if (body.review === 'rejected')
      return { ...base, result: 'not_applicable', because: `${named} was rejected and counts for nothing.` };
    if (body.review === 'waiting') return { ...base, result: 'no_data', because: `${named} waits for its review.` };
    if (body.reviewerId === null)
      return { ...base, result: 'fail', because: `${named} is accepted, but by nobody on record.` };
    if (body.reviewerId === body.ownerId)
      return { ...base, result: 'fail', because: `${named} was accepted by the person who filed it.` };
    return { ...base, result: 'pass', because: `${named} was accepted by a second person.` };
  }),
});
