import { defineTest, eachFact } from './define.ts';
import { at, counted, listed, where } from './words.ts';

export const ciActionsPinned = defineTest({
  id: 'ci-actions-pinned',
  version: 1,
  title: 'Third-party CI steps are pinned to commits',
  asks: 'Is every third-party step of the build named by a full commit hash?',
  why: 'A tag of an action can be moved to other code, which then runs in your build with its secrets. That is a change nobody reviewed.',
  controls: ['CHG-01'],
  severity: 'medium',
  uses: ['ci-workflow'],
  population: 'ci-workflow',
  fix: {
    summary: 'Name each third-party step by commit, with the version as comment.',
    steps: [
      'Replace the tag by the full commit hash it stands for today.',
      'Let a bot propose updates, so that they arrive as reviewed changes.',
    ],
    example: 'uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2',
  },
  judge: eachFact<'ci-workflow'>(({ key, body }) => {
    const outside = body.steps.filter((step) => step.thirdParty);
    const moving = outside.filter((step) => step.pin !== 'commit' && step.pin !== 'snapshot');
    const first = moving[0];
    const base = { subject: key, expected: 'full commit hashes' };
    if (first !== undefined) {
      const names = listed(moving.map((step) => step.uses));
      const because = `${where(body.place)} uses ${counted(moving.length, 'third-party step')} by a name that can be moved: ${names}, the first in line ${first.line}.`;
      return { ...base, result: 'fail', because, observed: first.uses, path: body.place.path, line: first.line };
    }
    if (outside.length === 0)
      return { ...base, result: 'pass', because: `${where(body.place)} uses no third-party step.`, ...at(body.place) };
    const steps = counted(outside.length, 'third-party step');
    return { ...base, result: 'pass', because: `${where(body.place)} pins all of its ${steps}.`, ...at(body.place) };
  }),
});
