import { gatewayControlRoutes, openGatewayControl } from '#src/apps/gateway-control.ts';
import type { Services } from '#src/apps/services.ts';
import { recentDecisions } from '#src/features/gateway-decisions/index.ts';
import type { Users } from '#src/features/users/index.ts';

/** What sets up the gateway, over the stores of a test. */
export function gatewayControlOf({ services, users }: { services: Services; users: Users }) {
  return openGatewayControl(services, {
    secrets: services.secrets,
    namesOf: users.namesOf,
    decisions: recentDecisions,
  });
}

export function mountGatewayControl(parts: { services: Services; users: Users }) {
  return gatewayControlRoutes(gatewayControlOf(parts), () => 'http://127.0.0.1:4401');
}
