import { defineTest, eachFact } from './define.ts';
import { judgeRoute } from './other-gateway.ts';

export const otherGatewayTokensLimited = defineTest({
  id: 'other-gateway-tokens-limited',
  version: 1,
  title: 'Every route of other gateways limits tokens',
  asks: 'Does the configuration of each other gateway, read within 31 days, limit the tokens that calls to every route use?',
  why: 'A few requests with long prompts cost as much as thousands of short ones; a limit of requests alone does not see them.',
  controls: ['API-02'],
  evidence: ['API-02.E1'],
  severity: 'medium',
  uses: ['other-gateway-route'],
  population: 'other-gateway-route',
  dependsOnTime: true,
  fix: {
    summary: 'Limit the tokens of the route, or send it through the gateway of Assay.',
    steps: [
      'Kong: ai-rate-limiting-advanced; Envoy AI Gateway: a BackendTrafficPolicy whose cost is taken from llmRequestCosts; LiteLLM: upperbound_key_generate_params. NGINX has none.',
      'Import the changed files: bin/assay gateway import add NAME FILES, or Gateway, Other gateways.',
    ],
    example: 'assay gateway tenant limit acme --tokens-per-day 5000000',
  },
  judge: eachFact<'other-gateway-route'>((fact, now) =>
    judgeRoute(fact, now, {
      member: 'tokensLimited',
      expected: 'tokens limited',
      yes: 'limits tokens',
      no: 'lets callers use tokens without limit',
    }),
  ),
});
