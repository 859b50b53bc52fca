import { setTimeout as sleep } from 'node:timers/promises';
import type { Services } from '#src/apps/services.ts';
import type { AskedTarget } from '#src/features/evaluations/index.ts';
import type { EndpointKind, EvaluationRun, GateVerdict } from '#src/features/evaluations/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import { openCommandServices } from './command-services.ts';
import type { CommandContext } from './context.ts';

export type RunOptions = {
  model?: string;
  digest?: string;
  provider?: string;
  endpoint?: string;
  kind: EndpointKind;
  keyEnv?: string;
  resume?: string;
  detach?: true;
  json?: true;
};

// How often the state of a run is looked at, and taking it over is tried.
const LOOK_MS = 500;

/** `evaluation run`: enters a run or goes on with one, works on it or watches who does, and ends with the word of the gate. */
export async function runEvaluation(
  context: CommandContext,
  suite: string | undefined,
  options: RunOptions,
): Promise<void> {
  const asked = options.resume === undefined ? askedOf(suite, options) : null;
  if (options.resume !== undefined && suite !== undefined)
    throw new AppError('invalid_input', 'A run that goes on keeps its suite: leave the suite out beside --resume.');
  const endpointKey = keyOf(options.keyEnv);
  const services = await openCommandServices(context);
  const runId = asked ? await enter(services, asked, options) : (options.resume as string);
  if (options.detach) {
    context.print(options.json ? JSON.stringify({ runId }) : `${runId}  left to the server`);
    return;
  }
  const run = await follow(context, services, runId, endpointKey);
  if (run.state !== 'finished')
    throw new AppError('unavailable', `The run ${run.id} is ${run.state}. ${run.error ?? ''}`.trimEnd());
  await services.ledger.integrate();
  const { gateVerdict } = await import('#src/features/evaluations/index.ts');
  const gate = await gateVerdict(
    services.database.drizzle,
    { suite: run.suite?.id ?? '', model: run.model, digest: run.target.modelDigest ?? undefined },
    new Date(services.clock()),
  );
  context.print(options.json ? JSON.stringify({ run, gate }, null, 2) : describe(run, gate));
  // No data is not a pass.
  if (gate.verdict !== 'pass') context.foundProblems();
}

function askedOf(suite: string | undefined, options: RunOptions): { suite: string; target: AskedTarget } {
  if (suite === undefined) throw new AppError('invalid_input', 'Name the suite, or the run with --resume.');
  if (options.model === undefined) throw new AppError('invalid_input', '--model: name the model that is asked.');
  if ((options.provider === undefined) === (options.endpoint === undefined))
    throw new AppError('invalid_input', 'Name either --provider, one of the gateway, or --endpoint, an address.');
  const base = { model: options.model, modelDigest: options.digest ?? null };
  if (options.endpoint !== undefined) {
    if (options.detach)
      throw new AppError('invalid_input', '--detach: the server has no key of an endpoint. Enter it as a provider.');
    return { suite, target: { ...base, endpoint: { kind: options.kind, baseUrl: options.endpoint } } };
  }
  return { suite, target: { ...base, providerId: options.provider ?? '' } };
}

/** From the environment and nowhere else: arguments stand in the list of processes. */
function keyOf(name: string | undefined): string | null {
  if (name === undefined) return null;
  const key = process.env[name];
  if (key === undefined || key === '')
    throw new AppError('invalid_input', `--key-env: the environment holds nothing under ${name}.`);
  return key;
}

async function enter(
  services: Services,
  asked: { suite: string; target: AskedTarget },
  options: RunOptions,
): Promise<string> {
  const { enterRun, findProvider, queueRun } = await import('#src/features/evaluations/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const { addJob, prepareJobs } = await import('#src/platform/jobs.ts');
  const { database, clock } = services;
  if (options.detach) await prepareJobs(database.pool);
  return database.transaction(async (tx) => {
    const target =
      'providerId' in asked.target
        ? { ...asked.target, providerId: (await findProvider(tx, asked.target.providerId)).id }
        : asked.target;
    const id = await enterRun(tx, { suite: asked.suite, target }, { at: new Date(clock()), actor: COMMAND_LINE });
    if (options.detach) await queueRun(tx, { addJob }, id);
    return id;
  });
}

/** Works on the run; where another process does, watches it, and takes over if it was lost. */
async function follow(
  context: CommandContext,
  services: Services,
  runId: string,
  endpointKey: string | null,
): Promise<EvaluationRun> {
  const { executeRun, runById } = await import('#src/features/evaluations/index.ts');
  const { userNames } = await import('#src/features/users/index.ts');
  const { database, records, blobs, alerts, secrets } = services;
  const look = () => runById(database.drizzle, runId, (ids) => userNames(database.drizzle, ids));
  const parts = { records, blobs, alerts, secrets, log: context.log, endpointKey, gatewayUrl: () => null };
  let ended = false;
  const shown = showProgress(context, look, () => ended);
  try {
    for (;;) {
      await executeRun(parts, runId, context.signal);
      const run = await look();
      if ((run.state !== 'queued' && run.state !== 'running') || context.signal.aborted) return run;
      await sleep(LOOK_MS, undefined, { signal: context.signal });
    }
  } finally {
    ended = true;
    await shown;
  }
}

async function showProgress(
  context: CommandContext,
  look: () => Promise<EvaluationRun>,
  ended: () => boolean,
): Promise<void> {
  if (!context.interactive) return;
  while (!ended() && !context.signal.aborted) {
    const run = await look();
    context.progress(`${run.id}: ${run.done} of ${run.items} items`);
    await sleep(LOOK_MS);
  }
  context.progress('');
}

function describe(run: EvaluationRun, gate: GateVerdict): string {
  const number = (value: number | null | undefined) => (typeof value === 'number' ? value.toFixed(3) : '-');
  return [
    `${run.id}  ${run.done} items, ${run.errors} without an answer`,
    ...run.scores.flatMap((score) => [
      `  ${score.scorer.padEnd(20)} ${number(score.mean)} [${number(score.interval95?.low)}, ${number(score.interval95?.high)}]  n ${score.n}${score.threshold === null ? '' : `, at least ${score.threshold}${score.useLowerBound ? ' by the lower bound' : ''}: ${score.verdict}`}`,
      ...score.byVariant.map(({ variant, n, mean }) => `    ${variant.padEnd(18)} ${number(mean)}  n ${n}`),
    ]),
    `${gate.verdict}: ${gate.because}`,
  ].join('\n');
}
