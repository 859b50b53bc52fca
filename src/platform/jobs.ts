import { sql } from 'drizzle-orm';
import { Logger, type ParsedCronItem, parseCronItems, run, runMigrations } from 'graphile-worker';
import type pg from 'pg';
import { Counter, Histogram, type Registry } from 'prom-client';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import type { Executor } from './database/connect.ts';
import type { Log } from './log.ts';
import { withoutValues } from './statement-error.ts';

export type JobInput = {
  /** Aborted when the server stops: finish soon, the job runs again at the next start. */
  signal: AbortSignal;
  /** 1 on the first run. */
  attempt: number;
  log: Log;
};
/** Work done beside requests. It runs at least once: doing it twice must do no harm. The payload is checked by the task. */
export type Task = (payload: unknown, input: JobInput) => Promise<void>;

export type Jobs = {
  /** Takes no further jobs, lets those under way end, and hands back the ones that do not end soon. */
  stop(): Promise<void>;
};

const ABORT_AFTER_MS = 3_000;
const POLL_MS = 2_000;
const ATTEMPTS = 5;

/**
 * Runs the jobs of this database, and scheduled ones by `crontab` (one line each: `minute hour day month weekday task`,
 * UTC; with ` ?fill=1d` at the end, runs missed within the last day are made up for). `alone` says that no other process runs jobs on
 * this database: then jobs a killed process held are free at once and not only after four hours.
 */
export async function startJobs(options: {
  pool: pg.Pool;
  tasks: Readonly<Record<string, Task>>;
  crontab?: string;
  log: Log;
  concurrency?: number;
  alone?: boolean;
  /** How long a job may go on once the server stops before its signal is aborted. */
  abortAfterMs?: number;
  metrics?: Registry;
}): Promise<Jobs> {
  const { pool, tasks, log } = options;
  await prepareJobs(pool);
  if (options.alone) await freeHeldJobs(pool);
  const measure = options.metrics ? jobMetrics(options.metrics) : () => undefined;
  const runner = await run({
    pgPool: pool,
    concurrency: options.concurrency ?? 2,
    pollInterval: POLL_MS,
    // Always given, or it would look for a file called crontab in the working folder.
    parsedCronItems: parseCrontab(options.crontab ?? '', tasks),
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: options.abortAfterMs ?? ABORT_AFTER_MS,
    logger: workerLogger(log),
    // Only batches are waited for when it stops; without them the outcome of the last jobs would be lost.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    taskList: Object.fromEntries(
      Object.entries(tasks).map(([name, task]) => [
        name,
        async (payload, { job, abortSignal }) => {
          const done = measure(name);
          const input = { signal: abortSignal, attempt: job.attempts, log: log.child({ job: name, jobId: job.id }) };
          try {
            await task(payload, input);
            done?.('done');
          } catch (error) {
            done?.('failed');
            input.log.error({ err: error, attempt: job.attempts }, 'a job failed');
            // The library logs what is thrown here, and stores it with the job.
            throw withoutValues(error);
          }
        },
      ]),
    ),
  });
  // The promise settles when the runner ends; without a listener a failure there would end the process.
  const ended = runner.promise.catch((error: unknown) => log.error({ err: error }, 'jobs have stopped running'));
  return {
    stop: async () => {
      await runner.stop();
      await ended;
    },
  };
}

const CRONTAB_LINE = /^((?:[\d*/,-]+\s+){5})([\w.:-]+)(?:\s+\?fill=(\d+)([hd]))?$/;
const UNIT_MS = { h: HOUR_MS, d: DAY_MS } as const;

/** The library's own reader knows no task names with a dot. */
function parseCrontab(text: string, tasks: Readonly<Record<string, Task>>): ParsedCronItem[] {
  const lines = text.split('\n').map((line) => line.trim());
  return parseCronItems(
    lines.filter(Boolean).map((line) => {
      const [, match = '', task = '', fill, unit] = CRONTAB_LINE.exec(line) ?? [];
      if (tasks[task] === undefined) throw new Error(`the crontab line "${line}" names no task or is not well formed`);
      const backfillPeriod = fill === undefined ? 0 : Number(fill) * UNIT_MS[unit === 'h' ? 'h' : 'd'];
      return { match: match.trim(), task, options: { backfillPeriod } };
    }),
  );
}

/** Makes the tables jobs are kept in. `startJobs` does it; call it where jobs are added and none run. */
export async function prepareJobs(pool: pg.Pool): Promise<void> {
  await runMigrations({ pgPool: pool, noHandleSignals: true });
}

/** A name from `tasks`, what it needs (no secrets: it is stored as it is), and how to run it. */
export type JobOptions = {
  /** Of several jobs with this key that have not begun, only the last one stays. */
  key?: string;
  /** Unix milliseconds. Default: now. */
  runAtMs?: number;
  /** Jobs of the same queue run one after the other. */
  queue?: string;
  maxAttempts?: number;
};

/** Adds a job in the transaction of `executor`: it exists if, and only if, that transaction is committed. */
export async function addJob(
  executor: Pick<Executor, 'execute'>,
  name: string,
  payload: unknown,
  options: JobOptions = {},
): Promise<{ jobId: string }> {
  const runAt = options.runAtMs === undefined ? null : new Date(options.runAtMs).toISOString();
  const { rows } = await executor.execute<{ id: number }>(sql`
    select id from graphile_worker.add_job(
      identifier => ${name}::text,
      payload => ${JSON.stringify(payload ?? {})}::json,
      queue_name => ${options.queue ?? null}::text,
      run_at => ${runAt}::timestamptz,
      max_attempts => ${options.maxAttempts ?? ATTEMPTS}::int,
      job_key => ${options.key ?? null}::text)`);
  const [added] = rows;
  if (!added) throw new AppError('internal', `The job "${name}" was not added.`);
  return { jobId: String(added.id) };
}

async function freeHeldJobs(pool: pg.Pool): Promise<void> {
  await pool.query(
    `select graphile_worker.force_unlock_workers(array(
       select distinct locked_by from graphile_worker.jobs where locked_by is not null
       union select distinct locked_by from graphile_worker._private_job_queues where locked_by is not null))`,
  );
}

function workerLogger(log: Log): Logger {
  return new Logger((scope) => (level, message) => {
    // Its errors about a job come to us from the job; its information is about itself.
    const at = level === 'error' || level === 'warning' ? 'warn' : 'debug';
    log[at]({ task: scope.taskIdentifier, jobId: scope.jobId }, message);
  });
}

function jobMetrics(registry: Registry): (task: string) => (outcome: 'done' | 'failed') => void {
  const runs = new Counter({
    name: 'assay_jobs_total',
    help: 'Jobs that ended, by task and outcome.',
    labelNames: ['task', 'outcome'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'assay_job_duration_seconds',
    help: 'How long jobs ran.',
    labelNames: ['task'],
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800],
    registers: [registry],
  });
  return (task) => {
    const end = duration.startTimer({ task });
    return (outcome) => {
      end();
      runs.inc({ task, outcome });
    };
  };
}
