import type { Database } from '#src/platform/database/connect.ts';

// First of the two numbers of an advisory lock: "a process works on this scan".
const LOCK_CLASS = 7_283_010;

/**
 * Shows other processes that this one works on a scan, until `end` is called or the process dies: the database gives the
 * lock back with the connection. Returns null when another process works on it.
 */
export async function showAlive(database: Database, scanId: string): Promise<{ end(): Promise<void> } | null> {
  const client = await database.pool.connect();
  try {
    const { rows } = await client.query('select pg_try_advisory_lock($1, hashtext($2)) as taken', [LOCK_CLASS, scanId]);
    if (rows[0]?.taken === true) {
      return {
        end: async () => {
          try {
            await client.query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_CLASS, scanId]);
            client.release();
          } catch (error) {
            // The connection is gone, and the lock with it.
            client.release(error instanceof Error ? error : true);
          }
        },
      };
    }
    client.release();
    return null;
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

/** True while some process works on the scan. */
export async function isAlive(database: Database, scanId: string): Promise<boolean> {
  const held = await showAlive(database, scanId);
  await held?.end();
  return held === null;
}
