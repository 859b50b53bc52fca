export { createDecisionWriter, type OnWritten } from './decision-writer.ts';
export { gatewayRecordFacts, gatewayTrafficFacts, gatewayUseFacts } from './facts.ts';
export { keepRecord, type RecordKeeper } from './keep-record.ts';
export { listDecisions, recentDecisions } from './list-decisions.ts';
export { proveDecision } from './prove.ts';
export { readNewDecisions } from './read-new.ts';
export { recordState } from './record-state.ts';
export { applyRetention, changeRetention } from './retention.ts';
export { gatewayDecisionRoutes } from './routes.ts';
