import { defineTest, eachFact } from './define.ts';
import { judgeScreening } from './gateway-screening.ts';

export const gatewayRouteOutputFiltered = defineTest({
  id: 'gateway-route-output-filtered',
  version: 1,
  title: 'Every gateway route filters answers',
  asks: 'Does the policy in force on every route of the gateway block or mask what it finds in answers, streamed ones included?',
  why: 'A model does not know what is secret or whose it is. The last place to stop a leak is between its answer and the reader.',
  controls: ['GRD-02'],
  evidence: ['GRD-02.E1'],
  severity: 'high',
  uses: ['gateway-route'],
  population: 'gateway-route',
  fix: {
    summary: 'Put the route under a policy that blocks or masks on output.',
    steps: [
      'Write a version of its policy whose checks of answers (secret, personal_data, prompt_leak) redact or block.',
      'Let a second person approve it. Streams go through the same checks.',
    ],
    example: 'assay gateway policy adopt-starter --cover-routes',
  },
  judge: eachFact<'gateway-route'>(({ key, body }) => judgeScreening(key, body, 'output')),
});
