import pg from 'pg';
import { createDecisionWriter } from '#src/features/gateway-decisions/decision-writer.ts';
import { keepRecord } from '#src/features/gateway-decisions/keep-record.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { appendEntry } from '#src/ledger/store/append.ts';
import { connectDatabase } from '#src/platform/database/connect.ts';
import { blockedDecision, sampleDecision } from '../tests/support/gateway-decisions.ts';
import { databaseUrl, setup } from '../tests/support/postgres.ts';

/*
 * The write path of decisions against the least that could store the same bytes: the canonical JSON in the same batches into a table
 * of one column without an index. Rounds alternate; the median counts. Then what it costs to take in and to seal.
 */
const short = process.argv.includes('--short');
const ROWS = short ? 4_000 : 40_000;
const BATCH = 500;
const ROUNDS = short ? 3 : 5;

const provided = new Map<string, string>();
const stop = await setup({ provide: (key, value) => void provided.set(key, value) });
const serverUrl = provided.get('postgresUrl') ?? '';
const url = databaseUrl(serverUrl, 'bench_decisions');
const admin = new pg.Client({ connectionString: serverUrl });
await admin.connect();
await admin.query(`create database bench_decisions template ${provided.get('postgresTemplate')}`);
const database = connectDatabase(url, { maxConnections: 4 });
await database.pool.query('create table plain (body text not null)');

const START = Math.floor(Date.now() / 300_000) * 300_000 - 600_000;
let clockMs = START;
let made = 0;
const decisionsOf = (count: number) =>
  Array.from({ length: count }, () => {
    const n = ++made;
    return n % 50 === 0 ? blockedDecision(n, START + (n % 200_000)) : sampleDecision(n, START + (n % 200_000));
  });

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const writer = createDecisionWriter({ database, clock: () => clockMs });
const copyMs: number[] = [];
const plainMs: number[] = [];
const writeMs: number[] = [];
let bytes = 0;
for (let round = 0; round < ROUNDS; round++) {
  const decisions = decisionsOf(ROWS);
  const bodies = decisions.map((decision) => canonicalJson(decision));
  bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  copyMs.push(
    await timed(async () => {
      for (let from = 0; from < bodies.length; from += BATCH)
        await database.pool.query("insert into plain select * from string_to_table($1, E'\\n')", [
          bodies.slice(from, from + BATCH).join('\n'),
        ]);
    }),
  );
  plainMs.push(
    await timed(async () => {
      for (const body of bodies.slice(0, ROWS / 20)) await database.pool.query('insert into plain values ($1)', [body]);
    }),
  );
  writeMs.push(
    await timed(async () => {
      for (let from = 0; from < decisions.length; from += BATCH)
        await writer.write(decisions.slice(from, from + BATCH));
    }),
  );
}
const replay = decisionsOf(BATCH);
await writer.write(replay);
const replayMs = await timed(() => writer.write(replay));

clockMs = START + 600_000;
const append = (tx: Parameters<typeof appendEntry>[0], entry: Parameters<typeof appendEntry>[1]) =>
  appendEntry(tx, entry, () => clockMs);
let taken = 0;
let sealed = 0;
const keepMs = await timed(async () => {
  const round = await keepRecord({ database, append, clock: () => clockMs });
  taken = round.taken;
  sealed = round.sealed.length;
  while ((await keepRecord({ database, append, clock: () => clockMs })).sealed.length > 0) sealed++;
});
const { rows } = await database.pool.query<{ size: number }>(
  "select sum(pg_total_relation_size(inhrelid)) as size from pg_inherits where inhparent = 'gateway_decision'::regclass",
);

const perSecond = (count: number, ms: number) => Math.round((count / ms) * 1_000).toLocaleString('en-US');
const write = median(writeMs);
console.log(
  `${ROWS.toLocaleString('en-US')} decisions a round of ${Math.round(bytes / ROWS)} bytes, batches of ${BATCH}, ${ROUNDS} rounds\n`,
);
console.log('| what | decisions/s | against the plain table |');
console.log('|---|---:|---:|');
console.log(`| one column, the same batches, nothing else | ${perSecond(ROWS, median(copyMs))} | 1.00 |`);
console.log(
  `| **decision writer**: hashed, columns, three indexes, idempotent | ${perSecond(ROWS, write)} | ${(median(copyMs) / write).toFixed(2)} |`,
);
console.log(
  `| one INSERT a decision, one column | ${perSecond(ROWS / 20, median(plainMs))} | ${(median(copyMs) / 20 / median(plainMs)).toFixed(2)} |`,
);
console.log(`\nA batch written a second time: ${(replayMs / BATCH).toFixed(3)} ms a decision, none stored twice.`);
console.log(
  `Taking in and sealing ${taken.toLocaleString('en-US')} decisions in ${sealed} windows: ${((keepMs * 1_000) / taken).toFixed(1)} µs a decision (${perSecond(taken, keepMs)}/s), ${Math.round((rows[0]?.size ?? 0) / (made || 1))} bytes stored for each.`,
);

await database.close();
await admin.query('drop database bench_decisions with (force)');
await admin.end();
await stop();
