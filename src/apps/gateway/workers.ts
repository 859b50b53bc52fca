import cluster, { type Worker } from 'node:cluster';
import { serveLimits } from '#src/gateway/limits/ipc-limits.ts';
import { LocalLimits } from '#src/gateway/limits/local-limits.ts';
import type { Log } from '#src/platform/log.ts';

const RESTART_MS = 1_000;

/**
 * Keeps `count` processes of the gateway running until `signal` is aborted, and counts their limits together. A process that
 * dies is replaced; what it had recorded is written by the next one.
 */
export async function superviseWorkers(
  count: number,
  parts: { log: Log; signal: AbortSignal; onListening: (worker: number, port: number) => void },
): Promise<void> {
  const limits = new LocalLimits();
  const { log, signal, onListening } = parts;
  const ends = new Map<number, () => void>();
  const fork = () => {
    const worker = cluster.fork();
    ends.set(
      worker.id,
      serveLimits(limits, {
        send: (message) => void (worker.isConnected() && worker.send(message as never)),
        on: (event, listener) => worker.on(event, listener),
      }),
    );
    worker.on('listening', (address) => onListening(worker.id, address.port));
  };
  const stopped = new Promise<void>((resolve) => {
    const isDone = () => signal.aborted && Object.keys(cluster.workers ?? {}).length === 0;
    cluster.on('exit', (worker: Worker, code: number, killedBy: string) => {
      ends.get(worker.id)?.();
      ends.delete(worker.id);
      if (isDone()) return resolve();
      if (signal.aborted) return;
      log.error({ code, killedBy }, 'a process of the gateway ended and is replaced');
      setTimeout(() => !signal.aborted && fork(), RESTART_MS);
    });
    signal.addEventListener(
      'abort',
      () => {
        for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
        if (isDone()) resolve();
      },
      { once: true },
    );
  });
  for (let i = 0; i < count; i++) fork();
  await stopped;
}
