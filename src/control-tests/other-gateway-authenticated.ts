import { defineTest, eachFact } from './define.ts';
import { judgeRoute } from './other-gateway.ts';

export const otherGatewayAuthenticated = defineTest({
  id: 'other-gateway-authenticated',
  version: 1,
  title: 'Every route of other gateways asks who is calling',
  asks: 'Does the configuration of each other gateway, read within 31 days, authenticate the callers of every route?',
  why: 'A model behind a second door is as open as that door. What its configuration does not close, strangers use.',
  controls: ['API-01'],
  evidence: ['API-01.E1'],
  severity: 'high',
  uses: ['other-gateway-route'],
  population: 'other-gateway-route',
  dependsOnTime: true,
  fix: {
    summary: 'Require credentials on the route, or for all routes of the gateway.',
    steps: [
      'Add the plugin, policy or directive of the gateway that authenticates, and take out what lets anonymous callers pass.',
      'Import the changed files: bin/assay gateway import add NAME FILES, or Gateway, Other gateways.',
    ],
    example: 'plugins: [{ name: key-auth }]',
  },
  judge: eachFact<'other-gateway-route'>((fact, now) =>
    judgeRoute(fact, now, {
      member: 'authenticated',
      expected: 'authenticated',
      yes: 'authenticates its callers',
      no: 'serves callers without credentials',
    }),
  ),
});
