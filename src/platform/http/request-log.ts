import type { FastifyRequest } from 'fastify';
import { Histogram, type Registry } from 'prom-client';
import type { App } from './route.ts';

// Asked every few seconds by machines, or many at once by a page: of use only when something is wrong with them.
const QUIET_ROUTES = new Set(['/health', '/ready', '/metrics', '/*']);
const DURATION_BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

/**
 * One line per request, and its duration for Prometheus. The line names the route and not the address: addresses
 * carry tokens and search words. Bodies and headers are never written.
 */
export function recordRequests(app: App, metrics: Registry): void {
  const duration = new Histogram({
    name: 'assay_http_request_duration_seconds',
    help: 'Time from the request to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_S,
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request);
    const line = {
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      actor: request.identity?.id,
      role: request.identity?.role,
    };
    if (QUIET_ROUTES.has(route) && reply.statusCode < 500) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
    duration.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
}

function routeOf(request: FastifyRequest): string {
  return request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)');
}
