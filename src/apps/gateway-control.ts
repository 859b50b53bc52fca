import { type CaptureService, createCapture } from '#src/features/gateway-payloads/index.ts';
import {
  createDryRun,
  createGatewayPolicies,
  createGatewayPrices,
  createGatewayRoutes,
  createPolicyMoves,
  createProviderRoutes,
  type DryRunPolicy,
  type GatewayPoliciesService,
  type GatewayPricesService,
  type GatewayRoutesService,
  gatewayPolicyRoutes,
  type PolicyMoves,
  type RecordedDecisions,
  waitingMoves,
} from '#src/features/gateway-policies/index.ts';
import {
  createGatewayProviders,
  type GatewayProvidersService,
  gatewayProviderRoutes,
} from '#src/features/gateway-providers/index.ts';
import {
  createGatewayKeys,
  createGatewayTenants,
  type GatewayKeysService,
  type GatewayTenantsService,
  gatewayTenantRoutes,
} from '#src/features/gateway-tenants/index.ts';
import type { NamesOf } from '#src/features/records/index.ts';
import type { Routes } from '#src/platform/http/route.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import type { Services } from './services.ts';

/** What sets up the AI gateway: the same for the server and for the commands. */
export type GatewayControl = {
  providers: GatewayProvidersService;
  tenants: GatewayTenantsService;
  keys: GatewayKeysService;
  policies: GatewayPoliciesService;
  routes: GatewayRoutesService;
  prices: GatewayPricesService;
  dryRun: DryRunPolicy;
  moves: PolicyMoves;
  capture: CaptureService;
};

export function openGatewayControl(
  services: Pick<Services, 'records' | 'blobs' | 'database' | 'clock'>,
  parts: { secrets: Secrets; namesOf: NamesOf; decisions: RecordedDecisions },
): GatewayControl {
  const { records, blobs, clock } = services;
  const { namesOf, secrets } = parts;
  const moves = createPolicyMoves({ records, namesOf });
  return {
    providers: createGatewayProviders({ records, secrets, namesOf, providerRoutes: createProviderRoutes(records) }),
    tenants: createGatewayTenants({
      records,
      namesOf,
      moves: { ...moves, waiting: () => waitingMoves(services.database.drizzle, 'tenant') },
    }),
    keys: createGatewayKeys({ records, namesOf }),
    policies: createGatewayPolicies({ records, blobs, namesOf }),
    routes: createGatewayRoutes({ records, namesOf, moves }),
    prices: createGatewayPrices({ records, namesOf }),
    moves,
    capture: createCapture({ records, namesOf }),
    dryRun: createDryRun({ executor: services.database.drizzle, clock, decisions: parts.decisions }),
  };
}

/** Everything under `/gateway` of the API that sets it up. `address`: where applications reach the gateway. */
export function gatewayControlRoutes(control: GatewayControl, address: () => string): Routes[] {
  return [
    gatewayProviderRoutes(control.providers),
    gatewayTenantRoutes(control.tenants, control.keys),
    ...gatewayPolicyRoutes({ ...control, address }),
  ];
}
