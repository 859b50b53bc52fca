import type { FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { inTime } from '../in-time.ts';
import { describeError } from './failure.ts';
import type { Gatekeeper } from './guard.ts';
import type { App } from './route.ts';

/** One thing the server cannot work without: throws when it is not there. */
export type ReadinessCheck = () => Promise<unknown>;

const LOOPBACK_ADDRESSES = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const METRICS_PERMISSION = 'overview.read';
const CHECK_TIMEOUT_MS = 3_000;

/**
 * /health says that the process answers, /ready that everything it needs answers too, /metrics is for Prometheus:
 * open to the machine itself, elsewhere and behind a proxy to callers that may read the overview.
 */
export function answerProbes(
  app: App,
  options: {
    metrics: Registry;
    ready: Readonly<Record<string, ReadinessCheck>>;
    gatekeeper: Gatekeeper;
    behindProxy: boolean;
    version: string;
  },
): void {
  app.get(
    '/health',
    {
      config: { permission: 'public' },
      schema: { response: { 200: z.object({ status: z.literal('ok'), version: z.string() }) } },
    },
    () => ({ status: 'ok' as const, version: options.version }),
  );

  app.get(
    '/ready',
    {
      config: { permission: 'public' },
      schema: {
        response: {
          200: z.object({ status: z.literal('ready'), checks: z.record(z.string(), z.literal('ok')) }),
        },
      },
    },
    async (request) => {
      const checks: Record<string, 'ok'> = {};
      for (const [name, check] of Object.entries(options.ready)) {
        await inTime(check(), CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS} ms`).catch((error: unknown) => {
          request.log.warn({ check: name, err: describeError(error) }, 'not ready');
          throw new AppError('unavailable', `Not ready: ${name} does not answer.`);
        });
        checks[name] = 'ok';
      }
      return { status: 'ready' as const, checks };
    },
  );

  app.get('/metrics', { config: { permission: 'public', streams: true } }, async (request, reply) => {
    await mayReadMetrics(request, options);
    return reply.type(options.metrics.contentType).send(await options.metrics.metrics());
  });
}

async function mayReadMetrics(
  request: FastifyRequest,
  { gatekeeper, behindProxy }: { gatekeeper: Gatekeeper; behindProxy: boolean },
): Promise<void> {
  // Behind a proxy on the same machine everybody comes from loopback.
  if (!behindProxy && LOOPBACK_ADDRESSES.has(request.socket.remoteAddress ?? '')) return;
  const identity = await gatekeeper.authenticate(request);
  if (!identity)
    throw new AppError('unauthenticated', 'Metrics are open on the machine itself. Elsewhere, send an API key.');
  if (!gatekeeper.mayUse(identity, METRICS_PERMISSION))
    throw new AppError('forbidden', `Metrics need the permission ${METRICS_PERMISSION}.`);
}
