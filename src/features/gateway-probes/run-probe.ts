import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { and, eq, gt, sql } from 'drizzle-orm';
import { type OpenAlert, openIncidentFor } from '#src/features/alerts/index.ts';
import { addEvidence } from '#src/features/evidence/index.ts';
import { openPolicyTrial, versionToTry } from '#src/features/gateway-policies/index.ts';
import { type Actor, actorText, parseActor, type Records } from '#src/features/records/index.ts';
import type { Decision } from '#src/gateway/decision.ts';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Blobs, StoredBlob } from '#src/platform/blobs.ts';
import { attack } from './attack.ts';
import { openSend, type Send, type Target } from './gateway-client.ts';
import { probeRoute } from './isolation.ts';
import {
  type AttackResult,
  type IsolationResult,
  type NewProbe,
  PROBE_TENANTS,
  type ProbeState,
  SUITE_NAMES,
} from './model.ts';
import { openCallers, plantCanary } from './probe-callers.ts';
import { gatewayProbeRun, type ProbeRunRow } from './tables.ts';
import { probeTargets } from './targets.ts';

export const PROBE_JOB = 'gateway-probes:run';

export type ProbeParts = {
  records: Records;
  blobs: Pick<Blobs, 'put'>;
  openAlert: OpenAlert;
  /** Where the gateway answers. */
  gatewayUrl: string;
  /** How long every node may take to hear of the probe's keys. */
  settleMs?: number;
  /** How long the last decisions may take to reach the record. */
  recordMs?: number;
  send?: Send;
};

/** Notes that a probe is to run. Throws `invalid_input` for a route that is not there. */
export async function requestProbe(records: Records, asked: NewProbe, by: Actor): Promise<string> {
  const nowMs = records.clock();
  const targets = await probeTargets(records.database, nowMs);
  if (targets.length === 0)
    throw new AppError('conflict', 'The gateway has no route yet. Add a provider first: its routes come with it.');
  if (asked.routeId !== undefined && !targets.some((target) => matches(target, asked.routeId ?? '')))
    throw new AppError(
      'invalid_input',
      `routeId: there is no route ${asked.routeId}. There are: ${targets.map(({ path }) => path).join(', ')}.`,
    );
  const tried = asked.policy && (await versionToTry(records.database.drizzle, asked.policy.id, asked.policy.version));
  const id = makeId('gpb', nowMs, randomBytes(10));
  await records.database.drizzle.insert(gatewayProbeRun).values({
    id,
    kind: asked.kind,
    state: 'queued',
    suites: asked.kind === 'attack' ? [...(asked.suites ?? SUITE_NAMES)] : [],
    routeId: asked.routeId ?? null,
    model: asked.model ?? null,
    policyId: tried?.policyId ?? null,
    policyVersion: tried?.version ?? null,
    policyDigest: tried?.digest ?? null,
    requestedBy: actorText(by),
    requestedAt: new Date(nowMs),
  });
  return id;
}

/** Routes are named by their id or, by people, by their path. */
const matches = (target: Target, route: string) => target.routeId === route || target.path === route;

/** Runs a probe that was noted, and stores what it found as evidence. A failure is stored with it, too. */
export async function runProbe(
  parts: ProbeParts,
  id: string,
  options: { signal?: AbortSignal; onProgress?: (text: string) => void } = {},
): Promise<void> {
  const { drizzle } = parts.records.database;
  const [row] = await drizzle.select().from(gatewayProbeRun).where(eq(gatewayProbeRun.id, id));
  if (!row || row.state === 'clean' || row.state === 'found' || row.state === 'incomplete') return;
  const startedAt = new Date(parts.records.clock());
  await drizzle.update(gatewayProbeRun).set({ state: 'running', startedAt }).where(eq(gatewayProbeRun.id, id));
  try {
    const result =
      row.kind === 'isolation' ? await isolate(parts, row, options) : await playAttack(parts, row, options);
    await store(parts, { ...row, startedAt }, result);
  } catch (error) {
    const problem = error instanceof AppError ? error.message : 'The probe ended with an error; the log says which.';
    await drizzle
      .update(gatewayProbeRun)
      .set({ state: 'failed', problem, finishedAt: new Date(parts.records.clock()) })
      .where(eq(gatewayProbeRun.id, id));
    if (!(error instanceof AppError)) throw error;
  }
}

type RunOptions = { signal?: AbortSignal; onProgress?: (text: string) => void };

async function isolate(parts: ProbeParts, row: ProbeRunRow, options: RunOptions): Promise<IsolationResult> {
  const { records } = parts;
  const all = await probeTargets(records.database, records.clock(), row.model ?? undefined);
  const targets = row.routeId === null ? all : all.filter((target) => matches(target, row.routeId ?? ''));
  const actor = parseActor(row.requestedBy);
  const { callers, close } = await openCallers(records, [PROBE_TENANTS.planting, PROBE_TENANTS.looking], actor);
  const [planting, looking] = callers;
  if (!planting || !looking) throw new AppError('internal', 'The tenants of the probe were not made.');
  // Letters and digits alone, so that no writing of it changes under JSON.
  const canary = `canary${randomBytes(18).toString('hex')}`;
  const remove = await plantCanary(records, planting.tenantId, canary);
  try {
    await wait(parts.settleMs ?? 1_500, undefined, options.signal ? { signal: options.signal } : {}).catch(
      () => undefined,
    );
    const send = parts.send ?? openSend(parts.gatewayUrl, options.signal ? { signal: options.signal } : {});
    const routes = [];
    for (const target of targets) {
      options.onProgress?.(`route ${target.path}`);
      routes.push(
        await probeRoute(target, {
          send,
          planting,
          looking,
          canary,
          ...(options.signal && { signal: options.signal }),
        }),
      );
    }
    return { kind: 'isolation', routes };
  } finally {
    await remove();
    await close();
  }
}

async function playAttack(parts: ProbeParts, row: ProbeRunRow, options: RunOptions): Promise<AttackResult> {
  const { records } = parts;
  const target = (await probeTargets(records.database, records.clock(), row.model ?? undefined)).find((each) =>
    matches(each, row.routeId ?? ''),
  );
  if (!target) throw new AppError('not_found', `The route ${row.routeId} is not there any more.`);
  const actor = parseActor(row.requestedBy);
  const { policyId, policyVersion, policyDigest } = row;
  const tries = policyId !== null && policyVersion !== null && policyDigest !== null;
  const { callers, close } = await openCallers(
    records,
    [tries ? PROBE_TENANTS.trying : PROBE_TENANTS.attacking],
    actor,
  );
  const [caller] = callers;
  if (!caller) throw new AppError('internal', 'The tenant of the attack was not made.');
  let trial: Awaited<ReturnType<typeof openPolicyTrial>> | null = null;
  try {
    if (tries)
      trial = await openPolicyTrial(records, { policyId, version: policyVersion, digest: policyDigest }, caller);
    await wait(parts.settleMs ?? 1_500, undefined, options.signal ? { signal: options.signal } : {}).catch(
      () => undefined,
    );
    const send = parts.send ?? openSend(parts.gatewayUrl, options.signal ? { signal: options.signal } : {});
    const suites = SUITE_NAMES.filter((name) => row.suites.includes(name));
    return await attack(target, suites, {
      send,
      secret: caller.secret,
      ...(tries && trial && { policy: { id: policyId, version: policyVersion, recordedAs: trial.trialId } }),
      decisionsOf: (ids) => decisionsOf(parts, caller.keyId, ids, options.signal),
      onProgress: (done, total) => options.onProgress?.(`${done} of ${total} attempts`),
      ...(options.signal && { signal: options.signal }),
    });
  } finally {
    await trial?.close();
    await close();
  }
}

const POLL_MS = 500;

/** Waits for the decisions of these requests to reach the record, for so long. */
async function decisionsOf(
  { records, recordMs = 20_000 }: ProbeParts,
  keyId: string,
  requestIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Decision>> {
  const wanted = new Set(requestIds);
  const found = new Map<string, Decision>();
  const endsAt = performance.now() + recordMs;
  for (;;) {
    const { rows } = await records.database.drizzle.execute<{ body: string }>(sql`
      select body from gateway_decision where day >= (now() at time zone 'utc')::date - 1 and key_id = ${keyId}`);
    for (const { body } of rows) {
      const decision = JSON.parse(body) as Decision;
      if (wanted.has(decision.requestId)) found.set(decision.requestId, decision);
    }
    if (found.size === wanted.size || performance.now() > endsAt || signal?.aborted) return found;
    await wait(POLL_MS);
  }
}

const DAILY_MS = 22 * HOUR_MS;

/** Probes isolation unless that was done within the last day. Does nothing where the gateway has no route. */
export async function probeDaily(parts: ProbeParts, signal?: AbortSignal): Promise<void> {
  const { records } = parts;
  const since = new Date(records.clock() - DAILY_MS);
  const [recent] = await records.database.drizzle
    .select({ id: gatewayProbeRun.id })
    .from(gatewayProbeRun)
    .where(and(eq(gatewayProbeRun.kind, 'isolation'), gt(gatewayProbeRun.requestedAt, since)))
    .limit(1);
  if (recent || (await probeTargets(records.database, records.clock())).length === 0) return;
  const id = await requestProbe(records, { kind: 'isolation' }, { kind: 'service', id: 'gateway' });
  await runProbe(parts, id, signal ? { signal } : {});
}

export function stateOf(result: IsolationResult | AttackResult): { state: ProbeState; problem: string | null } {
  if (result.kind === 'attack') {
    const seen = result.attacks + result.harmless;
    if (seen === 0)
      return {
        state: 'incomplete',
        problem: 'No attempt came to a result. Check that the gateway runs and its provider answers.',
      };
    if (result.unevaluated > 0)
      return {
        state: 'incomplete',
        problem: `${result.unevaluated} attempts came to no result; the rates are of the other ${seen}.`,
      };
    return { state: 'clean', problem: null };
  }
  const open = result.routes.filter(({ withoutKey, wrongKey }) => isServed(withoutKey) || isServed(wrongKey));
  if (result.routes.some(({ leaks }) => leaks.length > 0))
    return {
      state: 'found',
      problem: 'What one tenant sent came up under another. Suspend the route and open an incident.',
    };
  if (open.length > 0)
    return {
      state: 'found',
      problem: `Calls without a valid key were served on ${open.map(({ path }) => path).join(', ')}.`,
    };
  const failed = result.routes.filter(({ failure }) => failure !== null);
  if (failed.length > 0)
    return {
      state: 'incomplete',
      problem: `Route ${failed[0]?.path}: ${failed[0]?.failure}. Check the provider of the route, then probe again.`,
    };
  return { state: 'clean', problem: null };
}

const isServed = (status: number | null) => status !== null && status >= 200 && status < 300;

const CONTROLS = {
  isolation: ['TEN-01', 'TEN-03', 'API-01'],
  attack: ['GRD-01', 'GRD-02', 'GRD-03', 'GRD-05'],
} as const;

async function store(parts: ProbeParts, row: ProbeRunRow, result: IsolationResult | AttackResult): Promise<void> {
  const { records } = parts;
  const finishedAt = new Date(records.clock());
  const { state, problem } = stateOf(result);
  const content = new TextEncoder().encode(
    canonicalJson({
      format: 'assay-gateway-probe/1',
      run: row.id,
      kind: row.kind,
      startedAt: row.startedAt?.toISOString() ?? null,
      finishedAt: finishedAt.toISOString(),
      state,
      result,
    }),
  );
  const blob: StoredBlob = await parts.blobs.put(content, 'application/json');
  await records.change('gateway', ['gateway-probe', 'gateway-attack', 'gateway-policy'], async (tx) => {
    const evidenceId = makeId('evd', finishedAt.getTime(), randomBytes(10));
    await addEvidence(tx, records.append, {
      id: evidenceId,
      kind: 'records',
      title:
        row.kind === 'isolation'
          ? 'Isolation probe of the gateway'
          : `Attack suites through ${result.kind === 'attack' ? result.path : ''}`,
      source: { key: 'assay:gateway', title: 'AI gateway' },
      query:
        row.kind === 'isolation'
          ? 'assay gateway probe'
          : `assay gateway attack --suite ${row.suites.join(',')} --route ${row.routeId}`,
      collector: { kind: 'service', id: 'gateway' },
      grade: 'B',
      occurredAt: row.startedAt ?? finishedAt,
      observedAt: finishedAt,
      recordedAt: finishedAt,
      content: { ...blob, mediaType: 'application/json', fileName: `gateway-${row.kind}-${row.id}.json` },
      controls: CONTROLS[row.kind],
      tests: [],
      leaf: leafOf(result, state),
    });
    await tx
      .update(gatewayProbeRun)
      .set({ state, problem, result, finishedAt, evidenceId })
      .where(eq(gatewayProbeRun.id, row.id));
    if (state !== 'found') return;
    const { alertId, isNew } = await parts.openAlert(tx, {
      source: 'gateway_probe',
      sourceId: row.id,
      subject: { kind: 'gateway-probe', id: row.id, title: 'Isolation probe' },
      severity: 'critical',
      title: 'The isolation probe of the gateway found a way through',
      reasons: problem === null ? [] : [problem],
      dedupeKey: 'gateway-probe:isolation',
      occurredAt: finishedAt.toISOString(),
      link: '/gateway/probes',
    });
    // A leak between tenants is an incident, whoever is awake.
    if (isNew && result.kind === 'isolation' && result.routes.some(({ leaks }) => leaks.length > 0))
      await openIncidentFor(
        tx,
        alertId,
        { incidentId: makeId('inc', finishedAt.getTime(), randomBytes(10)) },
        { at: finishedAt, actor: { kind: 'service', id: 'gateway' }, append: records.append },
      );
  });
}

function leafOf(result: IsolationResult | AttackResult, state: string): { [member: string]: JsonValue } {
  if (result.kind === 'isolation')
    return {
      probe: 'isolation',
      state,
      routes: result.routes.length,
      leaks: result.routes.reduce((sum, { leaks }) => sum + leaks.length, 0),
    };
  const { attacks, stopped, stoppedByGateway, harmless, falseAlarms, unevaluated } = result;
  return { probe: 'attack', state, attacks, stopped, stoppedByGateway, harmless, falseAlarms, unevaluated };
}
