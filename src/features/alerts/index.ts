import { withdrawAlert } from './change-alert.ts';
import { ASSAY } from './life.ts';
import {
  type AlertParts,
  createOpenAlert,
  createRecordRetest,
  type OpenAlert,
  type RecordRetest,
} from './open-alert.ts';
import type { WithdrawAlert } from './standing.ts';

export { alertDetail } from './alert-detail.ts';
export {
  acknowledgeAlerts,
  openIncidentFor,
  resolveAlert,
} from './change-alert.ts';
export { type DeliverParts, deliver } from './deliver.ts';
export { alertFacts } from './facts.ts';
export { failingChannels } from './failing-channels.ts';
export { listAlerts } from './list-alerts.ts';
export type { NewAlert, OpenAlert, RecordRetest } from './open-alert.ts';
export { DELIVER_JOB } from './queue-deliveries.ts';
export { alertRoutes } from './routes.ts';
export { alertSettingsRoutes } from './settings-routes.ts';
export { raiseStanding, STANDING_JOB, type Watched } from './standing.ts';
export { SWEEP_JOB, sweepAlerts } from './sweep.ts';

/** What raises alerts takes; all of it works inside the caller's transaction. */
export type Alerts = { openAlert: OpenAlert; recordRetest: RecordRetest; withdrawAlert: WithdrawAlert };

export function createAlerts(parts: AlertParts): Alerts {
  const { append, clock } = parts;
  return {
    openAlert: createOpenAlert(parts),
    recordRetest: createRecordRetest(parts),
    withdrawAlert: (tx, withdrawn) => withdrawAlert(tx, withdrawn, { at: new Date(clock()), actor: ASSAY, append }),
  };
}
