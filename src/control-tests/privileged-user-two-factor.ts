import { defineTest, eachFact } from './define.ts';

const PRIVILEGED = new Set(['owner', 'admin']);

export const privilegedUserTwoFactor = defineTest({
  id: 'privileged-user-two-factor',
  version: 1,
  title: 'Privileged users of this product have a second factor',
  asks: 'Does every active owner and administrator of this product sign in with a second factor?',
  why: 'Whoever holds one of these accounts can change scope, users and what counts as evidence. One guessed password would be enough.',
  controls: ['IAM-01'],
  severity: 'high',
  uses: ['user'],
  population: 'user',
  fix: {
    summary: 'Switch on two-factor sign-in.',
    steps: [
      'The user opens Settings, Security and adds an authenticator app.',
      'Keep the recovery codes where the password is not.',
    ],
  },
  judge: eachFact<'user'>(({ key, body }) => {
    // Named by pseudonym: verdicts may end in a bundle.
    const named = `The ${body.role} ${key}`;
    const base = { subject: key, observed: body.twoFactor ? 'on' : 'off', expected: 'on' };
    if (body.disabled) return { ...base, result: 'not_applicable', because: `${named} is disabled.` };
    if (!PRIVILEGED.has(body.role))
      return { ...base, result: 'not_applicable', because: `${named} has no privileged role.` };
    if (!body.twoFactor) return { ...base, result: 'fail', because: `${named} signs in with a password alone.` };
    return { ...base, result: 'pass', because: `${named} signs in with a second factor.` };
  }),
});
