import { desc, eq } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { lockSource, recordCollection } from '#src/features/facts/index.ts';
import { factCollection } from '#src/features/facts/tables.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { RECORDS_SOURCE } from './model.ts';

/** Kinds of facts that the product's own tables give. */
export const RECORD_KINDS = [
  'inventory-item',
  'ai-system',
  'attestation',
  'user',
  'organization-scope',
  'alert',
  'incident',
  'evaluation-suite',
  'evaluation-run',
  'model-release',
  'label-sample',
  'user-feedback',
  'monitor',
  'integrity-specification',
  'monitor-canary',
  'gateway-provider',
  'gateway-tenant',
  'gateway-key',
  'gateway-route',
  'gateway-policy',
  'gateway-use',
  'gateway-traffic',
  'gateway-record',
  'gateway-tool-use',
  'gateway-tool-call',
  'gateway-probe',
  'gateway-attack',
  'endpoint-probe',
  'other-gateway-route',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** For each kind, every fact of it that is true inside the transaction. */
export type RecordReaders = { [Kind in RecordKind]: (tx: Transaction) => Promise<KnownFact<Kind>[]> };

/** Stores the named kinds of the product's own records as facts. Call it in the transaction that changed them, then judge. */
export type StoreRecords = (tx: Transaction, kinds: readonly RecordKind[]) => Promise<{ collectionId: string }>;

export function createStoreRecords(readers: RecordReaders, clock: Clock): StoreRecords {
  return async (tx, kinds) => {
    // Locked before the tables are read, so that no older reading is stored after a newer one.
    const { sourceId } = await lockSource(tx, RECORDS_SOURCE, clock);
    const startedAt = toInstant(await notBeforeLastReading(tx, sourceId, clock()));
    const facts: KnownFact[] = [];
    for (const kind of kinds) facts.push(...(await readers[kind](tx)));
    const { collectionId } = await recordCollection(
      tx,
      {
        source: RECORDS_SOURCE,
        kinds: [...kinds],
        facts,
        startedAt,
        finishedAt: startedAt,
        complete: true,
      },
      clock,
    );
    return { collectionId };
  };
}

/** A clock that was set back must not stop people from working: readings of these tables are in order by the lock alone. */
async function notBeforeLastReading(tx: Transaction, sourceId: string, nowMs: number): Promise<number> {
  const [last] = await tx
    .select({ finishedAt: factCollection.finishedAt })
    .from(factCollection)
    .where(eq(factCollection.sourceId, sourceId))
    .orderBy(desc(factCollection.number))
    .limit(1);
  return Math.max(nowMs, last?.finishedAt.getTime() ?? 0);
}
