import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';

/** As the catalog states them for API-03. */
const AGE_DAYS = { customer: 365, internal: 90 } as const;

export const gatewayKeyRotated = defineTest({
  id: 'gateway-key-rotated',
  version: 1,
  title: 'Gateway keys end and are rotated in time',
  asks: 'Does every key that works have an end, a scope, and an age within the limit of its audience?',
  why: 'AI keys are copied into notebooks and demos more than any other credential. An old key is one nobody knows the copies of.',
  controls: ['API-03', 'IAM-06'],
  evidence: ['API-03.E1', 'IAM-06.E2'],
  severity: 'medium',
  uses: ['gateway-key'],
  population: 'gateway-key',
  dependsOnTime: true,
  fix: {
    summary: 'Rotate the key.',
    steps: [
      'Rotate it under Gateway, Tenants: the new key has the same rights, and the old one works on for the overlap.',
      'Put the new key where the old one was used, and see under last use that the old one is not used any more.',
    ],
    example: 'assay gateway key rotate gky_… --overlap-hours 48',
  },
  judge: eachFact<'gateway-key'>(({ key, body }, at) => {
    const most = AGE_DAYS[body.audience];
    const named = `The ${body.audience} key ${body.prefix}…`;
    const base = { subject: key, expected: `ends, and at most ${most} days old` };
    if (body.state === 'suspended') return { ...base, result: 'not_applicable', because: `${named} is suspended.` };
    if (body.expiresAt !== null && body.expiresAt <= at)
      return { ...base, result: 'not_applicable', because: `${named} ended on ${dayOf(body.expiresAt)}.` };
    const days = daysBetween(body.createdAt, at);
    if (days === null || days < 0)
      return { ...base, result: 'no_data', because: `When ${named} was made is not known.` };
    const observed = `${Math.floor(days)} days old, ${body.expiresAt === null ? 'no end' : `ends ${dayOf(body.expiresAt)}`}`;
    if (body.expiresAt === null) return { ...base, observed, result: 'fail', because: `${named} never ends.` };
    if (body.scopes.length === 0) return { ...base, observed, result: 'fail', because: `${named} has no scope.` };
    if (days > most)
      return { ...base, observed, result: 'fail', because: `${named} is ${Math.floor(days)} days old, over ${most}.` };
    return {
      ...base,
      observed,
      result: 'pass',
      because: `${named} is ${Math.floor(days)} days old and ends on ${dayOf(body.expiresAt)}.`,
    };
  }),
});
