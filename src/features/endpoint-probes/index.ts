export { endpointProbeFacts } from './facts.ts';
export { listEndpoints, probeEndpoint, probeEndpointsDaily } from './probe-endpoints.ts';
export { endpointProbeRoutes } from './routes.ts';
