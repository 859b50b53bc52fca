import { defineTest, eachFact } from './define.ts';
import { judgeRoute } from './other-gateway.ts';

export const otherGatewayRequestsLimited = defineTest({
  id: 'other-gateway-requests-limited',
  version: 1,
  title: 'Every route of other gateways limits requests',
  asks: 'Does the configuration of each other gateway, read within 31 days, limit the requests to every route?',
  why: 'One caller can spend a month’s budget in an hour, or query a model until it can be copied, through whichever gateway has no limit.',
  controls: ['API-02'],
  evidence: ['API-02.E1'],
  severity: 'high',
  uses: ['other-gateway-route'],
  population: 'other-gateway-route',
  dependsOnTime: true,
  fix: {
    summary: 'Limit the requests to the route, for every caller.',
    steps: [
      'Add the rate limit of the gateway with a finite number; limits for single callers only do not count.',
      'Import the changed files: bin/assay gateway import add NAME FILES, or Gateway, Other gateways.',
    ],
    example: 'limit_req zone=per_key burst=20;',
  },
  judge: eachFact<'other-gateway-route'>((fact, now) =>
    judgeRoute(fact, now, {
      member: 'requestsLimited',
      expected: 'requests limited',
      yes: 'limits requests',
      no: 'takes requests without limit',
    }),
  ),
});
