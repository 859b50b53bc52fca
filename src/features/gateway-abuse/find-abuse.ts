import { randomBytes } from 'node:crypto';
import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import type { OpenAlert } from '#src/features/alerts/index.ts';
import { readNewDecisions } from '#src/features/gateway-decisions/index.ts';
import { PROBE_TENANTS } from '#src/features/gateway-probes/model.ts';
import { gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import type { Decision } from '#src/gateway/decision.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { callerKey, callersOf, type NewFinding, watchDecisions } from './abuse-watch.ts';
import type { CallerState } from './caller-state.ts';
import { ABUSE_RULES_VERSION } from './detect-abuse.ts';
import { gatewayAbuseFinding, gatewayCaller } from './tables.ts';

/** Name of the position in the record; see `readNewDecisions`. */
export const ABUSE_READER = 'abuse';
const CALLER_KEPT_DAYS = 60;

export type FindAbuseParts = { database: Database; clock: Clock; openAlert: OpenAlert };

/**
 * Looks at every decision that came since the last time: the callers' states, the findings, their alerts and the position
 * commit together. Cost grows with what is new. Returns how many decisions there were.
 */
export function findAbuse(parts: FindAbuseParts, signal?: AbortSignal): Promise<number> {
  const { database, clock } = parts;
  return readNewDecisions({ database, clock, name: ABUSE_READER, ...(signal && { signal }) }, (tx, decisions) =>
    takeIn(tx, decisions, parts),
  );
}

async function takeIn(tx: Transaction, all: readonly Decision[], parts: FindAbuseParts): Promise<void> {
  const ownTenants = new Set(
    (
      await tx
        .select({ id: gatewayTenant.id })
        .from(gatewayTenant)
        .where(inArray(gatewayTenant.name, Object.values(PROBE_TENANTS)))
    ).map(({ id }) => id),
  );
  // Attacks that the product plays itself are no news, but a canary under another tenant always is.
  const decisions = all.filter(
    ({ tenantId, verdicts }) =>
      tenantId === null ||
      !ownTenants.has(tenantId) ||
      verdicts.some(({ detector, outcome }) => detector === 'canary' && outcome !== 'clean'),
  );
  const states = await statesOf(tx, decisions);
  // In the order things happened: several nodes deliver side by side.
  const ordered = [...decisions].sort((a, b) => a.occurredAt - b.occurredAt);
  const found = watchDecisions(ordered, states);
  await storeStates(tx, states);
  for (const finding of found) await storeFinding(tx, finding, parts.openAlert);
}

async function statesOf(tx: Transaction, decisions: readonly Decision[]): Promise<Map<string, CallerState>> {
  const states = new Map<string, CallerState>();
  for (const kind of ['key', 'tenant'] as const) {
    const ids = new Set(decisions.flatMap(callersOf).flatMap((caller) => (caller.kind === kind ? [caller.id] : [])));
    if (ids.size === 0) continue;
    const rows = await tx
      .select()
      .from(gatewayCaller)
      .where(and(eq(gatewayCaller.kind, kind), inArray(gatewayCaller.id, [...ids])));
    for (const row of rows) states.set(callerKey(row), row.state);
  }
  return states;
}

async function storeStates(tx: Transaction, states: ReadonlyMap<string, CallerState>): Promise<void> {
  if (states.size === 0) return;
  const rows = [...states].map(([key, state]) => {
    const at = key.indexOf(':');
    return { kind: key.slice(0, at) as 'key' | 'tenant', id: key.slice(at + 1), lastAt: new Date(state.lastAt), state };
  });
  await tx
    .insert(gatewayCaller)
    .values(rows)
    .onConflictDoUpdate({
      target: [gatewayCaller.kind, gatewayCaller.id],
      set: { lastAt: sql`excluded.last_at`, state: sql`excluded.state` },
    });
}

const RANKS = { medium: 0, high: 1, critical: 2 } as const;

async function storeFinding(tx: Transaction, found: NewFinding, openAlert: OpenAlert): Promise<void> {
  const at = new Date(found.occurredAt);
  const [standing] = await tx
    .select()
    .from(gatewayAbuseFinding)
    .where(
      and(
        eq(gatewayAbuseFinding.kind, found.kind),
        eq(gatewayAbuseFinding.callerKind, found.caller.kind),
        eq(gatewayAbuseFinding.callerId, found.caller.id),
        eq(gatewayAbuseFinding.state, 'open'),
      ),
    )
    .for('update');
  const id = standing?.id ?? makeId('gab', found.occurredAt, randomBytes(10));
  const { alertId } = await openAlert(tx, {
    source: 'gateway_abuse',
    sourceId: found.caller.id,
    subject: {
      kind: `gateway-${found.caller.kind}`,
      id: found.caller.id,
      title: `${found.caller.kind === 'key' ? 'Key' : 'Tenant'} ${found.caller.id}`,
    },
    severity: found.severity,
    title: found.title,
    reasons: found.reasons,
    dedupeKey: `gateway-abuse:${found.kind}:${callerKey(found.caller)}`,
    occurredAt: at.toISOString(),
    link: `/gateway/abuse?finding=${id}`,
    evidence: {
      finding: id,
      rules: ABUSE_RULES_VERSION,
      kind: found.kind,
      numbers: found.numbers,
      decisions: found.decisionIds,
    },
  });
  const content = {
    title: found.title,
    reasons: found.reasons,
    numbers: found.numbers,
    decisionIds: found.decisionIds,
    lastAt: at,
    rulesVersion: ABUSE_RULES_VERSION,
    alertId,
  };
  if (standing) {
    const severity = RANKS[found.severity] > RANKS[standing.severity] ? found.severity : standing.severity;
    await tx
      .update(gatewayAbuseFinding)
      .set({ ...content, severity, times: standing.times + 1 })
      .where(eq(gatewayAbuseFinding.id, id));
    return;
  }
  await tx.insert(gatewayAbuseFinding).values({
    ...content,
    id,
    kind: found.kind,
    severity: found.severity,
    callerKind: found.caller.kind,
    callerId: found.caller.id,
    tenantId: found.tenantId,
    firstAt: at,
    times: 1,
    state: 'open',
  });
}

/** Forgets callers that were silent for long. */
export async function forgetCallers(database: Database, clock: Clock): Promise<void> {
  const before = new Date(clock() - CALLER_KEPT_DAYS * DAY_MS);
  await database.drizzle.delete(gatewayCaller).where(lt(gatewayCaller.lastAt, before));
}
