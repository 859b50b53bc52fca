export { labelSampleFacts } from './facts.ts';
export { labelReports } from './report.ts';
export { labelRoutes } from './routes.ts';
