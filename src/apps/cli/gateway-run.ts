import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from './context.ts';

const WORKERS_MAX = 256;

/** `assay gateway` without a further word: runs the gateway alone, in one process a core. */
export function registerGatewayRun(gateway: Command, context: CommandContext): void {
  gateway
    .option('--workers <count>', 'processes to run; 0 is one a core', '1')
    .option('--port <number>', 'where to answer (default: ASSAY_GATEWAY_PORT)')
    .action((options: { workers: string; port?: string }) => run(context, options));
}

async function run(context: CommandContext, options: { workers: string; port?: string }): Promise<void> {
  const asked = wholeNumber('--workers', options.workers, WORKERS_MAX);
  const port = options.port === undefined ? context.config.gatewayPort : wholeNumber('--port', options.port, 65_535);
  const workers = asked === 0 ? availableParallelism() : asked;
  if (workers === 1 || cluster.isWorker) return serve(context, port);
  const { superviseWorkers } = await import('#src/apps/gateway/workers.ts');
  let isTold = false;
  const supervising = superviseWorkers(workers, {
    log: context.log,
    signal: context.signal,
    onListening: (_worker, taken) => {
      if (!isTold) context.print(`The AI gateway answers at port ${taken} with ${workers} processes. Ctrl-C stops it.`);
      isTold = true;
    },
  });
  context.onStop?.(() => supervising);
  await supervising;
}

async function serve(context: CommandContext, port: number): Promise<void> {
  const { config, log } = context;
  const { database, dataDir } = await context.openDatabase();
  const [{ openGatewayNode }, { openSecrets }, { openDataKeys }, { createMetrics }, { IpcLimits }] = await Promise.all([
    import('#src/apps/gateway/node.ts'),
    import('#src/platform/secrets.ts'),
    import('#src/platform/data-keys.ts'),
    import('#src/platform/metrics.ts'),
    import('#src/gateway/limits/ipc-limits.ts'),
  ]);
  // Between the processes of one machine the parent counts; between machines Redis does.
  const counting = cluster.isWorker && config.redisUrl === undefined ? channelOfParent() : null;
  const node = await openGatewayNode({
    config,
    log,
    database,
    dataDir,
    secrets: openSecrets(database, dataDir, config.masterKey),
    dataKeys: openDataKeys(database, dataDir, config.masterKey),
    clock: Date.now,
    metrics: createMetrics(database.pool),
    ...(counting && { limits: new IpcLimits(counting) }),
  });
  context.onStop?.(() => node.stop());
  const url = await node.listen(port).catch((error: unknown) => {
    throw listenError(error, port);
  });
  if (!cluster.isWorker) context.print(`The AI gateway answers at ${url}. Ctrl-C stops it.`);
  if (!context.signal.aborted)
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
}

function channelOfParent() {
  return {
    send: (message: unknown) => void process.send?.(message),
    on: (event: 'message', listener: (message: unknown) => void) => process.on(event, listener),
  };
}

function listenError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new AppError(
      'conflict',
      `Port ${port} is taken, perhaps by the gateway of a running server. Choose another with --port.`,
      { cause: error },
    );
  return error;
}

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number > most)
    throw new AppError('invalid_input', `${name} must be a whole number from 0 to ${most}.`);
  return number;
}
