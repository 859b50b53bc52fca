import type { PayloadCapture, RedactedPayload } from '#src/gateway/ports.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { sealUnder } from '#src/platform/envelope.ts';
import type { Log } from '#src/platform/log.ts';
import { boundTo, keyOfTenant, type TenantKey } from './payload-keys.ts';
import { gatewayPayload } from './tables.ts';

const WAITING_MAX = 5_000;
const WAITING_MAX_BYTES = 64 * 1024 * 1024;
const BATCH_MAX = 100;
const BATCH_MAX_BYTES = 4 * 1024 * 1024;
const WRITE_EVERY_MS = 250;
const RETRY_MAX_MS = 30_000;
const CLOSE_MS = 5_000;

export type PayloadStore = PayloadCapture & {
  readonly waiting: number;
  /** Writes what waits, for a few seconds at most; what is left then is told in the log and shows as lost. */
  close(): Promise<void>;
};

/**
 * Takes payloads at once and stores them later, encrypted under the key of their tenant: a call never waits for it. What the
 * database does not take is tried again; past a bound of what waits, nothing more is taken.
 */
export function openPayloadStore(parts: {
  database: Pick<Database, 'transaction'>;
  dataKeys: Pick<DataKeys, 'getOrCreate'>;
  log: Log;
  /** Of what waits to be written. */
  waitingMaxBytes?: number;
}): PayloadStore {
  const { database, dataKeys, log } = parts;
  const mostBytes = parts.waitingMaxBytes ?? WAITING_MAX_BYTES;
  let queue: RedactedPayload[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let failures = 0;
  let isClosed = false;

  const schedule = (afterMs: number) => {
    if (timer || isClosed) return;
    timer = setTimeout(() => {
      timer = null;
      void write();
    }, afterMs);
    timer.unref();
  };
  const write = () => {
    writing ??= writeBatches().finally(() => {
      writing = null;
    });
    return writing;
  };
  const writeBatches = async () => {
    while (queue.length > 0) {
      const batch = firstBatch(queue);
      try {
        await store(database, dataKeys, batch);
      } catch (error) {
        failures++;
        log.error({ err: error, waiting: queue.length }, 'payloads could not be written; they are tried again');
        schedule(Math.min(RETRY_MAX_MS, WRITE_EVERY_MS * 2 ** Math.min(failures, 10)));
        return;
      }
      failures = 0;
      queue = queue.slice(batch.length);
      for (const one of batch) bytes -= one.document.length;
    }
  };
  return {
    take: (payload) => {
      const size = payload.document.length;
      if (isClosed || queue.length >= WAITING_MAX || bytes + size > mostBytes) return false;
      queue.push(payload);
      bytes += size;
      schedule(WRITE_EVERY_MS);
      return true;
    },
    get waiting() {
      return queue.length;
    },
    close: async () => {
      let late: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => {
        late = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([write(), tooLate]);
      clearTimeout(late);
      isClosed = true;
      if (timer) clearTimeout(timer);
      if (queue.length > 0)
        log.error({ payloads: queue.length }, 'payloads were lost: they could not be written in time');
    },
  };
}

function firstBatch(queue: readonly RedactedPayload[]): RedactedPayload[] {
  let bytes = 0;
  let count = 0;
  for (; count < Math.min(queue.length, BATCH_MAX); count++) {
    bytes += queue[count]?.document.length ?? 0;
    if (bytes > BATCH_MAX_BYTES && count > 0) break;
  }
  return queue.slice(0, count);
}

function store(
  database: Pick<Database, 'transaction'>,
  dataKeys: Pick<DataKeys, 'getOrCreate'>,
  batch: readonly RedactedPayload[],
): Promise<void> {
  return database.transaction(async (tx) => {
    const keys = new Map<string, TenantKey>();
    const now = new Date();
    // In one order everywhere, so that two processes never wait for each other.
    for (const tenantId of [...new Set(batch.map((one) => one.tenantId))].sort())
      keys.set(tenantId, await keyOfTenant(tx, dataKeys, tenantId));
    const rows = batch.map(({ decisionId, tenantId, occurredAt, keepDays, document, sha256, personDigest }) => {
      const { id, key, erasedAtMs } = keys.get(tenantId) as TenantKey;
      // The tenant was erased while this one waited: only that it was there is kept.
      const isErased = occurredAt <= erasedAtMs;
      const plaintext = Buffer.from(document);
      return {
        decisionId,
        tenantId,
        occurredAt: new Date(occurredAt),
        keepUntil: new Date(occurredAt + keepDays * DAY_MS),
        keyId: id,
        personDigest: isErased ? null : personDigest,
        sha256,
        bytes: plaintext.length,
        sealed: isErased ? null : sealUnder(key, plaintext, boundTo(decisionId)),
        ...(isErased && { removedAt: now, removedFor: 'erasure' as const }),
      };
    });
    await tx.insert(gatewayPayload).values(rows).onConflictDoNothing();
    for (const { key } of keys.values()) key.fill(0);
  });
}
