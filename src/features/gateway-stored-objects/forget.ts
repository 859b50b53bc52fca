import { sql } from 'drizzle-orm';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';

/** Of one tenant. What is forgotten counts as never seen, which is refused unless a policy says otherwise. */
const OBJECTS_MAX = 1_000_000;

/**
 * Forgets what providers no longer keep, and of a tenant with very many objects the oldest. Safe to repeat. Returns how many.
 */
export async function forgetStoredObjects(
  { drizzle }: Pick<Database, 'drizzle'>,
  clock: Clock,
  { mostOfTenant = OBJECTS_MAX }: { mostOfTenant?: number } = {},
): Promise<{ expired: number; tooMany: number }> {
  const now = new Date(clock()).toISOString();
  const expired = await drizzle.execute(sql`delete from gateway_stored_object where expires_at < ${now}::timestamptz`);
  const { rows } = await drizzle.execute<{ tenant_id: string }>(sql`
    select tenant_id from gateway_stored_object group by tenant_id having count(*) > ${mostOfTenant}`);
  let tooMany = 0;
  for (const { tenant_id } of rows) {
    const gone = await drizzle.execute(sql`
      delete from gateway_stored_object where (account, id_sha256) in (
        select account, id_sha256 from gateway_stored_object where tenant_id = ${tenant_id}
        order by bound_at desc, id_sha256 offset ${mostOfTenant})`);
    tooMany += gone.rowCount ?? 0;
  }
  return { expired: expired.rowCount ?? 0, tooMany };
}
