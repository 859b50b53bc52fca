import { and, desc, eq } from 'drizzle-orm';
import { inventorySystem, type SystemRow } from '#src/features/inventory/tables.ts';
import { actorText, ledgerActor, parseActor } from '#src/features/records/index.ts';
import { userTable } from '#src/features/users/tables.ts';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { loosenings } from './loosening.ts';
import type { MonitorChange, MonitorDefinition, NewMonitor, Review } from './model.ts';
import { requirePerson, requireSecondPerson, UNREVIEWED } from './review.ts';
import { type Deciding, type MonitorServices, newId } from './services.ts';
import { type MonitorVersionRow, monitorTable, monitorVersion } from './tables.ts';

/** Proposes a new monitor. It watches nothing until a second person approves it. */
export async function proposeMonitor(
  tx: Transaction,
  services: Pick<MonitorServices, 'records'>,
  { systemId, definition, reason }: NewMonitor,
  { actor, at }: Deciding,
): Promise<string> {
  requirePerson(actor, 'monitor');
  await takeOpenSystem(tx, systemId);
  const id = newId('mon', at.getTime());
  await tx.insert(monitorTable).values({ id, systemId, createdAt: at, createdBy: actorText(actor) });
  await propose(tx, services, { monitorId: id, version: 1, definition, reason, loosens: [] }, { actor, at });
  return id;
}

/** Proposes another definition: thresholds, segments, window, owner, or a pause. */
export async function proposeChange(
  tx: Transaction,
  services: Pick<MonitorServices, 'records'>,
  monitorId: string,
  { definition, reason }: MonitorChange,
  deciding: Deciding,
): Promise<void> {
  requirePerson(deciding.actor, 'change of a monitor');
  await takeMonitor(tx, monitorId);
  const rows = await versionsOf(tx, monitorId);
  if (rows.some(({ state }) => state === 'proposed'))
    throw new AppError(
      'conflict',
      'A change of this monitor waits for approval already. Have it approved or refused first.',
    );
  const current = rows.find(({ state }) => state === 'in_force');
  if (current && current.digest === digestOf(definition))
    throw new AppError('invalid_input', 'The definition is the one in force: there is nothing to change.');
  const loosens = current ? loosenings(current.definition, definition) : [];
  const version = (rows[0]?.version ?? 0) + 1;
  await propose(tx, services, { monitorId, version, definition, reason, loosens }, deciding);
}

async function propose(
  tx: Transaction,
  { records }: Pick<MonitorServices, 'records'>,
  proposal: { monitorId: string; version: number; definition: MonitorDefinition; reason: string; loosens: string[] },
  { actor, at }: Deciding,
): Promise<void> {
  const { monitorId, version, definition, reason, loosens } = proposal;
  await requireUser(tx, definition.ownerId);
  const digest = digestOf(definition);
  await tx.insert(monitorVersion).values({
    ...UNREVIEWED,
    monitorId,
    version,
    definition,
    digest,
    loosens,
    reason,
    proposedBy: actorText(actor),
    proposedAt: at,
  });
  await records.append(tx, {
    type: 'approval.requested',
    actor: ledgerActor(actor),
    subject: { kind: 'monitor', id: monitorId, version: String(version) },
    series: `monitor:${monitorId}`,
    body: { what: 'monitor', version, digest, loosens: loosens.length > 0 },
    dedupeKey: `monitor-proposed:${monitorId}:${version}`,
  });
}

/** The second person's word. From the moment of approval the definition governs; the one before keeps its time. */
export async function reviewMonitor(
  tx: Transaction,
  { records }: Pick<MonitorServices, 'records'>,
  monitorId: string,
  review: Review,
  { actor, at }: Deciding,
): Promise<void> {
  await takeMonitor(tx, monitorId);
  const rows = await versionsOf(tx, monitorId);
  const waiting = rows.find(({ state }) => state === 'proposed');
  if (!waiting) throw new AppError('conflict', 'No change of this monitor waits for approval.');
  requireSecondPerson(waiting.proposedBy, actor, review, 'monitor');
  const approved = review.decision === 'approved';
  const current = rows.find(({ state }) => state === 'in_force');
  const reviewed = { reviewedBy: actorText(actor), reviewedAt: at, reviewComment: review.comment ?? null };
  if (approved && current) await setVersion(tx, current, { state: 'superseded', validTo: at });
  await setVersion(tx, waiting, {
    ...reviewed,
    ...(approved ? { state: 'in_force', validFrom: at } : { state: 'refused' }),
  });
  const before = current?.definition;
  await records.append(tx, {
    type: approved ? 'threshold.changed' : 'approval.refused',
    actor: ledgerActor(actor),
    subject: { kind: 'monitor', id: monitorId, version: String(waiting.version) },
    series: `monitor:${monitorId}`,
    body: {
      what: 'monitor',
      version: waiting.version,
      digest: waiting.digest,
      proposedBy: ledgerActor(parseActor(waiting.proposedBy)).id,
      loosens: waiting.loosens.length > 0,
      thresholds: waiting.definition.thresholds,
      paused: waiting.definition.paused,
      ...(before && { before: { version: current.version, thresholds: before.thresholds } satisfies JsonValue }),
    },
    dedupeKey: `monitor-reviewed:${monitorId}:${waiting.version}`,
  });
}

function setVersion(
  tx: Transaction,
  { monitorId, version }: MonitorVersionRow,
  set: Partial<typeof monitorVersion.$inferInsert>,
): Promise<unknown> {
  return tx
    .update(monitorVersion)
    .set(set)
    .where(and(eq(monitorVersion.monitorId, monitorId), eq(monitorVersion.version, version)));
}

/** The monitor, locked for this transaction. Throws `not_found`. */
export async function takeMonitor(tx: Transaction, id: string): Promise<typeof monitorTable.$inferSelect> {
  const [row] = await tx.select().from(monitorTable).where(eq(monitorTable.id, id)).for('update');
  if (!row) throw unknownMonitor(id);
  return row;
}

export function unknownMonitor(id: string): AppError {
  return new AppError('not_found', `There is no monitor ${id.slice(0, 80)}. Reload the list of monitors.`);
}

/** Versions of one monitor, newest first. */
export function versionsOf(executor: Executor, monitorId: string): Promise<MonitorVersionRow[]> {
  return executor
    .select()
    .from(monitorVersion)
    .where(eq(monitorVersion.monitorId, monitorId))
    .orderBy(desc(monitorVersion.version));
}

/** The AI system, if it can be watched. Throws `not_found`, `conflict`. */
export async function takeOpenSystem(tx: Transaction, systemId: string): Promise<SystemRow> {
  const [row] = await tx.select().from(inventorySystem).where(eq(inventorySystem.id, systemId));
  if (!row)
    throw new AppError('not_found', `There is no AI system ${systemId.slice(0, 80)}. Reload the list of systems.`);
  if (row.state === 'rejected' || row.state === 'retired')
    throw new AppError('conflict', `The AI system "${row.name}" is ${row.state}: there is nothing to watch.`);
  return row;
}

/** Throws unless there is such a user who is not disabled. */
export async function requireUser(executor: Executor, userId: string): Promise<void> {
  const [row] = await executor
    .select({ disabledAt: userTable.disabledAt })
    .from(userTable)
    .where(eq(userTable.id, userId));
  if (!row || row.disabledAt !== null)
    throw new AppError(
      'invalid_input',
      'ownerId: the owner must be an active user. Choose one from the list of users.',
    );
}

export function digestOf(definition: MonitorDefinition): string {
  return sha256Hex(canonicalJson(definition));
}
