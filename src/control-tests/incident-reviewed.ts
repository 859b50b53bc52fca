import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';

// Ten business days are two weeks.
const REVIEW_DAYS = 14;

export const incidentReviewed = defineTest({
  id: 'incident-reviewed',
  version: 1,
  title: 'Serious incidents are reviewed within ten business days',
  asks: 'Does every critical and high incident have its cause, its lessons and a repetition, within ten business days?',
  why: 'An incident that nobody looked back at comes again with the next release; for AI the cause has to name the model, the data or the prompt that changed.',
  controls: ['AIR-02', 'INC-02'],
  evidence: ['AIR-02.E2', 'INC-02.E2'],
  severity: 'high',
  uses: ['incident'],
  population: 'incident',
  dependsOnTime: true,
  fix: {
    summary: 'Finish the review of the incident.',
    steps: [
      'Open Incidents and the one named here.',
      'Enter the root cause, what is done differently from now on, and what shows that the change helped.',
      'Resolve its alerts and close it.',
    ],
  },
  judge: eachFact<'incident'>(({ key, body }, now) => {
    const name = `The ${body.severity} incident ${key} of ${dayOf(body.openedAt)}`;
    const base = { subject: key, expected: 'a review within ten business days' };
    if (body.severity !== 'critical' && body.severity !== 'high')
      return { ...base, result: 'not_applicable', because: `${name} is not serious enough to need a review.` };
    const until = body.closedAt === null ? now : (body.closedAt as typeof now);
    const days = daysBetween(body.openedAt, until);
    if (days === null)
      return { ...base, result: 'no_data', because: `When ${name} was opened cannot be read.`, observed: 'no time' };
    const missing = [
      ...(body.rootCauseStated ? [] : ['its cause']),
      ...(body.lessonsStated ? [] : ['its lessons']),
      ...(body.retested ? [] : ['a repetition']),
    ];
    const observed = missing.length === 0 ? 'reviewed' : `without ${missing.join(', ')}`;
    if (days > REVIEW_DAYS)
      return {
        ...base,
        observed,
        result: 'fail',
        because:
          body.closedAt === null
            ? `${name} is open for ${Math.floor(days)} days${missing.length > 0 ? `, ${observed}` : ''}.`
            : `${name} was closed after ${Math.floor(days)} days.`,
      };
    if (body.closedAt === null)
      return { ...base, observed, result: 'pass', because: `${name} is open, and its time for a review runs.` };
    if (missing.length > 0) return { ...base, observed, result: 'fail', because: `${name} was closed ${observed}.` };
    return { ...base, observed, result: 'pass', because: `${name} was reviewed and closed in time.` };
  }),
});
