export { openIncident } from './incidents.ts';
export { incidentRoutes } from './routes.ts';
