import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { newProviderSchema, providerChangeSchema, providerPageSchema, providerSchema } from './model.ts';
import type { GatewayProvidersService } from './service.ts';

const byId = z.object({ id: z.string().max(64) });
const read = { permission: 'gateway.read' } as const;
const write = { permission: 'gateway.write' } as const;

export function gatewayProviderRoutes(service: GatewayProvidersService): Routes {
  return defineRoutes((app) => {
    app.get('/gateway/providers', { config: read, schema: { response: { 200: providerPageSchema } } }, async () => ({
      items: await service.list(),
    }));
    app.post(
      '/gateway/providers',
      { config: write, schema: { body: newProviderSchema, response: { 201: providerSchema } } },
      async (request, reply) => reply.code(201).send(await service.add(actorOf(callerOf(request)), request.body)),
    );
    app.patch(
      '/gateway/providers/:id',
      { config: write, schema: { params: byId, body: providerChangeSchema, response: { 200: providerSchema } } },
      (request) => service.change(actorOf(callerOf(request)), request.params.id, request.body),
    );
    app.delete(
      '/gateway/providers/:id',
      { config: write, schema: { params: byId, response: { 204: z.null() } } },
      async (request, reply) => {
        await service.remove(actorOf(callerOf(request)), request.params.id);
        return reply.code(204).send(null);
      },
    );
    app.post(
      '/gateway/providers/:id/test',
      { config: { ...write, perMinute: 20 }, schema: { params: byId, response: { 200: providerSchema } } },
      (request) => service.test(actorOf(callerOf(request)), request.params.id),
    );
  });
}
