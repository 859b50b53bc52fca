export { gatewayKeyFacts, gatewayTenantFacts } from './facts.ts';
export { changeKeyState, type KeyActionParts, setKeyLimits, suspendTenant } from './key-actions.ts';
export { createGatewayKeys, type GatewayKeysService } from './keys.ts';
export { gatewayTenantRoutes } from './routes.ts';
export { createGatewayTenants, type GatewayTenantsDependencies, type GatewayTenantsService } from './service.ts';
export { noteKeyUse, ownTenantIds } from './store.ts';
