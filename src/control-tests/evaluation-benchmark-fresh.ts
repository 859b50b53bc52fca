import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const evaluationBenchmarkFresh = defineTest({
  id: 'evaluation-benchmark-fresh',
  version: 1,
  title: 'Benchmarks are reviewed in time and say how leakage into training is ruled out',
  asks: 'Was every benchmark approved within its time, and does it state how its items are kept out of training?',
  why: 'A benchmark that models have seen, or that no longer looks like what customers ask, measures memory of the past.',
  controls: ['EVM-10'],
  evidence: ['EVM-10.E1'],
  severity: 'medium',
  uses: ['evaluation-suite'],
  population: 'evaluation-suite',
  dependsOnTime: true,
  fix: {
    summary: 'Review the benchmark, state how leakage is ruled out, and approve it again.',
    steps: [
      'Open Evaluations, Suites, and look at the items: do they still stand for what customers ask?',
      'Propose a version that says how the items were kept out of training data, and let a second person approve it.',
    ],
  },
  judge: eachFact<'evaluation-suite'>(({ key, body }, now) => {
    const name = quoted(body.name);
    const base = { subject: key, observed: body.approvedAt ?? 'never approved' };
    if (body.approvedAt === null || body.freshDays === null)
      return { ...base, result: 'no_data', because: `No version of ${name} is approved.` };
    const age = daysBetween(body.approvedAt, now);
    const expected = `approved within ${body.freshDays} days`;
    if (age === null)
      return { ...base, expected, result: 'no_data', because: `When ${name} was approved is not known.` };
    if (age > body.freshDays)
      return {
        ...base,
        expected,
        result: 'fail',
        because: `${name} was approved on ${dayOf(body.approvedAt)}, ${Math.floor(age)} days ago.`,
      };
    if (!body.decontaminationStated)
      return {
        ...base,
        expected: 'a statement on leakage',
        result: 'fail',
        because: `${name} does not say how its items are kept out of training data.`,
      };
    return { ...base, expected, result: 'pass', because: `${name} was approved on ${dayOf(body.approvedAt)}.` };
  }),
});
