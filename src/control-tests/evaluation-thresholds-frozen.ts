import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const evaluationThresholdsFrozen = defineTest({
  id: 'evaluation-thresholds-frozen',
  version: 1,
  title: 'Evaluation suites have approved thresholds before they run',
  asks: 'Does every evaluation suite have a version with thresholds that a second person approved?',
  why: 'A threshold that is chosen after the result was seen accepts any result. Frozen items and thresholds make a score mean something.',
  controls: ['EVM-01', 'EVM-10'],
  evidence: ['EVM-01.E1', 'EVM-01.E3', 'EVM-10.E3'],
  severity: 'high',
  uses: ['evaluation-suite'],
  population: 'evaluation-suite',
  fix: {
    summary: 'Have a version with thresholds approved.',
    steps: [
      'Open Evaluations, Suites, and propose a version with a threshold for each scorer that decides.',
      'Ask a colleague with the permission evaluations.approve to review it.',
    ],
  },
  judge: eachFact<'evaluation-suite'>(({ key, body }) => {
    const base = { subject: key, expected: 'an approved version with thresholds' };
    const name = quoted(body.name);
    if (body.versionInForce === null)
      return { ...base, observed: 'none approved', result: 'fail', because: `No version of ${name} is approved.` };
    const observed = `version ${body.versionInForce}, ${body.thresholds} thresholds`;
    if (body.thresholds === 0)
      return { ...base, observed, result: 'fail', because: `The approved version of ${name} holds no threshold.` };
    return { ...base, observed, result: 'pass', because: `${name} has approved thresholds.` };
  }),
});
