export { incidentFacts } from './facts.ts';
export { changeIncident, openIncident } from './incidents.ts';
export { incidentDetail, listIncidents } from './list-incidents.ts';
export { incidentRoutes } from './routes.ts';
