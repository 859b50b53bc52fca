import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { quoted } from './words.ts';

export const robustnessRunPasses = defineTest({
  id: 'robustness-run-passes',
  version: 2,
  title: 'Evaluated models pass a robustness suite',
  asks: 'Did each model that was evaluated also pass a suite of varied and adversarial inputs, over the same digest?',
  why: 'A model that answers the tidy question may fail the same one with two typos or a line below it that says something else. Users and attackers send those.',
  controls: ['EVM-07'],
  evidence: ['EVM-07.E1'],
  severity: 'high',
  uses: ['evaluation-run', 'evaluation-suite'],
  population: 'evaluation-run',
  fix: {
    summary: 'Run a robustness suite over the model.',
    steps: [
      'Make one from an approved suite: assay evaluation robustness "Suite" "Suite, varied" --kinds typos,paraphrase,suffix',
      'Have it approved by a second person, and run it over the same model and digest.',
      'Compare it with the plain run: the variants that lose tell where to work.',
    ],
  },
  judge({ facts }) {
    const purposes = new Map(facts['evaluation-suite'].map(({ key, body }) => [key, body.purpose]));
    const isVaried = ({ suiteId }: { suiteId: string }) => purposes.get(suiteId) === 'robustness';
    const nameOf = (body: { model: string; modelDigest: string | null }) => `${body.model} ${body.modelDigest ?? ''}`;
    const robust = grouped(
      facts['evaluation-run'].filter(({ body }) => isVaried(body)),
      ({ body }) => nameOf(body),
    );
    return facts['evaluation-run'].flatMap(({ key, body }): Verdict[] => {
      if (isVaried(body) || purposes.get(body.suiteId) === 'memorization') return [];
      const runs = robust.get(nameOf(body)) ?? [];
      const base = { subject: key, expected: 'a robustness run that passed' };
      const model = quoted(body.model);
      if (runs.length === 0)
        return [{ ...base, result: 'fail', observed: 'none', because: `${model} was run over no robustness suite.` }];
      const bad = runs.find((run) => run.body.verdict === 'fail');
      if (bad) return [{ ...base, result: 'fail', observed: 'failed', because: `${model}: ${bad.body.because}` }];
      if (runs.some((run) => run.body.verdict === 'pass'))
        return [{ ...base, result: 'pass', observed: 'passed', because: `${model} passed a robustness suite.` }];
      return [
        {
          ...base,
          result: 'no_data',
          observed: 'undecided',
          because: `A robustness run over ${model} decided nothing.`,
        },
      ];
    });
  },
});
