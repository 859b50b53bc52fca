import { and, desc, eq, inArray } from 'drizzle-orm';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { actorText, ledgerActor, parseActor, resolveWho } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { requireUser, takeOpenSystem } from './change-monitor.ts';
import {
  type NewSpecification,
  PROPERTIES,
  type Review,
  type Specification,
  type SpecificationContent,
} from './model.ts';
import type { Reading } from './present.ts';
import { presentProposal, requirePerson, requireSecondPerson, UNREVIEWED } from './review.ts';
import { type Deciding, type MonitorServices, newId } from './services.ts';
import { monitorSpecification, monitorTable, monitorVersion, type SpecificationRow } from './tables.ts';

/** Proposes what a system promises: each clause is frozen with the metric, thresholds and window of its monitor. */
export async function proposeSpecification(
  tx: Transaction,
  { records }: Pick<MonitorServices, 'records'>,
  { systemId, content, reason }: NewSpecification,
  { actor, at }: Deciding,
): Promise<string> {
  requirePerson(actor, 'specification');
  await takeOpenSystem(tx, systemId);
  const before = await tx
    .select()
    .from(monitorSpecification)
    .where(eq(monitorSpecification.systemId, systemId))
    .orderBy(desc(monitorSpecification.version));
  if (before.some(({ state }) => state === 'proposed'))
    throw new AppError(
      'conflict',
      'A specification of this system waits for approval already. Have it approved or refused first.',
    );
  const frozen = await freeze(tx, systemId, content);
  const id = newId('pis', at.getTime());
  const version = (before[0]?.version ?? 0) + 1;
  const digest = sha256Hex(canonicalJson(frozen));
  await tx.insert(monitorSpecification).values({
    ...UNREVIEWED,
    id,
    systemId,
    version,
    content: frozen,
    digest,
    reason,
    proposedBy: actorText(actor),
    proposedAt: at,
  });
  await records.append(tx, {
    type: 'approval.requested',
    actor: ledgerActor(actor),
    subject: { kind: 'specification', id, version: String(version) },
    series: `specification:${systemId}`,
    body: { what: 'specification', system: systemId, version, digest },
    dedupeKey: `specification-proposed:${id}`,
  });
  return id;
}

async function freeze(
  tx: Transaction,
  systemId: string,
  content: NewSpecification['content'],
): Promise<SpecificationContent> {
  const rows = await tx
    .select({ row: monitorVersion })
    .from(monitorVersion)
    .innerJoin(monitorTable, eq(monitorTable.id, monitorVersion.monitorId))
    .where(and(eq(monitorTable.systemId, systemId), eq(monitorVersion.state, 'in_force')));
  const clauses: SpecificationContent['clauses'] = [];
  for (const [place, clause] of content.clauses.entries()) {
    const monitor = rows.find(({ row }) => row.monitorId === clause.monitorId)?.row;
    if (!monitor)
      throw new AppError(
        'invalid_input',
        `clauses[${place}].monitorId: this system has no approved monitor ${clause.monitorId.slice(0, 80)}. Propose it and have it approved first: a promise that nothing measures is none.`,
      );
    await requireUser(tx, clause.ownerId);
    const { metric, thresholds, window } = monitor.definition;
    clauses.push({
      ...clause,
      monitorVersion: monitor.version,
      monitorDigest: monitor.digest,
      metric,
      thresholds,
      window,
    });
  }
  return { task: content.task, clauses };
}

/** The second person's word on a specification. */
export async function reviewSpecification(
  tx: Transaction,
  { records }: Pick<MonitorServices, 'records'>,
  id: string,
  review: Review,
  { actor, at }: Deciding,
): Promise<void> {
  const [waiting] = await tx.select().from(monitorSpecification).where(eq(monitorSpecification.id, id)).for('update');
  if (!waiting) throw unknownSpecification(id);
  if (waiting.state !== 'proposed') throw new AppError('conflict', 'This specification was reviewed already.');
  requireSecondPerson(waiting.proposedBy, actor, review, 'specification');
  const approved = review.decision === 'approved';
  if (approved)
    await tx
      .update(monitorSpecification)
      .set({ state: 'superseded', validTo: at })
      .where(and(eq(monitorSpecification.systemId, waiting.systemId), eq(monitorSpecification.state, 'in_force')));
  await tx
    .update(monitorSpecification)
    .set({
      reviewedBy: actorText(actor),
      reviewedAt: at,
      reviewComment: review.comment ?? null,
      ...(approved ? { state: 'in_force' as const, validFrom: at } : { state: 'refused' as const }),
    })
    .where(eq(monitorSpecification.id, id));
  await records.append(tx, {
    type: approved ? 'approval.granted' : 'approval.refused',
    actor: ledgerActor(actor),
    subject: { kind: 'specification', id, version: String(waiting.version) },
    series: `specification:${waiting.systemId}`,
    body: {
      what: 'specification',
      system: waiting.systemId,
      version: waiting.version,
      digest: waiting.digest,
      proposedBy: ledgerActor(parseActor(waiting.proposedBy)).id,
    },
    dedupeKey: `specification-reviewed:${id}`,
  });
}

function unknownSpecification(id: string): AppError {
  return new AppError('not_found', `There is no specification ${id.slice(0, 80)}. Reload the list.`);
}

/** Specifications, newest first; of one system, one by id, or all. */
export async function listSpecifications(
  reading: Reading,
  of: { systemId?: string | undefined; id?: string | undefined } = {},
): Promise<Specification[]> {
  const { executor } = reading;
  const rows = await executor
    .select()
    .from(monitorSpecification)
    .where(
      of.id !== undefined
        ? eq(monitorSpecification.id, of.id)
        : of.systemId !== undefined
          ? eq(monitorSpecification.systemId, of.systemId)
          : undefined,
    )
    .orderBy(desc(monitorSpecification.proposedAt), desc(monitorSpecification.version));
  if (of.id !== undefined && rows.length === 0) throw unknownSpecification(of.id);
  const [names, monitors] = await Promise.all([systemNames(executor, rows), currentMonitors(executor, rows)]);
  const who = await resolveWho(
    reading.namesOf,
    rows.flatMap(({ proposedBy, reviewedBy }) => [proposedBy, reviewedBy]),
  );
  return rows.map((row) => ({
    id: row.id,
    systemId: row.systemId,
    systemName: names.get(row.systemId) ?? row.systemId,
    version: row.version,
    task: row.content.task,
    clauses: row.content.clauses.map((clause) => {
      const current = monitors.get(clause.monitorId);
      return {
        ...clause,
        monitorName: current?.name ?? clause.monitorId,
        asFrozen: current?.digest === clause.monitorDigest,
      };
    }),
    uncovered: PROPERTIES.filter((property) => !row.content.clauses.some((clause) => clause.property === property)),
    digest: row.digest,
    ...presentProposal(row, who),
  }));
}

async function systemNames(executor: Executor, rows: readonly SpecificationRow[]): Promise<Map<string, string>> {
  const ids = [...new Set(rows.map(({ systemId }) => systemId))];
  if (ids.length === 0) return new Map();
  const found = await executor
    .select({ id: inventorySystem.id, name: inventorySystem.name })
    .from(inventorySystem)
    .where(inArray(inventorySystem.id, ids));
  return new Map(found.map(({ id, name }) => [id, name]));
}

async function currentMonitors(
  executor: Executor,
  rows: readonly SpecificationRow[],
): Promise<Map<string, { name: string; digest: string }>> {
  const ids = [...new Set(rows.flatMap(({ content }) => content.clauses.map(({ monitorId }) => monitorId)))];
  if (ids.length === 0) return new Map();
  const found = await executor
    .select()
    .from(monitorVersion)
    .where(and(inArray(monitorVersion.monitorId, ids), eq(monitorVersion.state, 'in_force')));
  return new Map(found.map((row) => [row.monitorId, { name: row.definition.name, digest: row.digest }]));
}
