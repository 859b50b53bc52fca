import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, where } from './words.ts';

export const trainingRunLogged = defineTest({
  id: 'training-run-logged',
  version: 1,
  title: 'Training runs are logged',
  asks: 'Does the training code record each run with an experiment tracker or registry?',
  why: 'A model whose run was not recorded has no lineage: parameters, data and commit are guesses, and an auditor who asks for them gets a story.',
  controls: ['MLC-02'],
  severity: 'medium',
  uses: ['training-pipeline'],
  population: 'training-pipeline',
  fix: {
    summary: 'Record every run with parameters, data digests and commit.',
    steps: [
      'Start a run in a tracker (MLflow, Weights & Biases, or a manifest file) at the top of the training script.',
      'Log parameters, dataset digests, commit, environment and metrics, and link the artifact to the run.',
    ],
    example: 'with mlflow.start_run():\n    mlflow.log_params(params)',
  },
  judge: eachFact<'training-pipeline'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `The ${body.framework} training in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'yes',
      ...at(body.place),
      ...fromKnown(body.logsRun, {
        yes: { result: 'pass', because: `${named} logs its runs.` },
        no: { result: 'fail', because: `${named} trains without recording the run.` },
        unknown: `${named} does not show whether its runs are recorded.`,
      }),
    };
  }),
});
