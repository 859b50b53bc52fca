import { sql } from 'drizzle-orm';
import type { Append } from '#src/features/records/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { arrivalBoundary } from './arrival.ts';
import { sealWindows } from './seal-windows.ts';
import { takeIn } from './take-in.ts';

export type RecordKeeper = { database: Database; append: Append; clock: Clock; decisionsMax?: number };

/**
 * One round over what is new: adds it up and seals the windows that are due. Safe beside other processes doing the same,
 * and cut short it is finished by the next round.
 */
export async function keepRecord(
  parts: RecordKeeper,
  signal?: AbortSignal,
): Promise<{ taken: number; sealed: string[]; boundary: number }> {
  const boundary = await arrivalBoundary(parts.database.pool);
  const taken = await takeIn(parts.database, boundary, parts.clock, signal);
  if (signal?.aborted) return { taken, sealed: [], boundary };
  const sealed = await sealWindows(parts, boundary, signal);
  // A day is looked at apart only until every reader is past what came for it.
  await parts.database.drizzle.execute(
    sql`delete from gateway_late_day where arrival <= (select min(arrival) from gateway_reader)`,
  );
  return { taken, sealed, boundary };
}
