import { defineTest, eachFact } from './define.ts';

const RATIO_MIN = 0.99;

export const gatewayChecksDecide = defineTest({
  id: 'gateway-checks-decide',
  version: 1,
  title: 'On each day, nearly every request has a decision of the checks',
  asks: 'On every route and each of the last seven days, did the checks come to a decision on at least 99 % of the requests that reached them?',
  why: 'An average hides the one day on which the filter was down. An auditor looks at each day of the period.',
  controls: ['GRD-01', 'GRD-02', 'GRD-06'],
  evidence: ['GRD-01.E3'],
  severity: 'high',
  uses: ['gateway-traffic'],
  population: 'gateway-traffic',
  maxAgeHours: 26,
  fix: {
    summary: 'Find out what kept the checks from deciding on the day that is named.',
    steps: [
      'Open Gateway, Traffic: the days with requests and decisions stand there, by route.',
      'Open Gateway, Decisions, of that day, outcome "Not evaluated": each names the check and the reason.',
      'Where a second opinion or a large body is the reason, raise its limits or let the policy fail closed.',
    ],
  },
  judge: eachFact<'gateway-traffic'>(({ key, body }) => {
    const base = { subject: key, expected: 'at least 99 % on each day' };
    if (body.checksByDay.length === 0)
      return {
        ...base,
        result: 'no_data',
        because: `No request reached the checks of route ${key} within ${body.days} days.`,
      };
    const worst = body.checksByDay.reduce((least, day) => (ratio(day) < ratio(least) ? day : least));
    const observed = `${(100 * ratio(worst)).toFixed(2)} % on ${worst.day}`;
    const because = `On route ${key}, the lowest of ${body.checksByDay.length} days is ${worst.day}: ${worst.decided} of ${worst.requests} requests have a decision of the checks.`;
    return { ...base, observed, because, result: ratio(worst) < RATIO_MIN ? 'fail' : 'pass' };
  }),
});

const ratio = ({ requests, decided }: { requests: number; decided: number }) => decided / requests;
