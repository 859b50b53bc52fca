import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, where } from './words.ts';

export const ciTokenReadOnly = defineTest({
  id: 'ci-token-read-only',
  version: 1,
  title: 'The CI token is read-only by default',
  asks: 'Does each CI workflow limit the token of the build to reading?',
  why: 'Every step of the build holds that token. With write rights a hijacked step can push code, alter releases and swap model artifacts.',
  controls: ['IAM-06'],
  severity: 'medium',
  uses: ['ci-workflow'],
  population: 'ci-workflow',
  fix: {
    summary: 'State read-only permissions at the head of the workflow.',
    steps: [
      'Set the permissions of the whole workflow to reading.',
      'Grant more to the single job that needs it, and say why in a comment.',
    ],
    example: 'permissions:\n  contents: read',
  },
  judge: eachFact<'ci-workflow'>(({ key, body }) => ({
    subject: key,
    expected: 'read-only',
    ...at(body.place),
    ...fromKnown(body.tokenReadOnly, {
      yes: { result: 'pass', because: `${where(body.place)} limits its token to reading.` },
      no: { result: 'fail', because: `${where(body.place)} gives its token write permissions.` },
      unknown: `${where(body.place)} does not state what its token may do; the default of the host applies.`,
    }),
  })),
});
