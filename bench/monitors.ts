// Monitors over a real embedded Postgres: events against plain COPY of the same bytes, a window of 1,000 series from events
// to ledger, and a year of 200 series on one page. What counts are the ratio and the order of magnitude. `--short` uses a
// tenth of the events.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { openServices } from '#src/apps/services.ts';
import { ingest, readItems, splitEvents, systemFinder } from '#src/features/events/index.ts';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { proposeBaseline, reviewBaseline } from '#src/features/monitors/baselines.ts';
import { proposeMonitor, reviewMonitor } from '#src/features/monitors/change-monitor.ts';
import { evidence } from '#src/features/monitors/evidence.ts';
import { closedUntil, runMonitors } from '#src/features/monitors/index.ts';
import { MonitorDefinition } from '#src/features/monitors/model.ts';
import { userTable } from '#src/features/users/tables.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import { readConfig } from '#src/platform/config.ts';
import { copyField, copyIn } from '#src/platform/database/copy.ts';
import { openDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { seededRandom } from '#src/statistics/random.ts';

const EVENTS = process.argv.includes('--short') ? 20_000 : 100_000;
const ROUNDS = 5;
const MONITORS = 10;
const SEGMENTS = 99;
const START = Date.UTC(2026, 9, 1);
let nowMs = START;
const clock = () => nowMs;
const random = seededRandom(1);

const dataDir = mkdtempSync(join(tmpdir(), 'assay-bench-'));
const config = readConfig({ ASSAY_DATA_DIR: dataDir }, process.cwd());
const log = createLog({ level: 'error', output: 2 });
const opened = await openDatabase({ config, log, purpose: 'command' });
try {
  const { database } = opened;
  const services = await openServices({ database, dataDir, clock, log });
  const { records, alerts } = services;
  const { drizzle, pool } = database;
  const at = new Date(START);
  await drizzle.insert(inventorySystem).values(
    ['sys_ingest', 'sys_window', 'sys_year'].map((id) => ({
      id,
      name: id,
      state: 'confirmed' as const,
      origin: 'manual' as const,
      createdAt: at,
      createdBy: 'service:assay',
    })),
  );
  await drizzle.insert(userTable).values(
    ['usr_a', 'usr_b'].map((id) => ({
      id,
      name: id,
      email: `${id}@example.com`,
      role: 'owner' as const,
      createdAt: at,
      updatedAt: at,
    })),
  );
  const first = { kind: 'user' as const, id: 'usr_a' };
  const second = { kind: 'user' as const, id: 'usr_b' };

  let made = 0;
  const lines = (systemId: string, count: number, fromMs: number) =>
    Array.from({ length: count }, (_, k) => {
      const values: Record<string, unknown> = {
        latencyMs: 20 + 3_000 * random() ** 6,
        failed: random() < 0.01,
        class: `c${k % 7}`,
      };
      for (let m = 0; m < MONITORS; m++) values[`m${m}`] = random() + random();
      return JSON.stringify({
        id: `evt-${made++}`,
        source: 'bench',
        sequence: made,
        occurredAt: toInstant(fromMs + Math.floor((k * DAY_MS) / count)),
        systemId,
        kind: 'prediction',
        modelVersion: 'v1',
        segment: { group: `g${k % SEGMENTS}` },
        values,
      });
    });
  const send = async (text: string) => {
    const bytes = Buffer.from(text);
    const chunks = async function* () {
      for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
    };
    const context = { nowMs, systemOf: await systemFinder(drizzle), defaultSource: 'bench' };
    const items = readItems(splitEvents(chunks()), context);
    return ingest({ database, clock, closedUntil }, { from: 'service:assay', form: 'ndjson', items });
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };

  nowMs = START + DAY_MS;
  const delivery = lines('sys_ingest', EVENTS, START);
  const text = `${delivery.join('\n')}\n`;
  const copies = {
    plain: Buffer.from(`${delivery.map(copyField).join('\n')}\n`),
    keyed: Buffer.from(`${delivery.map((line, k) => `${k}\t${copyField(line)}`).join('\n')}\n`),
  };
  const copy = async (name: keyof typeof copies) => {
    const client = await pool.connect();
    try {
      await copyIn(client, `copy ${name}_lines from stdin`, copies[name]);
    } finally {
      client.release();
    }
  };
  await pool.query('create table plain_lines (line text); create table keyed_lines (id text primary key, line json)');
  const taken: Record<'plain' | 'keyed' | 'ingest' | 'again', number[]> = {
    plain: [],
    keyed: [],
    ingest: [],
    again: [],
  };
  let cpuUs = 0;
  // In turns: what else the machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round++) {
    await pool.query('truncate plain_lines, keyed_lines, event, event_source, event_late');
    taken.plain.push(await timed(() => copy('plain')));
    taken.keyed.push(await timed(() => copy('keyed')));
    const before = process.cpuUsage();
    taken.ingest.push(await timed(() => send(text)));
    const { user, system } = process.cpuUsage(before);
    cpuUs = (user + system) / EVENTS;
    taken.again.push(await timed(() => send(text)));
  }
  const median = (values: readonly number[]) => [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;
  const [plainMs, keyedMs, ingestMs, againMs] = [taken.plain, taken.keyed, taken.ingest, taken.again].map(median) as [
    number,
    number,
    number,
    number,
  ];
  const perSecond = (ms: number) => Math.round((EVENTS / ms) * 1_000).toLocaleString('en');
  const size = (text.length / 1_048_576).toFixed(0);
  console.log(
    `${EVENTS.toLocaleString('en')} events, ${size} MiB, medians of ${ROUNDS} rounds. Node spends ${cpuUs.toFixed(1)} µs of CPU an event.\n`,
  );
  console.log('| | events a second | speed / plain COPY |\n|---|---|---|');
  console.log(`| plain COPY of the same bytes, one text column | ${perSecond(plainMs)} | 1.00 |`);
  console.log(
    `| COPY into a table with a key and checked JSON | ${perSecond(keyedMs)} | ${(plainMs / keyedMs).toFixed(2)} |`,
  );
  console.log(
    `| POST /events: parsed, checked, once each, numbered, counted | ${perSecond(ingestMs)} | ${(plainMs / ingestMs).toFixed(2)} |`,
  );
  console.log(`| the same again: all duplicates | ${perSecond(againMs)} | ${(plainMs / againMs).toFixed(2)} |`);

  nowMs = START;
  for (let m = 0; m < MONITORS; m++) {
    const definition = MonitorDefinition.parse({
      name: `Metric ${m}`,
      metric: { type: 'numeric_drift', eventKind: 'prediction', field: `m${m}` },
      window: 'day',
      segments: [{ key: 'group', values: Array.from({ length: SEGMENTS }, (_, k) => `g${k}`) }],
      thresholds: { warn: 0.1, fail: 0.25 },
      minimumN: 20,
      ownerId: 'usr_a',
    });
    await database.transaction(async (tx) => {
      const id = await proposeMonitor(
        tx,
        services,
        { systemId: 'sys_window', definition, reason: 'bench' },
        { actor: first, at },
      );
      await reviewMonitor(tx, services, id, { decision: 'approved' }, { actor: second, at });
    });
  }
  const perDay = EVENTS / 10;
  nowMs = START + DAY_MS - 1;
  await send(lines('sys_window', perDay, START).join('\n'));
  nowMs = START + DAY_MS;
  const { rows } = await drizzle.execute<{ id: string }>(sql`select id from monitor where system_id = 'sys_window'`);
  for (const { id } of rows)
    await database.transaction(async (tx) => {
      const deciding = { actor: first, at: new Date(nowMs) };
      const baseline = await proposeBaseline(
        tx,
        services,
        id,
        { periodFrom: toInstant(START), periodTo: toInstant(nowMs), reason: 'bench' },
        deciding,
      );
      await reviewBaseline(
        tx,
        services,
        baseline,
        { decision: 'approved', comment: 'bench' },
        { ...deciding, actor: second },
      );
    });
  nowMs = START + DAY_MS + 3_600_000;
  await runMonitors({ records, ...alerts });
  nowMs = START + 2 * DAY_MS - 1;
  await send(lines('sys_window', perDay, START + DAY_MS).join('\n'));
  nowMs = START + 2 * DAY_MS + 3_600_000;
  let closed = 0;
  const closeMs = await timed(async () => {
    ({ closed } = await runMonitors({ records, ...alerts }));
  });
  const { rows: decided } = await drizzle.execute<{ n: number; sizeBytes: number }>(
    sql`select count(*)::int as n, (select avg(length(content))::int from monitor_window) as "sizeBytes" from monitor_decision where starts_at = ${toInstant(START + DAY_MS)}`,
  );
  console.log(
    `\n${closed} window of ${decided[0]?.n} series from ${perDay.toLocaleString('en')} events: counted, sealed, tested, corrected and recorded in ${(closeMs / 1_000).toFixed(2)} s; ${Math.round((decided[0]?.sizeBytes ?? 0) / (SEGMENTS + 1))} bytes a series.`,
  );

  const YEAR_DAYS = 365;
  nowMs = START;
  for (let m = 0; m < 20; m++) {
    const definition = MonitorDefinition.parse({
      name: `Year ${m}`,
      metric: { type: 'mean', eventKind: 'prediction', field: `m${m}`, worse: 'higher' },
      window: 'day',
      segments: [{ key: 'group', values: Array.from({ length: 9 }, (_, k) => `g${k}`) }],
      thresholds: { warn: 2, fail: 3 },
      ownerId: 'usr_a',
    });
    await database.transaction(async (tx) => {
      const id = await proposeMonitor(
        tx,
        services,
        { systemId: 'sys_year', definition, reason: 'bench' },
        { actor: first, at },
      );
      await reviewMonitor(tx, services, id, { decision: 'approved' }, { actor: second, at });
    });
  }
  await drizzle.execute(sql`
    insert into monitor_batch select 'mwb_y' || day, 'sys_year', 'day', ${toInstant(START)}::timestamptz + day * interval '1 day',
      ${toInstant(START)}::timestamptz + (day + 1) * interval '1 day', 1, now(), now(), now(), 'due', 200, 'x', 'decide/1'
    from generate_series(0, ${YEAR_DAYS - 1}::int) as day`);
  await drizzle.execute(sql`
    insert into monitor_window select 'win_y' || day || monitor.id, 'mwb_y' || day, monitor.id, 1, null,
      ${toInstant(START)}::timestamptz + day * interval '1 day', ${toInstant(START)}::timestamptz + (day + 1) * interval '1 day', 1,
      'ok', 'ok', 1000, null, null, null, now()
    from monitor, generate_series(0, ${YEAR_DAYS - 1}::int) as day where monitor.system_id = 'sys_year'`);
  await drizzle.execute(sql`
    insert into monitor_decision select monitor_window.id, 's' || series, monitor_id, starts_at, 1, 'ok', 'ok', 1000, random(), random(),
      null, 0, 1, 0.5, 2, 3, repeat('x', 700)::bytea, 'x'
    from monitor_window, generate_series(0, 9) as series where batch_id like 'mwb_y%'`);
  await drizzle.execute(sql`analyze`);
  nowMs = START + YEAR_DAYS * DAY_MS;
  const reading = { executor: drizzle, namesOf: async () => new Map<string, string>(), nowMs };
  let points = 0;
  const pageMs = await timed(async () => {
    const page = await evidence(reading, 'sys_year', { fromMs: START, toMs: nowMs });
    points = page.monitors.reduce((sum, { series }) => sum + series.length, 0);
  });
  console.log(
    `\nEvidence page of one system over ${YEAR_DAYS} days and ${points} series from storage: ${(pageMs / 1_000).toFixed(2)} s.`,
  );
} finally {
  await opened.close();
  rmSync(dataDir, { recursive: true, force: true });
}
