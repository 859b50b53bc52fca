import { sql } from 'drizzle-orm';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { databaseCode } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { wilson } from '#src/statistics/proportion.ts';
import { OPERATION_SPANS, type Operation, type OperationQuery } from './operation-model.ts';

const STATEMENT_MS = 20_000;
const CANCELED = '57014';

type Row = {
  [column: string]: unknown;
  system_id: string;
  endpoint: string;
  path: string | null;
  n: number;
  errors: number;
  unknown: number;
  timed: number;
  latencies: number[] | null;
};

/**
 * Errors and latency of each endpoint of each system, from the operations themselves. Percentiles are those of the sorted
 * values (nearest rank), nothing is estimated. What reported no error field is counted as unknown and in no share. Throws
 * `too_large` where a time holds more than can be counted at once.
 */
export async function operation(database: Database, query: OperationQuery, nowMs: number): Promise<Operation> {
  const fromMs = nowMs - OPERATION_SPANS[query.span];
  try {
    return await database.transaction(async (tx) => {
      await tx.execute(sql`set local statement_timeout = ${sql.raw(String(STATEMENT_MS))}`);
      const { rows } = await tx.execute<Row>(sql`
        select told.system_id, told.endpoint, max(route.path) as path, count(*)::bigint as n,
          (count(*) filter (where told.error = 'true'))::bigint as errors,
          (count(*) filter (where told.error is null or told.error not in ('true', 'false')))::bigint as unknown,
          count(told.latency)::bigint as timed,
          percentile_disc(array[0.5, 0.95, 0.99]) within group (order by told.latency) as latencies
        from (
          select system_id, coalesce(body -> 'segment' ->> 'route', body -> 'segment' ->> 'endpoint', '') as endpoint,
            body -> 'values' ->> 'error' as error,
            case when json_typeof(body -> 'values' -> 'latencyMs') = 'number'
              then (body -> 'values' ->> 'latencyMs')::float8 end as latency
          from event
          where kind = 'operation' and occurred_at >= ${toInstant(fromMs)}::timestamptz
            and occurred_at < ${toInstant(nowMs)}::timestamptz
            ${query.systemId === undefined ? sql`` : sql`and system_id = ${query.systemId}`}) as told
        left join gateway_route as route on route.id = told.endpoint
        group by told.system_id, told.endpoint
        order by n desc limit 500`);
      const systems = await tx.select({ id: inventorySystem.id, name: inventorySystem.name }).from(inventorySystem);
      const nameOf = (id: string) => systems.find((system) => system.id === id)?.name ?? null;
      return {
        from: toInstant(fromMs),
        to: toInstant(nowMs),
        items: rows.map((row) => present(row, nameOf(row.system_id))),
      };
    });
  } catch (error) {
    if (databaseCode(error) !== CANCELED) throw error;
    throw new AppError('too_large', 'There are too many operations in this time to count them at once. Choose less.');
  }
}

function present(row: Row, systemName: string | null): Operation['items'][number] {
  const told = row.n - row.unknown;
  const interval = told === 0 ? null : wilson(row.errors, told);
  const [p50, p95, p99] = row.latencies ?? [];
  return {
    systemId: row.system_id,
    systemName,
    endpoint: row.endpoint === '' ? null : (row.path ?? row.endpoint),
    calls: row.n,
    errors: row.errors,
    unknown: row.unknown,
    errorShare: told === 0 ? null : row.errors / told,
    errorInterval95: interval && { low: interval[0], high: interval[1] },
    timed: row.timed,
    p50Ms: p50 ?? null,
    p95Ms: p95 ?? null,
    p99Ms: p99 ?? null,
  };
}
