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
export { RETENTION_JOB, readRetention, runEventRetention, runRetention, setRetention } from './rules.ts';
