import { dayOf } from './age.ts';
import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { quoted } from './words.ts';

export const deployedModelEvaluated = defineTest({
  id: 'deployed-model-evaluated',
  version: 1,
  title: 'Models in use passed an evaluation before they were deployed',
  asks: 'Does every model that traffic goes to have an evaluation run that passed on or before the day it was first seen?',
  why: 'Thresholds protect nobody when the model goes live first and is measured later.',
  controls: ['EVM-01', 'MLC-03'],
  severity: 'high',
  uses: ['gateway-use', 'evaluation-run'],
  population: 'gateway-use',
  fix: {
    summary: 'Evaluate the model, and let the release ask the gate from now on.',
    steps: [
      'Run the approved suite: assay evaluation run "Suite" --provider P --model M',
      'Put assay evaluation gate "Suite" --model M into the pipeline that deploys: it exits 1 unless the model passed.',
      'A model that went live without a run stays a finding of its day; its next version is evaluated first.',
    ],
  },
  judge({ facts }) {
    const byModel = grouped(facts['evaluation-run'], ({ body }) => body.model);
    return facts['gateway-use'].map(({ key, body }): Verdict => {
      const base = { subject: key, expected: `a run that passed by ${body.firstSeenOn}` };
      const model = quoted(body.model);
      const runs = byModel.get(body.model) ?? [];
      if (runs.length === 0)
        return {
          ...base,
          result: 'fail',
          observed: 'no run',
          because: `${model} is in use since ${body.firstSeenOn} and was never evaluated.`,
        };
      const [first] = runs
        .flatMap(({ body: run }) => (run.firstPassedAt === null ? [] : [dayOf(run.firstPassedAt)]))
        .sort();
      if (first === undefined)
        return {
          ...base,
          result: 'fail',
          observed: 'no run passed',
          because: `${model} is in use since ${body.firstSeenOn}, and no run over it passed.`,
        };
      if (first > body.firstSeenOn)
        return {
          ...base,
          result: 'fail',
          observed: first,
          because: `${model} was in use from ${body.firstSeenOn} and passed its first evaluation on ${first}.`,
        };
      return {
        ...base,
        result: 'pass',
        observed: first,
        because: `${model} passed an evaluation on ${first}, and is in use since ${body.firstSeenOn}.`,
      };
    });
  },
});
