import { randomBytes } from 'node:crypto';
import { and, eq, gt } from 'drizzle-orm';
import type { ScanResult } from '#src/connectors/source-tree/model.ts';
import type { ControlTest } from '#src/control-tests/define.ts';
import { SOURCE_TREE_KINDS } from '#src/facts/index.ts';
import { addEvidence, confirmEvidence } from '#src/features/evidence/index.ts';
import { type NewCollection, recordCollection } from '#src/features/facts/index.ts';
import { factCollection, factSource } from '#src/features/facts/tables.ts';
import { confirmReading, lastReading, recordReading } from '#src/features/inventory/index.ts';
import { type Actor, lockFor, RECORD_KINDS, type Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Blobs, StoredBlob } from '#src/platform/blobs.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { databaseProblem } from '#src/platform/http/failure.ts';
import type { ScanSummary } from './model.ts';
import { describeScan, fileStem, scanContent } from './scan-evidence.ts';
import { summarize } from './summarize.ts';

export type RecordScanServices = {
  records: Records;
  blobs: Pick<Blobs, 'put'>;
  tests: readonly ControlTest[];
};

export type RecordedScan = { summary: ScanSummary; evidenceId: string };

const SCANNER: Actor = { kind: 'service', id: 'source-tree' };
const MEDIA_TYPE = 'application/json';

/**
 * Records what a scan found: facts, inventory, evidence with its ledger entry, and the verdicts that follow, in one
 * transaction. The content goes into the blob store first; until the transaction commits nothing points to it.
 * A tree that says the same as last time changes nothing and adds no evidence: only the time of the reading moves, and
 * the ledger holds that it was read again. A second recorder of the same source waits for the first.
 * `join` runs last and belongs to the same transaction.
 */
export async function recordScan(
  services: RecordScanServices,
  result: ScanResult,
  actor: Actor,
  join: Join = async () => undefined,
): Promise<RecordedScan> {
  try {
    const blob = await services.blobs.put(scanContent(result), MEDIA_TYPE);
    return await recordContent(services, result, blob, { actor, join });
  } catch (cause) {
    const known = cause instanceof AppError ? undefined : databaseProblem(cause);
    throw known ? new AppError(known.code, `The scan could not be recorded. ${known.message}`, { cause }) : cause;
  }
}

type Join = (tx: Transaction, recorded: RecordedScan) => Promise<void>;

function recordContent(
  services: RecordScanServices,
  result: ScanResult,
  blob: StoredBlob,
  { actor, join }: { actor: Actor; join: Join },
): Promise<RecordedScan> {
  const { records } = services;
  return records.database.transaction(async (tx) => {
    await lockFor(tx, `source:${result.source.key}`);
    await lockFor(tx, 'inventory');
    const at = new Date(records.clock());
    const last = await lastReading(tx, result.source.key);
    if (last?.digest === blob.sha256 && (await isOvertaken(tx, result))) {
      // Another recorder read the same a moment later and was first to store it: there is nothing left to say.
      const judged = await records.judge(tx, { kind: 'scan' });
      const recorded = { evidenceId: last.evidenceId, summary: summarize(result, NOTHING_WRITTEN, null, judged) };
      await join(tx, recorded);
      return recorded;
    }
    const collection = await recordCollection(tx, collectionOf(result), records.clock);
    const { collectionId } = collection;
    let evidenceId: string;
    let inventory: Awaited<ReturnType<typeof recordReading>> | null = null;
    if (last?.digest === blob.sha256) {
      evidenceId = last.evidenceId;
      await confirmReading(tx, result.source.key, at);
      await confirmEvidence(tx, records.append, { evidenceId, at, by: SCANNER, collectionId });
    } else {
      evidenceId = makeId('evd', at.getTime(), randomBytes(10));
      await addEvidence(tx, records.append, {
        ...describeScan(result, services.tests),
        id: evidenceId,
        recordedAt: at,
        collector: SCANNER,
        content: { ...blob, mediaType: MEDIA_TYPE, fileName: `${fileStem(result.source.title)}-scan.json` },
        collectionId,
        supersedes: last?.evidenceId,
      });
      inventory = await recordReading(tx, result, {
        digest: blob.sha256,
        evidenceId,
        at,
        actor,
        newId: (prefix) => makeId(prefix, at.getTime(), randomBytes(10)),
      });
    }
    // Unchanged or not: records that nobody touched must not grow too old to count where no server refreshes them.
    await records.store(tx, RECORD_KINDS);
    const judged = await records.judge(tx, { kind: 'scan', collectionId });
    const recorded = { evidenceId, summary: summarize(result, collection, inventory, judged) };
    await join(tx, recorded);
    return recorded;
  });
}

const NOTHING_WRITTEN = { added: 0, changed: 0, removed: 0 };

/** True when a reading of the source that ended later is stored already. */
async function isOvertaken(tx: Transaction, result: ScanResult): Promise<boolean> {
  const rows = await tx
    .select({ id: factCollection.id })
    .from(factCollection)
    .innerJoin(factSource, eq(factSource.id, factCollection.sourceId))
    .where(and(eq(factSource.key, result.source.key), gt(factCollection.finishedAt, new Date(result.finishedAt))))
    .limit(1);
  return rows.length > 0;
}

function collectionOf(result: ScanResult): NewCollection {
  const { stats } = result;
  return {
    source: { key: result.source.key, kind: 'repository', title: result.source.title },
    kinds: SOURCE_TREE_KINDS,
    facts: result.facts,
    startedAt: result.startedAt,
    finishedAt: result.finishedAt,
    complete: stats.complete,
    ...(!stats.complete && { note: stats.incompleteBecause.join(' ') }),
  };
}
