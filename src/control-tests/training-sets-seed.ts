import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, where } from './words.ts';

export const trainingSetsSeed = defineTest({
  id: 'training-sets-seed',
  version: 1,
  title: 'Training sets its random seeds',
  asks: 'Does the training code set the seeds of its random generators?',
  why: 'Two runs that differ only in an unset seed cannot be compared; a better score may be luck.',
  controls: ['MLC-02'],
  severity: 'low',
  uses: ['training-pipeline'],
  population: 'training-pipeline',
  fix: {
    summary: 'Set and record the seeds.',
    steps: [
      'Set the seed of every generator in use (Python, NumPy, the framework) at the start.',
      'Record it with the run.',
    ],
    example: 'set_seed(config.seed)',
  },
  judge: eachFact<'training-pipeline'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `The ${body.framework} training in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'yes',
      ...at(body.place),
      ...fromKnown(body.setsSeed, {
        yes: { result: 'pass', because: `${named} sets a seed.` },
        no: { result: 'fail', because: `${named} sets no seed.` },
        unknown: `${named} does not show whether a seed is set.`,
      }),
    };
  }),
});
