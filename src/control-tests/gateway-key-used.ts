import { daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';

/** As the catalog states it for API-03. */
const UNUSED_DAYS = 90;

export const gatewayKeyUsed = defineTest({
  id: 'gateway-key-used',
  version: 1,
  title: 'Gateway keys that work are used',
  asks: 'Was every key that works used in the last 90 days?',
  why: 'A key nobody uses is missed by nobody when somebody else begins to use it.',
  controls: ['API-03'],
  evidence: ['API-03.E1'],
  severity: 'low',
  uses: ['gateway-key'],
  population: 'gateway-key',
  dependsOnTime: true,
  fix: {
    summary: 'Revoke the key.',
    steps: [
      'Ask its tenant whether anything still needs it.',
      'Revoke it under Gateway, Tenants, or with the command. A new one is made in a moment.',
    ],
    example: 'assay gateway key revoke gky_… --reason "unused for 90 days"',
  },
  judge: eachFact<'gateway-key'>(({ key, body }, at) => {
    const named = `The key ${body.prefix}… of ${body.tenantId}`;
    const observed = body.lastUsedOn ?? 'never used';
    const base = { subject: key, observed, expected: `within ${UNUSED_DAYS} days` };
    if (body.state === 'suspended') return { ...base, result: 'not_applicable', because: `${named} is suspended.` };
    if (body.expiresAt !== null && body.expiresAt <= at)
      return { ...base, result: 'not_applicable', because: `${named} does not work any more.` };
    const days = daysBetween(body.lastUsedOn ?? body.createdAt, at);
    if (days === null || days < -1)
      return { ...base, result: 'no_data', because: `When ${named} was last used is not known.` };
    if (days <= UNUSED_DAYS && body.lastUsedOn === null)
      return { ...base, result: 'pass', because: `${named} is new and has not been used yet.` };
    return days > UNUSED_DAYS
      ? { ...base, result: 'fail', because: `${named} was not used for ${Math.floor(days)} days.` }
      : { ...base, result: 'pass', because: `${named} was last used on ${body.lastUsedOn}.` };
  }),
});
