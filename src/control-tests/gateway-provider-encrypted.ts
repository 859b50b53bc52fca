import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const gatewayProviderEncrypted = defineTest({
  id: 'gateway-provider-encrypted',
  version: 1,
  title: 'Calls to providers are encrypted',
  asks: 'Does the gateway reach every provider by https?',
  why: 'Prompts hold customer data, and the key travels with each of them. In clear text both are readable on every hop.',
  controls: ['ENC-02'],
  severity: 'medium',
  uses: ['gateway-provider'],
  population: 'gateway-provider',
  fix: {
    summary: 'Give the provider an https address.',
    steps: [
      'Put a certificate on the server of the model, or a proxy with one in front of it.',
      'Change the base address of the provider to https and store its key again.',
    ],
  },
  judge: eachFact<'gateway-provider'>(({ key, body }) => {
    const base = { subject: key, observed: body.encrypted ? 'https' : 'http', expected: 'https' };
    const named = `The provider ${quoted(body.name)} at ${quoted(body.host)}`;
    if (body.encrypted) return { ...base, result: 'pass', because: `${named} is reached by https.` };
    if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(body.host))
      return { ...base, result: 'not_applicable', because: `${named} is on the same machine.` };
    return { ...base, result: 'fail', because: `${named} is reached by http, readable on the way.` };
  }),
});
