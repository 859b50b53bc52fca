import { defineTest, type Verdict } from './define.ts';
import { at, counted, isProduct, quoted, where } from './words.ts';

export const evaluationSuitePresent = defineTest({
  id: 'evaluation-suite-present',
  version: 1,
  title: 'AI code comes with an evaluation suite',
  asks: 'Where the code trains, loads, prompts or calls models, is there a suite that evaluates them?',
  why: 'For probabilistic output the evaluation suite is the specification. Without it nobody can say whether the system works, or whether a change made it worse.',
  controls: ['EVM-01'],
  severity: 'high',
  uses: [
    'repository',
    'eval-suite',
    'model-file',
    'model-reference',
    'prompt',
    'training-pipeline',
    'agent',
    'ai-service',
  ],
  population: 'repository',
  fix: {
    summary: 'Add an evaluation suite with cases and thresholds.',
    steps: [
      'Collect some fifty real tasks with what a good answer must and must not hold.',
      'Write them as a suite (promptfoo, lm-eval, DeepEval, or plain tests) with a threshold for each metric.',
      'Run it on every change of model, prompt or retrieval, and keep the results.',
    ],
    example: 'promptfoo eval -c evals/support-agent.yaml',
  },
  judge({ facts }) {
    const subjects = [
      ...facts['training-pipeline'],
      ...facts['model-reference'],
      ...facts['model-file'],
      ...facts.prompt,
      ...facts.agent,
      ...facts['ai-service'],
    ].filter((fact) => isProduct(fact.body.place));
    return facts.repository.map(({ key, body }): Verdict => {
      const suite = facts['eval-suite'][0];
      const first = subjects[0];
      const name = quoted(body.name);
      if (first === undefined)
        return {
          subject: key,
          result: 'not_applicable',
          because: `${name} holds nothing that would have to be evaluated.`,
        };
      if (suite !== undefined) {
        const count = counted(facts['eval-suite'].length, 'evaluation suite');
        const because = `${name} holds ${count}, the first in ${where(suite.body.place)}.`;
        return { subject: key, result: 'pass', because, ...at(suite.body.place) };
      }
      return {
        subject: key,
        result: 'fail',
        because: `${name} uses models, prompts or training code (${counted(subjects.length, 'place')}, e.g. ${where(first.body.place)}) and holds no evaluation suite.`,
        observed: 'no evaluation suite',
        expected: 'an evaluation suite',
        ...at(first.body.place),
      };
    });
  },
});
