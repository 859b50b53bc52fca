import { defineTest, eachFact } from './define.ts';

export const gatewayKeyLimited = defineTest({
  id: 'gateway-key-limited',
  version: 1,
  title: 'Every gateway key has limits of requests and tokens',
  asks: 'Does every key that works have finite limits of requests and of tokens, its own or its tenant’s?',
  why: 'One caller can spend a month’s budget in an hour, or query a model until it can be copied. Limits are the brake for both.',
  controls: ['API-02'],
  evidence: ['API-02.E1'],
  severity: 'high',
  uses: ['gateway-key'],
  population: 'gateway-key',
  fix: {
    summary: 'Set limits of requests and tokens for the tenant or the key.',
    steps: [
      'Open Gateway, Tenants, choose the tenant of the key and set requests a minute and tokens a minute or a day.',
      'A single key can have tighter limits of its own.',
    ],
    example: 'assay gateway tenant limit acme --requests-per-minute 120 --tokens-per-day 5000000',
  },
  judge: eachFact<'gateway-key'>(({ key, body }) => {
    const base = {
      subject: key,
      observed: body.limited ? 'limited' : 'no limit',
      expected: 'requests and tokens limited',
    };
    const named = `The key ${body.prefix}… of ${body.tenantId}`;
    if (body.state === 'suspended') return { ...base, result: 'not_applicable', because: `${named} is suspended.` };
    return body.limited
      ? { ...base, result: 'pass', because: `${named} has limits of requests and tokens.` }
      : { ...base, result: 'fail', because: `${named} may send requests or tokens without limit.` };
  }),
});
