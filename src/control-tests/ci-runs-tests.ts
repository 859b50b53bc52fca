import { defineTest, type Verdict } from './define.ts';
import { at, quoted, where } from './words.ts';

export const ciRunsTests = defineTest({
  id: 'ci-runs-tests',
  version: 1,
  title: 'CI runs the tests',
  asks: 'Does an automated build run tests on every change of this repository?',
  why: 'Reviewers read what changed; tests notice what broke. An auditor samples changes and asks for the test result of each.',
  controls: ['CHG-01'],
  severity: 'medium',
  uses: ['repository', 'ci-workflow'],
  population: 'repository',
  fix: {
    summary: 'Add a CI workflow that runs the tests on every change.',
    steps: [
      'Add a workflow for pull requests that installs from the lock file and runs the tests.',
      'Make it a required check of the protected branch, for administrators too.',
    ],
    example: 'on: [pull_request]\njobs:\n  test:\n    steps:\n      - run: npm ci && npm test',
  },
  judge({ facts }) {
    return facts.repository.map(({ key, body }): Verdict => {
      const name = quoted(body.name);
      const running = facts['ci-workflow'].find((workflow) => workflow.body.runsTests);
      if (running !== undefined)
        return {
          subject: key,
          result: 'pass',
          because: `${where(running.body.place)} runs tests.`,
          ...at(running.body.place),
        };
      if (body.languages.length === 0)
        return { subject: key, result: 'not_applicable', because: `${name} holds no program code.` };
      const because =
        facts['ci-workflow'].length === 0
          ? `${name} has no CI workflow.`
          : `None of the ${facts['ci-workflow'].length} CI workflows of ${name} runs tests.`;
      return { subject: key, result: 'fail', because, expected: 'a workflow that runs tests' };
    });
  },
});
