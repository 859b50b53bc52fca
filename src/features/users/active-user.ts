import { and, eq, gte, isNull, or } from 'drizzle-orm';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { userTable } from './tables.ts';

/** True for a user who is neither disabled nor past their last day. */
export async function isActiveUser(executor: Executor, userId: string, nowMs: number): Promise<boolean> {
  const today = toInstant(nowMs).slice(0, 10);
  const rows = await executor
    .select({ id: userTable.id })
    .from(userTable)
    .where(
      and(
        eq(userTable.id, userId),
        isNull(userTable.disabledAt),
        or(isNull(userTable.expiresOn), gte(userTable.expiresOn, today)),
      ),
    );
  return rows.length > 0;
}
