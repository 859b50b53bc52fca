import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

const ROTATION_DAYS = 365;

export const gatewayProviderKeyStored = defineTest({
  id: 'gateway-provider-key-stored',
  version: 1,
  title: 'Provider keys are in the secret store and rotated',
  asks: 'Is the key of every provider behind the gateway in the secret store, and at most a year old?',
  why: 'Whoever holds a provider key spends the company’s money and sends its data. In the secret store callers never see it.',
  controls: ['IAM-06'],
  evidence: ['IAM-06.E2'],
  severity: 'high',
  uses: ['gateway-provider'],
  population: 'gateway-provider',
  dependsOnTime: true,
  fix: {
    summary: 'Store a fresh key for the provider.',
    steps: [
      'Make a new key in the account of the provider, with the least rights that are enough.',
      'Store it here and try it, then delete the old key in the account of the provider.',
    ],
    example: 'assay gateway provider key openai --key-stdin',
  },
  judge: eachFact<'gateway-provider'>(({ key, body }, at) => {
    const base = { subject: key, observed: body.key, expected: `in_secret_store, at most ${ROTATION_DAYS} days` };
    const named = `The provider ${quoted(body.name)}`;
    if (body.key === 'not_needed')
      return { ...base, result: 'not_applicable', because: `${named} is called without a key.` };
    if (body.key === 'missing') return { ...base, result: 'fail', because: `${named} has no key in the secret store.` };
    const days = body.keySetAt === null ? null : daysBetween(body.keySetAt, at);
    if (days === null || body.keySetAt === null || days < 0)
      return { ...base, result: 'no_data', because: `When the key of ${quoted(body.name)} was stored is not known.` };
    const since = `${named} has had its key since ${dayOf(body.keySetAt)}`;
    return days > ROTATION_DAYS
      ? { ...base, result: 'fail', because: `${since}, ${Math.floor(days)} days.` }
      : { ...base, result: 'pass', because: `${since}.` };
  }),
});
