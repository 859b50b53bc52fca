import type { FactBody } from '#src/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import { dayOf, daysBetween } from './age.ts';
import { defineTest, type Verdict } from './define.ts';
import { fromKnown, quoted } from './words.ts';

const DECISION_DAYS = 365;

export const gatewayProbabilitiesWithheld = defineTest({
  id: 'gateway-probabilities-withheld',
  version: 1,
  title: 'No gateway route gives out log-probabilities without an approved exception',
  asks: 'On every route, are calls for log-probabilities and logits refused, or passed under an exception that a second person approved within a year?',
  why: 'Log-probabilities are what a model is copied from: with them, parts of a production model were rebuilt for the price of a dinner.',
  controls: ['API-05'],
  evidence: ['API-05.E3'],
  severity: 'medium',
  uses: ['gateway-route', 'gateway-probe'],
  population: 'gateway-route',
  dependsOnTime: true,
  fix: {
    summary: 'Refuse them in the policy of the route, or write down why not and until when.',
    steps: [
      'Open Gateway, Policies, the policy of the route, and set log-probabilities to refuse in the next version.',
      'Where a product needs them, let them pass with the reason and the last day of the exception.',
      'Let a second person approve the version.',
    ],
    example: '"output": { "probabilities": { "calls": "refuse" } }',
  },
  judge: ({ facts, at }) =>
    facts['gateway-route'].map(({ key, body }) =>
      judgeRoute(key, body, facts['gateway-probe'].find((probe) => probe.key === key)?.body ?? null, at),
    ),
});

function judgeRoute(
  key: string,
  { path, probabilities: rule }: FactBody<'gateway-route'>,
  probe: FactBody<'gateway-probe'> | null,
  now: Instant,
): Verdict {
  const route = `The route ${quoted(path)}`;
  const base = { subject: key, expected: 'refused, or an approved exception of this year' };
  if (rule === null)
    return { ...base, result: 'not_applicable', because: `${route} has no policy in force and refuses every call.` };
  const isOver = rule.untilOn !== null && dayOf(now) > rule.untilOn;
  const refuses = rule.calls === 'refuse' || isOver;
  if (refuses && probe?.showsProbabilities === true)
    return {
      ...base,
      observed: 'shown to a probe',
      result: 'fail',
      because: `${route} is to refuse log-probabilities, and the probe on ${dayOf(probe.ranAt)} was shown them.`,
    };
  if (rule.calls === 'undecided')
    return {
      ...base,
      observed: 'undecided',
      result: 'fail',
      because: `${route} passes on log-probabilities, and its policy does not say that it should.`,
    };
  const days = daysBetween(rule.decidedAt, now);
  if (days === null || days > DECISION_DAYS)
    return {
      ...base,
      observed: `decided on ${dayOf(rule.decidedAt)}`,
      result: 'fail',
      because: `${route}: what its policy says of log-probabilities was decided more than ${DECISION_DAYS} days ago.`,
    };
  if (refuses)
    return { ...base, observed: 'refused', result: 'pass', because: `${route} refuses calls for log-probabilities.` };
  const exception = `${route} passes on log-probabilities until ${rule.untilOn} under an exception that`;
  return {
    ...base,
    ...fromKnown(rule.secondPerson, {
      yes: { result: 'pass', because: `${exception} a second person approved.` },
      no: { result: 'fail', because: `${exception} one of its authors approved.` },
      unknown: `${exception} was put in force at the command line, so that two people cannot be shown.`,
    }),
    observed: `exception until ${rule.untilOn}`,
  };
}
