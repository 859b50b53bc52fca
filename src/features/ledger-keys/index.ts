export { ledgerKeyRoutes } from './routes.ts';
