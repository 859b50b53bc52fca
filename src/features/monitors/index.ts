export { runCanaries, runCanary } from './canary.ts';
export { CANARY_DETECTORS } from './canary-rigs.ts';
export { CODE_VERSION, decideBatch } from './decide.ts';
export { integritySpecificationFacts, monitorCanaryFacts, monitorFacts } from './facts.ts';
export { listMonitors } from './list-monitors.ts';
export { batchesToRecompute, type Recomputed, recomputeBatch } from './recompute.ts';
export { monitorRoutes } from './routes.ts';
export { closedUntil, dueBatches, type RunOutcome, runMonitors } from './run-monitors.ts';
export type { MonitorAlert, MonitorServices } from './services.ts';
