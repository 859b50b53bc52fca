import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import type { GatewayKeysService } from './keys.ts';
import {
  gatewayKeyPageSchema,
  gatewayKeySchema,
  issuerPageSchema,
  keyLimitsChangeSchema,
  keyMadeSchema,
  keyStateChangeSchema,
  newIssuerSchema,
  newKeySchema,
  newTenantSchema,
  rotateKeySchema,
  tenantChangeSchema,
  tenantPageSchema,
  tenantSchema,
} from './model.ts';
import type { GatewayTenantsService } from './service.ts';

const byId = z.object({ id: z.string().max(64) });
const nothing = z.undefined();
const read = { permission: 'gateway.read' } as const;
const write = { permission: 'gateway.write' } as const;

export function gatewayTenantRoutes(tenants: GatewayTenantsService, keys: GatewayKeysService): Routes {
  return defineRoutes((app) => {
    app.get('/gateway/tenants', { config: read, schema: { response: { 200: tenantPageSchema } } }, async () => ({
      items: await tenants.list(),
    }));
    app.post(
      '/gateway/tenants',
      { config: write, schema: { body: newTenantSchema, response: { 201: tenantSchema } } },
      async (request, reply) => reply.code(201).send(await tenants.add(actorOf(callerOf(request)), request.body)),
    );
    app.patch(
      '/gateway/tenants/:id',
      { config: write, schema: { params: byId, body: tenantChangeSchema, response: { 200: tenantSchema } } },
      (request) => tenants.change(actorOf(callerOf(request)), request.params.id, request.body),
    );
    app.get(
      '/gateway/keys',
      {
        config: read,
        schema: {
          querystring: z.object({ tenant: z.string().max(64).optional() }),
          response: { 200: gatewayKeyPageSchema },
        },
      },
      async (request) => ({ items: await keys.list(request.query.tenant) }),
    );
    app.post(
      '/gateway/keys',
      { config: write, schema: { body: newKeySchema, response: { 201: keyMadeSchema } } },
      async (request, reply) => reply.code(201).send(await keys.create(actorOf(callerOf(request)), request.body)),
    );
    app.post(
      '/gateway/keys/:id/state',
      { config: write, schema: { params: byId, body: keyStateChangeSchema, response: { 200: gatewayKeySchema } } },
      (request) =>
        keys.changeState(actorOf(callerOf(request)), request.params.id, request.body.state, request.body.reason),
    );
    app.post(
      '/gateway/keys/:id/limits',
      { config: write, schema: { params: byId, body: keyLimitsChangeSchema, response: { 200: gatewayKeySchema } } },
      (request) =>
        keys.setLimits(actorOf(callerOf(request)), request.params.id, request.body.limits, request.body.reason),
    );
    app.post(
      '/gateway/keys/:id/rotate',
      { config: write, schema: { params: byId, body: rotateKeySchema, response: { 201: keyMadeSchema } } },
      async (request, reply) =>
        reply
          .code(201)
          .send(await keys.rotate(actorOf(callerOf(request)), request.params.id, request.body.overlapHours)),
    );
    issuerRoutes(tenants)(app);
  });
}

function issuerRoutes(tenants: GatewayTenantsService) {
  return defineRoutes((app) => {
    app.get('/gateway/issuers', { config: read, schema: { response: { 200: issuerPageSchema } } }, async () => ({
      items: await tenants.issuers(),
    }));
    app.post(
      '/gateway/issuers',
      { config: write, schema: { body: newIssuerSchema, response: { 201: issuerPageSchema } } },
      async (request, reply) => {
        await tenants.addIssuer(actorOf(callerOf(request)), request.body);
        return reply.code(201).send({ items: await tenants.issuers() });
      },
    );
    app.delete(
      '/gateway/issuers/:id',
      { config: write, schema: { params: byId, response: { 204: nothing } } },
      async (request, reply) => {
        await tenants.removeIssuer(actorOf(callerOf(request)), request.params.id);
        return reply.code(204).send();
      },
    );
  });
}
