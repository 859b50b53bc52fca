export {
  HOLDS_LOCK,
  type HoldServices,
  listHolds,
  placeHold,
  presentHolds,
  releaseHold,
  standingHolds,
} from './holds.ts';
export { retentionRoutes } from './routes.ts';
export { RETENTION_JOB, readRetention, runRetention, setRetention } from './rules.ts';
