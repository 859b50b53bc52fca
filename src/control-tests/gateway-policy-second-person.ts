import { dayOf } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { fromKnown, quoted } from './words.ts';

export const gatewayPolicySecondPerson = defineTest({
  id: 'gateway-policy-second-person',
  version: 1,
  title: 'Gateway policies in force were approved by a second person',
  asks: 'Was every policy version in force on the gateway approved by somebody other than those who wrote it?',
  why: 'A threshold changed in a hurry by one person can undo months of safety work, and nobody would know.',
  controls: ['MLC-06'],
  evidence: ['MLC-06.E2'],
  severity: 'high',
  uses: ['gateway-policy'],
  population: 'gateway-policy',
  fix: {
    summary: 'Let another person approve a version.',
    steps: [
      'Write the next version of the policy, signed in or with your own API key in ASSAY_API_KEY, and submit it.',
      'Ask a colleague with the right to review to read what it changes and approve it.',
    ],
    example: 'ASSAY_API_KEY=ask_… assay gateway policy approve support 3',
  },
  judge: eachFact<'gateway-policy'>(({ key, body }) => {
    const version = `Version ${body.version} of ${quoted(body.name)}, in force since ${dayOf(body.inForceFrom)},`;
    return {
      subject: key,
      expected: 'approved by a second person',
      ...fromKnown(body.secondPerson, {
        yes: { result: 'pass', because: `${version} was approved by another person than its authors.` },
        no: { result: 'fail', because: `${version} was approved by one of its authors.` },
        unknown: `${version} was written or put in force at the command line, so that two people cannot be shown.`,
      }),
    };
  }),
});
