export { gatewayProviderFacts } from './facts.ts';
export { gatewayProviderRoutes } from './routes.ts';
export {
  createGatewayProviders,
  type GatewayProvidersDependencies,
  type GatewayProvidersService,
  type ProviderRoutes,
} from './service.ts';
