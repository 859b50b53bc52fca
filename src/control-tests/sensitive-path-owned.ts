import { defineTest, eachFact } from './define.ts';
import { at, quoted } from './words.ts';

export const sensitivePathOwned = defineTest({
  id: 'sensitive-path-owned',
  version: 1,
  title: 'Sensitive folders have code owners',
  asks: 'Does an owner rule cover every folder that holds models, training code, prompts or deployment files?',
  why: 'Without an owner anybody may approve a change of the prompt or the training loop. An owner rule brings the person who answers for it into the review.',
  controls: ['CHG-01'],
  severity: 'medium',
  uses: ['sensitive-path'],
  population: 'sensitive-path',
  fix: {
    summary: 'Add a code owners rule for the folder.',
    steps: [
      'Add the folder with its owning team to the code owners file.',
      'Require approval by code owners on the protected branch.',
    ],
    example: '/prompts/ @example/ml-safety',
  },
  judge: eachFact<'sensitive-path'>(({ key, body }) => {
    const named = `${quoted(body.place.path)}, which holds ${body.holds},`;
    const base = { subject: key, expected: 'an owner rule', ...at(body.place) };
    if (body.ownedBy === null)
      return { ...base, result: 'fail', because: `${named} has no code owner.`, observed: 'none' };
    return {
      ...base,
      result: 'pass',
      because: `${named} is covered by ${quoted(body.ownedBy)}.`,
      observed: body.ownedBy,
    };
  }),
});
