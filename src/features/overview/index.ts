export { overviewRoutes } from './routes.ts';
export { type OverviewServices, overview } from './service.ts';
