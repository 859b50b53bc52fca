import { sql } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { testDatabase } from '../../tests/support/database.ts';
import { addJob, type Jobs, prepareJobs, startJobs, type Task } from './jobs.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';

const database = testDatabase();
const lines: string[] = [];
const log = createLog({ level: 'debug', output: { write: (line) => lines.push(line) } });
let jobs: Jobs | undefined;
afterEach(stop);

async function stop() {
  const running = jobs;
  jobs = undefined;
  await running?.stop();
}

async function start(tasks: Record<string, Task>, alone = false) {
  jobs = await startJobs({ pool: database.current.pool, tasks, log, alone, abortAfterMs: 20 });
}

/** A task, and the payloads it has run with. `ran` waits for the next one. */
function collector() {
  const payloads: unknown[] = [];
  let wake: () => void = () => undefined;
  const task: Task = async (payload) => {
    payloads.push(payload);
    wake();
  };
  const ran = async (count: number) => {
    while (payloads.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return payloads;
  };
  return { task, ran };
}

test('a job added in a transaction runs once that is committed, and never when it is rolled back', async () => {
  await prepareJobs(database.current.pool);
  const { task, ran } = collector();
  const undone = database.current.transaction(async (tx) => {
    await addJob(tx, 'collect', { n: 0 });
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  await database.current.transaction(async (tx) => {
    await addJob(tx, 'collect', { n: 1 });
  });
  await start({ collect: task });
  expect(await ran(1)).toEqual([{ n: 1 }]);
});

test('of several waiting jobs with one key only the last runs', async () => {
  await prepareJobs(database.current.pool);
  const { task, ran } = collector();
  for (const n of [1, 2, 3]) await addJob(database.current.drizzle, 'keyed', { n }, { key: 'one' });
  await addJob(database.current.drizzle, 'keyed', { n: 4 });
  await start({ keyed: task });
  expect(await ran(2)).toEqual(expect.arrayContaining([{ n: 3 }, { n: 4 }]));
});

test('stopping tells a job under way, and it runs again at the next start', async () => {
  let begun: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  await start({
    long: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to stop')));
        begun();
      }),
  });
  await addJob(database.current.drizzle, 'long', {}, { key: 'long' });
  await running;
  await stop();
  const { rows } = await database.current.pool.query(
    "select attempts, last_error, locked_by from graphile_worker.jobs where key = 'long'",
  );
  expect(rows).toEqual([{ attempts: 1, last_error: expect.stringContaining('told to stop'), locked_by: null }]);
  expect(lines.join('')).toContain('a job failed');
});

test('a job held by a process that was killed runs at the next start', async () => {
  await prepareJobs(database.current.pool);
  const { task, ran } = collector();
  const { jobId } = await addJob(database.current.drizzle, 'held', { n: 1 });
  await database.current.pool.query(
    "update graphile_worker._private_jobs set locked_by = 'worker-gone', locked_at = now(), attempts = 1 where id = $1",
    [jobId],
  );
  await start({ held: task }, true);
  expect(await ran(1)).toEqual([{ n: 1 }]);
});

test('jobs and connections are counted', async () => {
  const metrics = createMetrics(database.current.pool);
  const { task, ran } = collector();
  jobs = await startJobs({ pool: database.current.pool, tasks: { counted: task }, log, metrics });
  await addJob(database.current.drizzle, 'counted', {});
  await ran(1);
  await stop();
  const text = await metrics.metrics();
  expect(text).toContain('assay_jobs_total{task="counted",outcome="done"} 1');
  expect(text).toMatch(/assay_database_connections\{state="busy"\} \d/);
});

test('a schedule makes up for a run missed while stopped, and one that names no task is refused', async () => {
  const { task, ran } = collector();
  const options = { pool: database.current.pool, tasks: { 'records.refresh': task }, log };
  await expect(startJobs({ ...options, crontab: '0 * * * * records.refesh' })).rejects.toThrow(/names no task/);
  await expect(startJobs({ ...options, crontab: 'hourly records.refresh' })).rejects.toThrow(/not well formed/);
  jobs = await startJobs({ ...options, crontab: '* * * * * records.refresh ?fill=1h' });
  await stop();
  await database.current.pool.query(
    `update graphile_worker._private_known_crontabs
     set known_since = now() - interval '10 minutes', last_execution = now() - interval '10 minutes'`,
  );
  jobs = await startJobs({ ...options, crontab: '* * * * * records.refresh ?fill=1h' });
  expect(await ran(1)).toMatchObject([{ _cron: { ts: expect.any(String) } }]);
});

test('a statement that fails leaves no value of it in the log or with the job', async () => {
  await prepareJobs(database.current.pool);
  const { jobId } = await addJob(database.current.drizzle, 'fails', {});
  let failed: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    failed = resolve;
  });
  const from = lines.length;
  await start({
    fails: async () => {
      setImmediate(failed);
      await database.current.drizzle.execute(sql`select ${'ada@example.com'}::uuid, no_such_column`);
    },
  });
  await ended;
  await stop();
  const stored = await database.current.pool.query('select last_error from graphile_worker.jobs where id = $1', [
    jobId,
  ]);
  expect(stored.rows[0]?.last_error).toMatch(/42703|22P02/);
  expect(`${lines.slice(from).join('')}${stored.rows[0]?.last_error}`).not.toContain('select $1');
  expect(`${lines.slice(from).join('')}${stored.rows[0]?.last_error}`).not.toContain('ada@example.com');
});
