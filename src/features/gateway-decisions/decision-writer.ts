import type pg from 'pg';
import { databaseCode } from '#src/features/records/index.ts';
import type { DecisionWriter } from '#src/gateway/ports.ts';
import { encodeAll, type RecordedDecision, type RecordedWriter } from '#src/gateway/record/recorded.ts';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { ARRIVAL_LOCK } from './arrival.ts';
import { type DecisionRow, dayOfMs, rowOf } from './decision-row.ts';
import { ensurePartition } from './partitions.ts';

const NO_PARTITION = '23514';
// One statement stays well below what a server takes at once; the sink's batches are far smaller.
const ROWS_MAX = 2_000;
// Stands in no name of a detector or rule: a control character, which `chr(31)` is in SQL.
const SEPARATOR = '\u001f';

/** What else is stored with a batch, in its transaction. It sees only decisions that were not stored before. */
export type OnWritten = (client: pg.PoolClient, decisions: readonly RecordedDecision[]) => Promise<void>;

/**
 * Stores batches of decisions. A batch is stored whole or not at all; a decision that is there already is left as it is, so
 * a spool may be replayed from any point. Nothing is rejected for being late: its day is made again if it has to be.
 */
export function createDecisionWriter(parts: {
  database: Pick<Database, 'pool'>;
  clock: Clock;
  onWritten?: OnWritten;
}): DecisionWriter & RecordedWriter {
  const { pool } = parts.database;
  const known = new Set<string>();
  const prepare = async (days: ReadonlySet<string>) => {
    for (const day of days) {
      if (known.has(day)) continue;
      await ensurePartition(pool, day);
      if (known.size > 100) known.clear();
      known.add(day);
    }
  };
  const writePart = async (part: readonly RecordedDecision[]) => {
    const rows = part.map(rowOf);
    const days = new Set(rows.map(({ day }) => day));
    await prepare(days);
    try {
      await insert(pool, rows, part, parts);
    } catch (error) {
      // Retention took the day away since it was seen.
      if (databaseCode(error) !== NO_PARTITION) throw error;
      known.clear();
      await prepare(days);
      await insert(pool, rows, part, parts);
    }
  };
  const writeRecorded = async (batch: readonly RecordedDecision[]) => {
    for (let from = 0; from < batch.length; from += ROWS_MAX) await writePart(batch.slice(from, from + ROWS_MAX));
  };
  return { writeRecorded, write: (batch) => writeRecorded(encodeAll(batch)) };
}

async function insert(
  pool: pg.Pool,
  rows: readonly DecisionRow[],
  decisions: readonly RecordedDecision[],
  { clock, onWritten }: { clock: Clock; onWritten?: OnWritten },
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // Shared by writers; whoever needs to know that all before a number is stored takes it alone for a moment.
    await client.query('select pg_advisory_xact_lock_shared($1)', [ARRIVAL_LOCK]);
    const { rows: stored } = await client.query<{ id: string }>({
      name: 'gateway-decisions',
      text: INSERT,
      values: valuesOf(rows),
    });
    await noteLateDays(client, rows, clock());
    if (onWritten && stored.length > 0) {
      const fresh = new Set(stored.map(({ id }) => id));
      await onWritten(
        client,
        fresh.size === decisions.length ? decisions : decisions.filter(({ id }) => fresh.has(id)),
      );
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const COLUMNS: readonly [name: string, type: string, read: (row: DecisionRow) => string | number | boolean | null][] = [
  ['day', 'date', (row) => row.day],
  ['id', 'text', (row) => row.id],
  ['occurred_at', 'timestamptz', (row) => row.occurredAt],
  ['node_id', 'text', (row) => row.nodeId],
  ['sequence', 'bigint', (row) => row.sequence],
  ['tenant_id', 'text', (row) => row.tenantId],
  ['key_id', 'text', (row) => row.keyId],
  ['route_id', 'text', (row) => row.routeId],
  ['provider_id', 'text', (row) => row.providerId],
  ['model_asked', 'text', (row) => row.modelAsked],
  ['model_answered', 'text', (row) => row.modelAnswered],
  ['policy_id', 'text', (row) => row.policyId],
  ['outcome', 'text', (row) => row.outcome],
  ['refusal', 'text', (row) => row.refusal],
  ['ended', 'text', (row) => row.ended],
  ['http_status', 'integer', (row) => row.httpStatus],
  ['fail_open', 'boolean', (row) => row.failOpen],
  ['tokens_input', 'bigint', (row) => row.tokensInput],
  ['tokens_output', 'bigint', (row) => row.tokensOutput],
  ['cost_micro_usd', 'bigint', (row) => row.costMicroUsd],
  ['total_us', 'bigint', (row) => row.totalUs],
  ['added_us', 'bigint', (row) => row.addedUs],
  ['first_byte_us', 'bigint', (row) => row.firstByteUs],
  ['payload', 'text', (row) => row.payload],
];

// Lists of names and texts of bodies go in one value each: arrays of arrays and of JSON would be escaped and read again.
const NAMES = COLUMNS.map(([name]) => name).join(', ');
const INSERT = `
  insert into gateway_decision (${NAMES}, found, not_evaluated, leaf_hash, body)
  select ${NAMES},
    case found_text when '' then '{}' else string_to_array(found_text, chr(31)) end,
    case missed_text when '' then '{}' else string_to_array(missed_text, chr(31)) end,
    substring(hashes from (position::int - 1) * 32 + 1 for 32),
    convert_from(substring(bodies from body_start for body_size), 'UTF8')
  from (select $1::bytea as bodies, $2::bytea as hashes) as sent,
    unnest($3::int[], $4::int[], $5::text[], $6::text[],
      ${COLUMNS.map(([, type], i) => `$${i + 7}::${type}[]`).join(', ')})
      with ordinality as given (body_start, body_size, found_text, missed_text, ${NAMES}, position)
  order by position
  on conflict (day, id) do nothing
  returning id`;

function valuesOf(rows: readonly DecisionRow[]): unknown[] {
  const bodies = rows.map(({ body }) => body);
  let next = 1;
  const starts = bodies.map(({ length }) => {
    const start = next;
    next += length;
    return start;
  });
  return [
    Buffer.concat(bodies),
    Buffer.concat(rows.map(({ leafHash }) => leafHash)),
    starts,
    bodies.map(({ length }) => length),
    rows.map(({ found }) => found.join(SEPARATOR)),
    rows.map(({ notEvaluated }) => notEvaluated.join(SEPARATOR)),
    ...COLUMNS.map(([, , read]) => rows.map(read)),
  ];
}

/** Readers of what is new look at the days around today; a day further away has to be named to them. */
async function noteLateDays(client: pg.PoolClient, rows: readonly DecisionRow[], nowMs: number): Promise<void> {
  const usual = [dayOfMs(nowMs - DAY_MS), dayOfMs(nowMs), dayOfMs(nowMs + DAY_MS)];
  const late = [...new Set(rows.map(({ day }) => day))].filter((day) => !usual.includes(day));
  if (late.length > 0)
    await client.query(
      `insert into gateway_late_day (day, arrival)
       select unnest($1::date[]), last_value from gateway_decision_arrival
       on conflict (day) do update set arrival = greatest(gateway_late_day.arrival, excluded.arrival)`,
      [late],
    );
}
