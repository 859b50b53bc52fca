import { dayOf } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const gatewayPolicyTested = defineTest({
  id: 'gateway-policy-tested',
  version: 1,
  title: 'Gateway policies in force passed a test run',
  asks: 'Was every policy version in force on the gateway approved on a passing run of the attack suites, or reviewed with one after an emergency?',
  why: 'A rule that reads well can stop nothing, or stop the customers. Only the suites, played under exactly this version, tell before it counts for everybody.',
  controls: ['MLC-06', 'GRD-05'],
  evidence: ['MLC-06.E1', 'GRD-05.E1'],
  severity: 'high',
  uses: ['gateway-policy'],
  population: 'gateway-policy',
  dependsOnTime: true,
  fix: {
    summary: 'Play all suites under the version, and let a second person decide on the result.',
    steps: [
      'Open the policy under Gateway, Policies, and play the suites under the version, through any route.',
      'Where it passes, approve it, or review the emergency. Where it does not, write the next version.',
    ],
    example: 'assay gateway policy test support --route /v1',
  },
  judge: eachFact<'gateway-policy'>(({ key, body }, now) => {
    const { approvedOn, emergency, testRun } = body;
    const version = `Version ${body.version} of ${quoted(body.name)}, in force since ${dayOf(body.inForceFrom)},`;
    const base = { subject: key, observed: testRun?.verdict ?? 'no run', expected: 'a test run that passed' };
    if (approvedOn === 'emergency' && emergency !== null && emergency.reviewedAt === null)
      return {
        ...base,
        observed: 'emergency, not reviewed',
        result: now > emergency.reviewDueAt ? 'fail' : 'no_data',
        because: `${version} was approved in an emergency, and its review is due on ${dayOf(emergency.reviewDueAt)}.`,
      };
    if (testRun === null || testRun.verdict === 'no_data')
      return {
        ...base,
        result: 'no_data',
        because: `${version} was approved without a test run, and no run under it decided anything since.`,
      };
    const how = approvedOn === 'test_run' ? 'was approved on' : 'was approved without, and has since';
    return {
      ...base,
      result: testRun.verdict,
      because: `${version} ${how} the run of ${dayOf(testRun.ranAt)} through ${testRun.path}: ${testRun.because}`,
    };
  }),
});
