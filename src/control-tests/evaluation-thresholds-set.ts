import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, where } from './words.ts';

export const evaluationThresholdsSet = defineTest({
  id: 'evaluation-thresholds-set',
  version: 1,
  title: 'Evaluation suites state their thresholds',
  asks: 'Does every evaluation suite say which result is good enough?',
  why: 'A score without a threshold approves everything. The limit has to be set before the run, or it will be set to fit.',
  controls: ['EVM-01'],
  severity: 'medium',
  uses: ['eval-suite'],
  population: 'eval-suite',
  fix: {
    summary: 'Give each metric of the suite a threshold that fails the run.',
    steps: [
      'Measure the version in production and take its result, less the noise, as the first threshold.',
      'Write it into the suite, with the reason beside it.',
      'Change it only by reviewed change, by someone other than the author of the model.',
    ],
    example: 'assert accuracy >= 0.92, "below the approved threshold"',
  },
  judge: eachFact<'eval-suite'>(({ key, body }) => ({
    subject: key,
    expected: 'yes',
    ...at(body.place),
    ...fromKnown(body.thresholds, {
      yes: { result: 'pass', because: `The ${body.framework} suite in ${where(body.place)} states thresholds.` },
      no: {
        result: 'fail',
        because: `The ${body.framework} suite in ${where(body.place)} measures without a threshold.`,
      },
      unknown: `Whether the ${body.framework} suite in ${where(body.place)} has thresholds cannot be read from it.`,
    }),
  })),
});
