import Fastify from 'fastify';
import type { App } from '#src/platform/http/route.ts';
import type { Compose } from './life-cycle.ts';

/** Wires the parts of the server together. */
export const compose: Compose = async ({ log }) => {
  const app = Fastify({ loggerInstance: log }) as unknown as App;
  app.get('/health', { config: { permission: 'public' } }, () => ({ status: 'ok' }));
  return { app, start: async () => undefined, stop: async () => undefined };
};
