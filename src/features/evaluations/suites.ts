import { and, asc, desc, eq } from 'drizzle-orm';
import {
  type Actor,
  type Append,
  actorText,
  ledgerActor,
  parseActor,
  personOf,
  wordsOf,
} from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { DATASET_CHARACTERS_MAX, type NewSuite, type SuiteContent } from './model.ts';
import { compileScorers } from './score-output.ts';
import { evaluationSuite, evaluationSuiteVersion, type SuiteRow, type SuiteVersionRow } from './tables.ts';

export type Acting = { at: Date; actor: Actor; append: Append };

/** Names the items alone, in their order: runs over the same items can be compared, whatever else changed. */
export function datasetDigest(content: Pick<SuiteContent, 'items'>): string {
  return sha256Hex(canonicalJson(content.items));
}

export async function addSuite(tx: Transaction, id: string, suite: NewSuite, acting: Acting): Promise<void> {
  const added = await tx
    .insert(evaluationSuite)
    .values({
      id,
      name: suite.name,
      systemId: suite.systemId,
      createdAt: acting.at,
      createdBy: actorText(acting.actor),
    })
    .onConflictDoNothing({ target: evaluationSuite.name })
    .returning({ id: evaluationSuite.id });
  if (added.length === 0)
    throw new AppError('conflict', `There is a suite called "${suite.name}" already. Choose another name.`);
  await proposeVersion(tx, id, { content: suite.content, reason: suite.reason }, acting);
}

/** Proposes the next version. Items and thresholds are frozen with it: a change of either is another version. */
export async function proposeVersion(
  tx: Transaction,
  suiteId: string,
  proposed: { content: SuiteContent; reason: string },
  acting: Acting,
): Promise<number> {
  await takeSuite(tx, suiteId);
  const { content, reason } = proposed;
  if (canonicalJson(content.items).length > DATASET_CHARACTERS_MAX)
    throw new AppError('too_large', `content.items: at most ${DATASET_CHARACTERS_MAX} characters. Split the suite.`);
  // A pattern or schema that is none must not wait for the first run to be found out.
  compileScorers(content, null);
  const [last] = await versionsOf(tx, suiteId);
  if (last?.review === 'waiting')
    throw new AppError('conflict', `Version ${last.version} waits for review. Let it be decided first.`);
  const version = (last?.version ?? 0) + 1;
  const datasetSha256 = datasetDigest(content);
  await tx.insert(evaluationSuiteVersion).values({
    suiteId,
    version,
    content,
    datasetSha256,
    reason,
    proposedAt: acting.at,
    proposedBy: actorText(acting.actor),
    proposerId: personOf(acting.actor),
  });
  await entry(tx, acting, 'approval.requested', suiteId, version, { datasetSha256 }, { reason });
  return version;
}

/** The second person's word. With it the thresholds count, for runs that begin later. */
export async function reviewVersion(
  tx: Transaction,
  suiteId: string,
  version: number,
  review: { decision: 'approved' | 'refused'; comment?: string | undefined },
  acting: Acting,
): Promise<void> {
  await takeSuite(tx, suiteId);
  const versions = await versionsOf(tx, suiteId);
  const row = versions.find((one) => one.version === version);
  if (!row) throw new AppError('not_found', `The suite has no version ${version}.`);
  if (row.review !== 'waiting') throw new AppError('conflict', `Version ${version} is ${row.review} already.`);
  const reviewer = personOf(acting.actor);
  if (reviewer === null || reviewer === personOf(parseActor(row.proposedBy)))
    throw new AppError('forbidden', 'A version is approved by another person than the one who proposed it.');
  if (review.decision === 'refused' && review.comment === undefined)
    throw new AppError('invalid_input', 'comment: say why the version is refused.');
  await tx
    .update(evaluationSuiteVersion)
    .set({
      review: review.decision,
      reviewedAt: acting.at,
      reviewedBy: actorText(acting.actor),
      comment: review.comment ?? null,
    })
    .where(and(eq(evaluationSuiteVersion.suiteId, suiteId), eq(evaluationSuiteVersion.version, version)));
  const type = review.decision === 'approved' ? 'approval.granted' : 'approval.refused';
  await entry(tx, acting, type, suiteId, version, { datasetSha256: row.datasetSha256 }, { comment: review.comment });
  if (review.decision === 'refused') return;
  const before = versions.find((one) => one.review === 'approved');
  await acting.append(tx, {
    type: 'threshold.changed',
    actor: ledgerActor(acting.actor),
    subject: { kind: 'evaluation-suite', id: suiteId, version: String(version) },
    series: `evaluation-suite:${suiteId}`,
    body: {
      at: acting.at.toISOString(),
      before: before?.content.thresholds ?? [],
      after: row.content.thresholds,
      loosened: loosened(before?.content ?? null, row.content),
    },
    dedupeKey: `evaluation-suite:${suiteId}:${version}:thresholds`,
  });
}

/** Scorers whose threshold fell or went away. */
function loosened(before: SuiteContent | null, after: SuiteContent): string[] {
  return (before?.thresholds ?? [])
    .filter((old) => {
      const next = after.thresholds.find((one) => one.scorer === old.scorer);
      return !next || next.min < old.min || (old.useLowerBound && !next.useLowerBound);
    })
    .map((old) => old.scorer);
}

async function entry(
  tx: Transaction,
  { at, actor, append }: Acting,
  type: 'approval.requested' | 'approval.granted' | 'approval.refused',
  suiteId: string,
  version: number,
  body: Record<string, string>,
  words: Record<string, string | undefined>,
): Promise<void> {
  await append(tx, {
    type,
    actor: ledgerActor(actor),
    subject: { kind: 'evaluation-suite', id: suiteId, version: String(version) },
    series: `evaluation-suite:${suiteId}`,
    body: { what: 'evaluation-suite', at: at.toISOString(), ...body },
    ...wordsOf(actor, words),
    dedupeKey: `evaluation-suite:${suiteId}:${version}:${type}`,
  });
}

async function takeSuite(tx: Transaction, id: string): Promise<SuiteRow> {
  const [row] = await tx.select().from(evaluationSuite).where(eq(evaluationSuite.id, id)).for('update');
  if (!row) throw unknownSuite(id);
  return row;
}

/** By id or by name. */
export async function findSuite(executor: Executor, idOrName: string): Promise<SuiteRow> {
  const column = idOrName.startsWith('evs_') ? evaluationSuite.id : evaluationSuite.name;
  const [row] = await executor.select().from(evaluationSuite).where(eq(column, idOrName));
  if (!row) throw unknownSuite(idOrName);
  return row;
}

/** Newest first. */
export function versionsOf(executor: Executor, suiteId: string): Promise<SuiteVersionRow[]> {
  return executor
    .select()
    .from(evaluationSuiteVersion)
    .where(eq(evaluationSuiteVersion.suiteId, suiteId))
    .orderBy(desc(evaluationSuiteVersion.version));
}

export async function versionInForce(executor: Executor, suiteId: string): Promise<SuiteVersionRow | null> {
  const [row] = await executor
    .select()
    .from(evaluationSuiteVersion)
    .where(and(eq(evaluationSuiteVersion.suiteId, suiteId), eq(evaluationSuiteVersion.review, 'approved')))
    .orderBy(desc(evaluationSuiteVersion.version))
    .limit(1);
  return row ?? null;
}

export function listSuiteRows(executor: Executor): Promise<SuiteRow[]> {
  return executor.select().from(evaluationSuite).orderBy(asc(evaluationSuite.name));
}

function unknownSuite(idOrName: string): AppError {
  return new AppError('not_found', `There is no evaluation suite "${idOrName.slice(0, 80)}".`);
}
