import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { checkPolicy } from './check-policy.ts';
import { diffPolicy } from './diff-policy.ts';
import type { DryRunPolicy } from './dry-run-service.ts';
import {
  decisionSchema,
  draftSchema,
  dryRunRequestSchema,
  dryRunSchema,
  emergencyReviewSchema,
  gatewayRoutePageSchema,
  gatewayRouteSchema,
  modelLimitPageSchema,
  newPolicySchema,
  newRouteSchema,
  policyAtSchema,
  policyChangeSchema,
  policyDetailSchema,
  policyDocumentSchema,
  policyMoveDecisionSchema,
  policyMovePageSchema,
  policyPageSchema,
  policyProblemSchema,
  pricePageSchema,
  routeChangeSchema,
  setModelLimitSchema,
  setPriceSchema,
} from './model.ts';
import type { PolicyMoves } from './policy-moves.ts';
import type { GatewayPoliciesService } from './policy-service.ts';
import type { GatewayPricesService } from './price-service.ts';
import type { GatewayRoutesService } from './route-service.ts';

const byId = z.object({ id: z.string().max(64) });
const byVersion = byId.extend({ version: z.coerce.number().int().min(1).max(1_000_000) });
const nothing = z.undefined();
const read = { permission: 'gateway.read' } as const;
const write = { permission: 'gateway.write' } as const;
const review = { permission: 'gateway.review' } as const;

export function gatewayPolicyRoutes(services: {
  policies: GatewayPoliciesService;
  routes: GatewayRoutesService;
  prices: GatewayPricesService;
  dryRun: DryRunPolicy;
  moves: PolicyMoves;
  address: () => string;
}): Routes[] {
  return [
    policyRoutes(services.policies, services.routes),
    versionRoutes(services.policies, services.dryRun),
    routeRoutes(services.routes, services.address),
    moveRoutes(services.moves),
    priceRoutes(services.prices),
  ];
}

function policyRoutes(policies: GatewayPoliciesService, routes: GatewayRoutesService): Routes {
  return defineRoutes((app) => {
    app.get('/gateway/policies', { config: read, schema: { response: { 200: policyPageSchema } } }, async () => ({
      items: await policies.list(),
      starterOffered: await policies.starterOffered(),
    }));
    app.post(
      '/gateway/policies',
      { config: write, schema: { body: newPolicySchema, response: { 201: policyDetailSchema } } },
      async (request, reply) => reply.code(201).send(await policies.create(actorOf(callerOf(request)), request.body)),
    );
    // The author of the starter is the product: adopting it is the second person's word, and needs that right.
    app.post(
      '/gateway/policies/adopt-starter',
      {
        config: review,
        schema: {
          body: z.strictObject({ coverRoutes: z.boolean() }),
          response: { 201: policyDetailSchema.extend({ covered: z.array(z.string()) }) },
        },
      },
      async (request, reply) => {
        const actor = actorOf(callerOf(request));
        const { id } = await policies.adoptStarter(actor);
        const covered = request.body.coverRoutes ? await routes.coverBare(actor, id) : [];
        return reply.code(201).send({ ...(await policies.detail(id)), covered });
      },
    );
    app.post(
      '/gateway/policies/check',
      {
        config: read,
        schema: {
          body: z.strictObject({ document: policyDocumentSchema, against: policyDocumentSchema.nullable().optional() }),
          response: {
            200: z.object({ problems: z.array(policyProblemSchema), changes: z.array(policyChangeSchema) }),
          },
        },
      },
      async ({ body }) => ({
        problems: checkPolicy(body.document),
        changes: diffPolicy(body.against ?? null, body.document),
      }),
    );
    app.get(
      '/gateway/policies/:id',
      { config: read, schema: { params: byId, response: { 200: policyDetailSchema } } },
      (request) => policies.detail(request.params.id),
    );
    app.get(
      '/gateway/policies/:id/at',
      {
        config: read,
        schema: {
          params: byId,
          querystring: z.object({ at: z.iso.datetime('must be an instant in UTC, like 2027-01-31T08:00:00Z') }),
          response: { 200: policyAtSchema },
        },
      },
      async (request) => {
        const atMs = Date.parse(request.query.at);
        const found = await policies.at(request.params.id, atMs);
        return { at: toInstant(atMs), version: found?.version ?? null, document: found?.document ?? null };
      },
    );
    app.put(
      '/gateway/policies/:id/draft',
      { config: write, schema: { params: byId, body: draftSchema, response: { 200: policyDetailSchema } } },
      (request) => policies.draft(actorOf(callerOf(request)), request.params.id, request.body),
    );
  });
}

function versionRoutes(policies: GatewayPoliciesService, dryRun: DryRunPolicy): Routes {
  return defineRoutes((app) => {
    const answer = { params: byVersion, response: { 200: policyDetailSchema } };
    app.post('/gateway/policies/:id/versions/:version/submit', { config: write, schema: answer }, (request) =>
      policies.submit(actorOf(callerOf(request)), request.params.id, request.params.version),
    );
    app.post('/gateway/policies/:id/versions/:version/withdraw', { config: write, schema: answer }, (request) =>
      policies.withdraw(actorOf(callerOf(request)), request.params.id, request.params.version),
    );
    app.post(
      '/gateway/policies/:id/versions/:version/decide',
      { config: review, schema: { ...answer, body: decisionSchema } },
      (request) => policies.decide(actorOf(callerOf(request)), request.params.id, request.params.version, request.body),
    );
    app.post(
      '/gateway/policies/:id/versions/:version/review-emergency',
      { config: review, schema: { ...answer, body: emergencyReviewSchema } },
      (request) =>
        policies.reviewEmergency(actorOf(callerOf(request)), request.params.id, request.params.version, request.body),
    );
    app.post(
      '/gateway/policies/:id/dry-run',
      {
        config: { ...read, perMinute: 20 },
        schema: { params: byId, body: dryRunRequestSchema, response: { 200: dryRunSchema } },
      },
      (request) => {
        const { version, document, fromAt, toAt } = request.body;
        return dryRun(request.params.id, {
          version,
          ...(document && { document }),
          ...(fromAt !== undefined && { fromMs: Date.parse(fromAt) }),
          ...(toAt !== undefined && { toMs: Date.parse(toAt) }),
        });
      },
    );
  });
}

function moveRoutes(moves: PolicyMoves): Routes {
  return defineRoutes((app) => {
    const page = { response: { 200: policyMovePageSchema } };
    app.get('/gateway/policy-moves', { config: read, schema: page }, async () => ({ items: await moves.list() }));
    app.post(
      '/gateway/policy-moves/:id/decide',
      { config: review, schema: { ...page, params: byId, body: policyMoveDecisionSchema } },
      async (request) => {
        await moves.decide(actorOf(callerOf(request)), request.params.id, request.body);
        return { items: await moves.list() };
      },
    );
    app.post(
      '/gateway/policy-moves/:id/withdraw',
      { config: write, schema: { ...page, params: byId } },
      async (request) => {
        await moves.withdraw(actorOf(callerOf(request)), request.params.id);
        return { items: await moves.list() };
      },
    );
  });
}

function routeRoutes(routes: GatewayRoutesService, address: () => string): Routes {
  return defineRoutes((app) => {
    app.get('/gateway/routes', { config: read, schema: { response: { 200: gatewayRoutePageSchema } } }, async () => ({
      items: await routes.list(),
      address: address(),
    }));
    app.post(
      '/gateway/routes',
      { config: write, schema: { body: newRouteSchema, response: { 201: gatewayRouteSchema } } },
      async (request, reply) => reply.code(201).send(await routes.add(actorOf(callerOf(request)), request.body)),
    );
    app.patch(
      '/gateway/routes/:id',
      { config: write, schema: { params: byId, body: routeChangeSchema, response: { 200: gatewayRouteSchema } } },
      (request) => routes.change(actorOf(callerOf(request)), request.params.id, request.body),
    );
    app.delete(
      '/gateway/routes/:id',
      { config: write, schema: { params: byId, response: { 204: nothing } } },
      async (request, reply) => {
        await routes.remove(actorOf(callerOf(request)), request.params.id);
        return reply.code(204).send();
      },
    );
  });
}

function priceRoutes(prices: GatewayPricesService): Routes {
  return defineRoutes((app) => {
    const page = { response: { 200: pricePageSchema } };
    app.get('/gateway/prices', { config: read, schema: page }, async () => ({ items: await prices.prices() }));
    app.put('/gateway/prices', { config: write, schema: { ...page, body: setPriceSchema } }, async (request) => {
      await prices.setPrice(actorOf(callerOf(request)), request.body);
      return { items: await prices.prices() };
    });
    app.delete(
      '/gateway/prices',
      {
        config: write,
        schema: {
          querystring: z.object({ provider: z.string().max(64), model: z.string().max(200) }),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        await prices.removePrice(actorOf(callerOf(request)), request.query.provider, request.query.model);
        return reply.code(204).send();
      },
    );
    const limits = { response: { 200: modelLimitPageSchema } };
    app.get('/gateway/model-limits', { config: read, schema: limits }, async () => ({
      items: await prices.modelLimits(),
    }));
    app.put(
      '/gateway/model-limits',
      { config: write, schema: { ...limits, body: setModelLimitSchema } },
      async (request) => {
        await prices.setModelLimit(actorOf(callerOf(request)), request.body.model, request.body.limits);
        return { items: await prices.modelLimits() };
      },
    );
    app.delete(
      '/gateway/model-limits',
      {
        config: write,
        schema: { querystring: z.object({ model: z.string().max(200) }), response: { 204: nothing } },
      },
      async (request, reply) => {
        await prices.removeModelLimit(actorOf(callerOf(request)), request.query.model);
        return reply.code(204).send();
      },
    );
  });
}
