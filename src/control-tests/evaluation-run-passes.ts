import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const evaluationRunPasses = defineTest({
  id: 'evaluation-run-passes',
  version: 1,
  title: 'The last evaluation of each model meets its thresholds',
  asks: 'Did the last run of each suite over each model meet every threshold that was approved before it?',
  why: 'A model whose last evaluation failed, or that was never measured against approved thresholds, serves customers on hope.',
  controls: ['EVM-01', 'MLC-03'],
  evidence: ['EVM-01.E2'],
  severity: 'high',
  uses: ['evaluation-run'],
  population: 'evaluation-run',
  fix: {
    summary: 'Find out what got worse, fix it, and run the suite again.',
    steps: [
      'Open the run and look at the items that failed; compare it with the last run that passed.',
      'Fix prompt, model or retrieval, then run the suite again. A threshold changes only with a second person.',
    ],
    example: 'bin/assay evaluation gate SUITE --model MODEL',
  },
  judge: eachFact<'evaluation-run'>(({ key, body }) => {
    const base = { subject: key, observed: body.verdict, expected: 'pass' };
    const name = `The run of ${quoted(body.title)} over ${quoted(body.model)}`;
    if (body.verdict === 'pass') return { ...base, result: 'pass', because: `${name} met every threshold.` };
    if (body.verdict === 'fail') return { ...base, result: 'fail', because: `${name} failed: ${body.because}` };
    return { ...base, result: 'no_data', because: `${name} decided nothing: ${body.because}` };
  }),
});
