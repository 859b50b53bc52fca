export { labelSampleFacts } from './facts.ts';
export { labelRoutes } from './routes.ts';
