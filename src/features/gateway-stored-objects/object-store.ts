import { hash } from 'node:crypto';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { StoredObjects } from '#src/gateway/ports.ts';
import type { NamedObject } from '#src/gateway/wire/object-ids.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { inTime } from '#src/platform/in-time.ts';
import { gatewayStoredObject } from './tables.ts';

const ROWS_MAX = 2_000;
/** Calls that wait for the database; what comes on top is told at once. */
const WAITING_MAX = 10_000;
const ANSWER_MS = 5_000;

type Waiting = {
  account: string;
  tenantId: string;
  object: NamedObject;
};
type Batch = { rows: Waiting[]; done: () => void; failed: (error: unknown) => void };

/**
 * Whose the objects are that providers keep, in the database all processes of the gateway share. What several calls bind at
 * once is written in one statement; nothing is remembered here, so that every process sees what another has bound.
 */
export function openStoredObjects({
  database,
  clock,
}: {
  database: Pick<Database, 'drizzle'>;
  clock: Clock;
}): StoredObjects {
  const { drizzle } = database;
  let waiting: Batch[] = [];
  let isWriting = false;

  const write = async () => {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) {
      const batches = takeBatches(waiting);
      waiting = waiting.slice(batches.length);
      try {
        await insert(batches.flatMap(({ rows }) => rows));
        for (const { done } of batches) done();
      } catch (error) {
        for (const { failed } of batches) failed(error);
      }
    }
    isWriting = false;
  };
  const insert = async (rows: readonly Waiting[]) => {
    const now = new Date(clock());
    // One row for each id, and in one order, so that two processes never wait for each other.
    const distinct = new Map<string, typeof gatewayStoredObject.$inferInsert>();
    for (const { account, tenantId, object } of rows) {
      const idSha256 = digestOf(object.id);
      const key = `${account} ${idSha256.toString('hex')}`;
      const expiresAt = object.expiresAt === null ? null : new Date(object.expiresAt);
      if (!distinct.has(key)) distinct.set(key, { account, idSha256, tenantId, boundAt: now, expiresAt });
    }
    const values = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    await drizzle
      .insert(gatewayStoredObject)
      .values(values)
      .onConflictDoUpdate({
        target: [gatewayStoredObject.account, gatewayStoredObject.idSha256],
        set: {
          tenantId: sql`excluded.tenant_id`,
          boundAt: sql`excluded.bound_at`,
          expiresAt: sql`excluded.expires_at`,
        },
        // Who was first stays the owner, as long as the provider keeps the object.
        setWhere: sql`${gatewayStoredObject.expiresAt} < ${now}`,
      });
  };
  return {
    ownersOf: async (account, ids) => {
      const byDigest = new Map(ids.map((id) => [digestOf(id).toString('hex'), id]));
      const owners = new Map<string, string>();
      const digests = [...byDigest.keys()];
      for (let at = 0; at < digests.length; at += ROWS_MAX) {
        const rows = await answered(
          drizzle
            .select({ idSha256: gatewayStoredObject.idSha256, tenantId: gatewayStoredObject.tenantId })
            .from(gatewayStoredObject)
            .where(
              and(
                eq(gatewayStoredObject.account, account),
                inArray(
                  gatewayStoredObject.idSha256,
                  digests.slice(at, at + ROWS_MAX).map((one) => Buffer.from(one, 'hex')),
                ),
                sql`(${gatewayStoredObject.expiresAt} is null or ${gatewayStoredObject.expiresAt} >= ${new Date(clock())})`,
              ),
            ),
        );
        for (const { idSha256, tenantId } of rows) owners.set(byDigest.get(idSha256.toString('hex')) ?? '', tenantId);
      }
      return owners;
    },
    bind: ({ account, tenantId, objects }) => {
      if (waiting.length >= WAITING_MAX) return Promise.reject(new Error('too much waits to be bound'));
      const bound = new Promise<void>((done, failed) => {
        waiting.push({ rows: objects.map((object) => ({ account, tenantId, object })), done, failed });
      });
      void write();
      return answered(bound);
    },
    forget: async ({ account, tenantId, id }) => {
      await answered(
        drizzle
          .delete(gatewayStoredObject)
          .where(
            and(
              eq(gatewayStoredObject.account, account),
              eq(gatewayStoredObject.idSha256, digestOf(id)),
              eq(gatewayStoredObject.tenantId, tenantId),
            ),
          ),
      );
    },
  };
}

function digestOf(id: string): Buffer {
  return hash('sha256', id, 'buffer');
}

function takeBatches(waiting: readonly Batch[]): Batch[] {
  let rows = 0;
  const taken = waiting.findIndex((one) => {
    rows += one.rows.length;
    return rows > ROWS_MAX;
  });
  return waiting.slice(0, taken < 0 ? waiting.length : Math.max(1, taken));
}

/** A call does not wait for a database that does not answer. */
function answered<T>(work: PromiseLike<T>): Promise<T> {
  return inTime(work, ANSWER_MS, 'the database does not answer in time');
}
