import { dayOf, daysBetween } from './age.ts';
import { defineTest, type Verdict } from './define.ts';
import { outsideScope } from './monitoring.ts';
import { quoted } from './words.ts';

/** As the catalog states them for EVM-09. */
const REVIEW_DAYS = 31;
const SAMPLE_MIN = 50;

export const outputsReviewedMonthly = defineTest({
  id: 'outputs-reviewed-monthly',
  version: 1,
  title: 'People review a random sample of answers every month',
  asks: 'Did two persons label at least 50 answers of every AI system in scope within the last 31 days, in a sample that nobody picked by hand?',
  why: 'What no scorer was told to look for is found by people who read answers. A sample by a seed that the reader did not choose cannot leave the bad ones out.',
  controls: ['EVM-09'],
  evidence: ['EVM-09.E1'],
  severity: 'medium',
  uses: ['ai-system', 'label-sample'],
  population: 'ai-system',
  dependsOnTime: true,
  fix: {
    summary: 'Draw a sample of answers and have two persons label it.',
    steps: [
      'Open an evaluation run of the system and draw a sample of its answers for people.',
      'Open Evaluations, Labels: two persons label each item, with the keys 1, 2 and 3.',
    ],
  },
  judge({ facts, at }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: `${SAMPLE_MIN} answers within ${REVIEW_DAYS} days` };
      const name = quoted(system.body.name);
      const samples = facts['label-sample'].filter(({ body }) => body.systemId === system.key);
      if (samples.length === 0)
        return {
          ...base,
          result: 'no_data',
          observed: 'no sample',
          because: `No sample of answers of ${name} was drawn for people.`,
        };
      const recent = samples.filter(({ body }) => {
        const age = body.lastLabeledAt === null ? null : daysBetween(body.lastLabeledAt, at);
        return age !== null && age <= REVIEW_DAYS;
      });
      const reviewed = recent.reduce((sum, { body }) => sum + body.labeledTwice, 0);
      const observed = `${reviewed} answers`;
      if (recent.length === 0) {
        const last = samples.flatMap(({ body }) => (body.lastLabeledAt === null ? [] : [body.lastLabeledAt])).sort();
        const since = last.length === 0 ? 'ever' : `since ${dayOf(last.at(-1) as string)}`;
        return { ...base, observed, result: 'fail', because: `Nobody reviewed answers of ${name} ${since}.` };
      }
      if (reviewed < SAMPLE_MIN)
        return {
          ...base,
          observed,
          result: 'fail',
          because: `Two persons labeled ${reviewed} answers of ${name} in the last ${REVIEW_DAYS} days; ${SAMPLE_MIN} are needed.`,
        };
      return {
        ...base,
        observed,
        result: 'pass',
        because: `Two persons labeled ${reviewed} answers of ${name} in the last ${REVIEW_DAYS} days.`,
      };
    });
  },
});
