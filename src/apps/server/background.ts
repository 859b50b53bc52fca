import type { Registry } from 'prom-client';
import * as z from 'zod';
import { gatewaySalt } from '#src/apps/gateway/salt.ts';
import type { Services } from '#src/apps/services.ts';
import { scanTree } from '#src/connectors/source-tree/index.ts';
import { DELIVER_JOB, deliver, STANDING_JOB, SWEEP_JOB, sweepAlerts } from '#src/features/alerts/index.ts';
import {
  BUNDLE_JOB,
  clearUnfinishedBundles,
  type ExportQueue,
  recoverBundles,
  runExport,
} from '#src/features/bundles/index.ts';
import { probeEndpointsDaily } from '#src/features/endpoint-probes/index.ts';
import {
  EVALUATION_JOB,
  executeRun,
  keepJudgeKey,
  recoverRuns,
  suitesAskByRoute,
} from '#src/features/evaluations/index.ts';
import { forgetFeedbackTexts } from '#src/features/feedback/index.ts';
import { forgetCallers } from '#src/features/gateway-abuse/index.ts';
import { expireApprovals } from '#src/features/gateway-approvals/index.ts';
import { applyRetention } from '#src/features/gateway-decisions/index.ts';
import { applyPayloadRetention } from '#src/features/gateway-payloads/index.ts';
import { PROBE_JOB, probeDaily, runProbe } from '#src/features/gateway-probes/index.ts';
import { forgetStoredObjects } from '#src/features/gateway-stored-objects/index.ts';
import { eraseChecksOfErasedDays, tellLostChecks } from '#src/features/groundedness-checks/index.ts';
import { forgetLabelTexts } from '#src/features/labels/index.ts';
import { monitorsAskByRoute, runCanaries, runMonitors } from '#src/features/monitors/index.ts';
import { RECORD_KINDS } from '#src/features/records/index.ts';
import { RETENTION_JOB, runEventRetention, runRetention } from '#src/features/retention/index.ts';
import { recoverScans, requestDueScans, runScan, SCAN_JOB, type ScanQueue } from '#src/features/scans/index.ts';
import { clearUnfinishedBlobs } from '#src/platform/blobs.ts';
import type { Config } from '#src/platform/config.ts';
import { addJob, prepareJobs, startJobs, type Task } from '#src/platform/jobs.ts';
import { takeGatewayEvents } from './gateway-events.ts';
import { watchGateway } from './gateway-watch.ts';
import { raiseStandingAlerts } from './standing-alerts.ts';

const REFRESH_JOB = 'records:refresh';
// A scan may have been lost by another process that this one outlives.
const RECOVER_JOB = 'scans:recover';
const MONITORS_JOB = 'monitors:run';
const CANARIES_JOB = 'monitors:canaries';
const DECISIONS_RETENTION_JOB = 'gateway-decisions:retention';
const APPROVALS_JOB = 'gateway-approvals:expire';
const PROBE_SCHEDULE_JOB = 'gateway-probes:schedule';

// Verdicts that depend on time alone change at this pace, and the product's own records are never older than this.
const CRONTAB = [
  `7 * * * * ${REFRESH_JOB}`,
  `* * * * * ${RECOVER_JOB}`,
  `* * * * * ${SWEEP_JOB}`,
  `* * * * * ${STANDING_JOB}`,
  `* * * * * ${APPROVALS_JOB}`,
  `* * * * * ${MONITORS_JOB}`,
  // Hourly and not daily: a server that was down at the one minute would skip the day.
  `41 * * * * ${CANARIES_JOB}`,
  `17 * * * * ${DECISIONS_RETENTION_JOB}`,
  `47 * * * * ${PROBE_SCHEDULE_JOB}`,
  `23 * * * * ${RETENTION_JOB}`,
].join('\n');

export type Queues = { bundles: ExportQueue; scans: ScanQueue };

/** What routes need to put work aside, whether or not it is running yet. */
export function openQueues(services: Services, config: Pick<Config, 'scanRoots'>): Queues {
  const { database, clock, ledger } = services;
  const ledgerSize = async () => (await ledger.checkpoint()).size;
  return {
    bundles: { database, clock, addJob, ledgerSize },
    scans: { database, clock, addJob, ...(config.scanRoots && { scanRoots: config.scanRoots }) },
  };
}

/**
 * Starts what goes on beside requests: the sequencer of the ledger, jobs, and first of all the ones that an earlier process
 * left behind. `stop` ends it in the opposite order; what was under way goes on at the next start.
 */
export async function startBackground(parts: {
  services: Services;
  queues: Queues;
  /** Where the gateway answers probes. */
  gatewayUrl: () => string;
  metrics: Registry;
  /** True when no other process runs jobs on this database. */
  alone: boolean;
}): Promise<{ stop(): Promise<void> }> {
  const { services, queues } = parts;
  const { database, log, dataDir, ledger } = services;
  await prepareJobs(database.pool);
  await clearUnfinishedBundles(dataDir);
  await clearUnfinishedBlobs(dataDir, services.clock());
  await recoverBundles(queues.bundles);
  await recoverScans(queues.scans);
  // No other process can hold what an earlier one took to be judged.
  if (parts.alone) await tellLostChecks(services, { all: true });
  // Files of which an earlier process only said that they are erased.
  await services.blobs.removeErased();
  await addJob(database.drizzle, REFRESH_JOB, {}, { key: REFRESH_JOB });
  const jobs = await startJobs({
    pool: database.pool,
    tasks: tasksOf(services, queues, parts.gatewayUrl),
    crontab: CRONTAB,
    log,
    alone: parts.alone,
    metrics: parts.metrics,
  });
  const stopping = new AbortController();
  const sequencer = ledger.runSequencer(stopping.signal);
  const parties = services.parties.run(stopping.signal);
  // It ends early only when the disk cannot be trusted any more: then nothing more may be acknowledged.
  sequencer.catch((error: unknown) =>
    queueMicrotask(() => {
      throw error;
    }),
  );
  const watch = watchGateway(services, stopping.signal);
  return {
    stop: async () => {
      await jobs.stop();
      stopping.abort();
      await watch;
      await sequencer;
      await parties;
      // What the last requests and jobs committed gets its index and its signature before the process ends.
      await ledger.integrate();
      await services.parties.close();
    },
  };
}

const BundlePayload = z.object({ bundleId: z.string() });
const EvaluationPayload = z.object({ runId: z.string() });
const DeliverPayload = z.object({ deliveryId: z.string() });
const ProbePayload = z.object({ probeId: z.string() });
const ScanPayload = z.object({ scanId: z.string() });

function tasksOf(services: Services, queues: Queues, gatewayUrl: () => string): Record<string, Task> {
  const { database, clock, dataDir, ledger, records, blobs, tests, secrets, place, alerts } = services;
  const probing = () => ({ records, blobs, openAlert: services.alerts.openAlert, gatewayUrl: gatewayUrl() });
  return {
    [BUNDLE_JOB]: (payload, { signal, log }) => {
      const { exportBundle } = ledger;
      return runExport({ database, clock, dataDir, exportBundle, log }, BundlePayload.parse(payload).bundleId, signal);
    },
    [SCAN_JOB]: (payload, { signal, log }) =>
      runScan({ records, blobs, tests, log, scanTree }, ScanPayload.parse(payload).scanId, signal),
    [RECOVER_JOB]: async () => {
      await recoverScans(queues.scans);
      await requestDueScans(queues.scans);
    },
    [DELIVER_JOB]: async (payload, { log }) => {
      const { append } = records;
      const parts = { database, clock, append, secrets, baseUrl: () => place.url, log };
      await deliver(parts, DeliverPayload.parse(payload).deliveryId);
    },
    [EVALUATION_JOB]: async (payload, { signal, log }) => {
      const parts = { records, blobs, alerts, secrets, log, gatewayUrl: () => gatewayUrl() || null };
      await executeRun(parts, EvaluationPayload.parse(payload).runId, signal);
    },
    [SWEEP_JOB]: async () => {
      await recoverRuns(database.drizzle, { addJob }, new Date(clock()));
      await sweepAlerts({ database, clock, append: records.append });
    },
    [STANDING_JOB]: (_payload, { log }) => raiseStandingAlerts(services, log),
    [MONITORS_JOB]: async (_payload, { signal }) => {
      await takeGatewayEvents(services, signal);
      await tellLostChecks({ database, clock });
      await keepJudgeKeyIfAsked(services);
      await runMonitors({ records, ...services.alerts }, { signal });
    },
    [APPROVALS_JOB]: async () => {
      await expireApprovals({ database, clock, append: records.append });
    },
    [CANARIES_JOB]: async () => {
      await runCanaries({ records, ...services.alerts });
    },
    [REFRESH_JOB]: () => refreshRecords(records, services.controls.services),
    [PROBE_JOB]: (payload, { signal }) => runProbe(probing(), ProbePayload.parse(payload).probeId, { signal }),
    [PROBE_SCHEDULE_JOB]: async (_payload, { signal }) => {
      await probeEndpointsDaily({ records, blobs }, signal);
      await probeDaily(probing(), signal);
    },
    [DECISIONS_RETENTION_JOB]: async (_payload, { signal }) => {
      await applyRetention({ database, append: records.append, clock }, signal);
      await forgetCallers(database, clock);
      await forgetStoredObjects(database, clock);
    },
    [RETENTION_JOB]: async (_payload, { signal }) => {
      await runRetention(records, blobs);
      await runEventRetention(records, signal);
      await eraseChecksOfErasedDays(database.drizzle);
      await forgetLabelTexts(database.drizzle, clock());
      await forgetFeedbackTexts(database.drizzle, clock());
      await applyPayloadRetention({ database, append: records.append, clock, salt: () => gatewaySalt(secrets) });
    },
  };
}

/** Whoever never asks a judge through the gateway gets no tenant and no key for it. */
async function keepJudgeKeyIfAsked({ database, records, secrets }: Services): Promise<void> {
  const isAsked = (await monitorsAskByRoute(database.drizzle)) || (await suitesAskByRoute(database.drizzle));
  if (isAsked) await keepJudgeKey(records, secrets);
}

/** Reads the product's own records again and judges what depends on time, so that neither grows old while nobody acts. */
async function refreshRecords(
  records: Services['records'],
  controls: Pick<Services['controls']['services'], 'announceRuns'>,
): Promise<void> {
  await records.database.transaction(async (tx) => {
    const { collectionId } = await records.store(tx, RECORD_KINDS);
    await records.judge(tx, { kind: 'schedule', collectionId });
    await controls.announceRuns(tx);
  });
}
