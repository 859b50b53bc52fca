import { defineTest, eachFact } from './define.ts';
import { judgeScreening } from './gateway-screening.ts';

export const gatewayRouteInputFiltered = defineTest({
  id: 'gateway-route-input-filtered',
  version: 1,
  title: 'Every gateway route filters prompts',
  asks: 'Does the policy in force on every route of the gateway block or redact what it finds in prompts?',
  why: 'Everything a model reads can act as an instruction. One route that only watches is the route an attack takes.',
  controls: ['GRD-01'],
  evidence: ['GRD-01.E2'],
  severity: 'high',
  uses: ['gateway-route'],
  population: 'gateway-route',
  fix: {
    summary: 'Put the route under a policy that blocks or redacts on input.',
    steps: [
      'Open Gateway, Policies, and adopt the starter policy or write one whose checks of prompts block or redact.',
      'Let a second person approve it, then choose it for the route under Gateway, Providers.',
    ],
    example: 'assay gateway policy adopt-starter --cover-routes',
  },
  judge: eachFact<'gateway-route'>(({ key, body }) => judgeScreening(key, body, 'input')),
});
