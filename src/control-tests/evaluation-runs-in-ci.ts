import { defineTest, type Verdict } from './define.ts';
import { at, quoted, where } from './words.ts';

export const evaluationRunsInCi = defineTest({
  id: 'evaluation-runs-in-ci',
  version: 1,
  title: 'The evaluation suite runs in CI',
  asks: 'Is the evaluation suite run automatically when code, prompts or models change?',
  why: 'A suite run by hand is run when somebody remembers, and skipped when it is late: exactly when it is needed.',
  controls: ['EVM-01', 'MLC-06'],
  severity: 'medium',
  uses: ['repository', 'eval-suite', 'ci-workflow'],
  population: 'repository',
  fix: {
    summary: 'Run the suite in a CI workflow and block on its threshold.',
    steps: [
      'Add a job that runs the suite on changes to prompts, models and retrieval code.',
      'Let it fail below the threshold, and make it a required check.',
      'Run it on a schedule too: hosted models change without a commit.',
    ],
  },
  judge({ facts }) {
    return facts.repository.map(({ key, body }): Verdict => {
      const name = quoted(body.name);
      const suite = facts['eval-suite'][0];
      const running = facts['ci-workflow'].find((workflow) => workflow.body.runsEvals);
      if (suite === undefined)
        return { subject: key, result: 'not_applicable', because: `${name} holds no evaluation suite to run.` };
      if (running !== undefined)
        return {
          subject: key,
          result: 'pass',
          because: `${where(running.body.place)} runs evaluations.`,
          ...at(running.body.place),
        };
      return {
        subject: key,
        result: 'fail',
        because: `${name} holds an evaluation suite (${where(suite.body.place)}), and no CI workflow runs it.`,
        expected: 'a workflow that runs it',
        ...at(suite.body.place),
      };
    });
  },
});
