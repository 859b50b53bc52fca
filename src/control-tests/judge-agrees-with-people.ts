import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted, shareOf } from './words.ts';

const AGREEMENT_MIN = 0.8;
const CHECK_DAYS = 92;
// Fewer say little: at 20, four in five agree by chance alone once in a hundred and seventy times.
const GOLD_MIN = 20;

export const judgeAgreesWithPeople = defineTest({
  id: 'judge-agrees-with-people',
  version: 1,
  title: 'What judges answers agrees with people',
  asks: 'Was every judge of answers checked against two persons within 92 days, and does it agree with them in four of five?',
  why: 'A rate of hallucinations is as good as the judge behind it. Unless people labeled a sample that nobody picked, the judge has measured itself.',
  controls: ['EVM-03'],
  evidence: ['EVM-03.E3'],
  severity: 'high',
  uses: ['label-sample'],
  population: 'label-sample',
  dependsOnTime: true,
  fix: {
    summary: 'Label the sample, or change the judge.',
    steps: [
      'Open Evaluations, Labels: two persons label each item, with the keys 1, 2 and 3.',
      'Where the judge is wrong more than one time in five, use another model or prompt, run again, and draw a new sample.',
    ],
  },
  judge: eachFact<'label-sample'>(({ key, body }, now) => {
    const name = `The sample of ${dayOf(body.drawnAt)} for ${quoted(body.scorer)}`;
    const base = { subject: key, expected: `agreement of ${AGREEMENT_MIN} within ${CHECK_DAYS} days` };
    const observed = `${body.labeledTwice} of ${body.sampled} labeled by two persons`;
    if (body.agreement === null || body.lastLabeledAt === null || body.gold < GOLD_MIN)
      return {
        ...base,
        observed,
        result: 'no_data',
        because: `${name} has ${body.gold} items on which two persons agree; ${GOLD_MIN} are needed.`,
      };
    const age = daysBetween(body.lastLabeledAt, now);
    const agreed = Math.round(body.agreement * body.gold);
    const agreement = `${shareOf(agreed, body.gold, body.agreementInterval)} answers`;
    if (age === null || age > CHECK_DAYS)
      return {
        ...base,
        observed,
        result: 'fail',
        because: `${name} was last labeled on ${dayOf(body.lastLabeledAt)}.`,
      };
    if (body.agreement < AGREEMENT_MIN)
      return {
        ...base,
        observed: agreement,
        result: 'fail',
        because: `${name} agrees with people in only ${agreement}.`,
      };
    return { ...base, observed: agreement, result: 'pass', because: `${name} agrees with people in ${agreement}.` };
  }),
});
