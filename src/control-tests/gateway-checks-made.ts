import { defineTest, eachFact } from './define.ts';

/** Checks fail now and then; more than one call in a thousand without its checks is no accident any more. */
const NOT_EVALUATED_SHARE_MAX = 0.001;

export const gatewayChecksMade = defineTest({
  id: 'gateway-checks-made',
  version: 1,
  title: 'Calls through the gateway are checked, and none is let through where a check failed',
  asks: 'Over the last seven days, were all due checks made on every route, and did no call pass although one was not?',
  why: 'A filter that is switched on and does not run protects nobody. What was not looked at must never read as passed.',
  controls: ['GRD-01', 'GRD-06'],
  severity: 'high',
  uses: ['gateway-traffic'],
  population: 'gateway-traffic',
  maxAgeHours: 26,
  fix: {
    summary: 'Give the route a policy that fails closed, and find out why checks were not made.',
    steps: [
      'Open Gateway, Decisions, outcome "Not evaluated": each names the check and the reason.',
      'Where no policy is in force on the route, assign one under Policies and have it approved.',
      'Where a check failed, set the policy to fail closed until the reason is gone.',
    ],
  },
  judge: eachFact<'gateway-traffic'>(({ key, body }) => {
    const base = { subject: key, expected: 'no call failed open, at most 0.1 % not evaluated' };
    const over = `${body.calls} calls within ${body.days} days`;
    if (body.calls === 0)
      return { ...base, result: 'no_data', because: `Route ${key} had no call within ${body.days} days.` };
    if (body.failOpen > 0)
      return {
        ...base,
        result: 'fail',
        because: `Of ${over} on route ${key}, ${body.failOpen} were let through although a check was not made.`,
        observed: `${body.failOpen} failed open`,
      };
    if (body.notEvaluated > NOT_EVALUATED_SHARE_MAX * body.calls)
      return {
        ...base,
        result: 'fail',
        because: `Of ${over} on route ${key}, ${body.notEvaluated} were not evaluated.`,
        observed: `${body.notEvaluated} not evaluated`,
      };
    return {
      ...base,
      result: 'pass',
      because: `Of ${over} on route ${key}, ${body.notEvaluated} were not evaluated and none failed open.`,
    };
  }),
});
