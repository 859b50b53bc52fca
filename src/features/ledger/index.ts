export type { Ledger } from '#src/ledger/store/store.ts';
export { logFileRoutes } from './log-file-routes.ts';
export { type IndexesOf, indexesOf, positionOf } from './position.ts';
export { ledgerRoutes } from './routes.ts';
