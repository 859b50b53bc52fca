import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { attestSystem, prepareAttestation } from './attest-system.ts';
import { addSystem, changeSystem } from './change-system.ts';
import { listSystems, systemDetail } from './list-systems.ts';
import { NewSystem, ScopeRequest, ScopeReview, SystemChange, SystemDetail, SystemPage, SystemQuery } from './model.ts';
import { recordDecision } from './record-decision.ts';
import type { InventoryServices } from './services.ts';
import { requestScope, reviewScope } from './system-scope.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'inventory.read' } as const;
const write = { permission: 'inventory.write' } as const;
const KINDS = ['ai-system', 'inventory-item'] as const;

export function systemRoutes(services: InventoryServices): Routes {
  const { records, namesOf } = services;
  const { drizzle } = records.database;
  const at = () => new Date(records.clock());
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));
  const reading = () => ({ executor: drizzle, namesOf, nowMs: records.clock() });
  const { append } = records;
  return defineRoutes((app) => {
    app.get(
      '/inventory/systems',
      { config: read, schema: { querystring: SystemQuery, response: { 200: SystemPage } } },
      (request) => listSystems(reading(), request.query),
    );
    app.post(
      '/inventory/systems',
      { config: write, schema: { body: NewSystem, response: { 201: SystemDetail } } },
      async (request, reply) => {
        const id = newId('sys');
        const actor = actorOf(callerOf(request));
        await records.change('inventory', KINDS, async (tx) => {
          await addSystem(tx, request.body, { id, at: at(), actor });
          const decision = { actor, at: at(), decisionId: newId('chg'), subject: 'ai-system' as const };
          await recordDecision(tx, append, { ...decision, ids: [id], state: 'confirmed' });
        });
        return reply.code(201).send(await systemDetail(reading(), id));
      },
    );
    app.get(
      '/inventory/systems/:id',
      { config: read, schema: { params: ById, response: { 200: SystemDetail } } },
      (request) => systemDetail(reading(), request.params.id),
    );
    app.patch(
      '/inventory/systems/:id',
      { config: write, schema: { params: ById, body: SystemChange, response: { 200: SystemDetail } } },
      async (request) => {
        const { id } = request.params;
        const actor = actorOf(callerOf(request));
        await records.change('inventory', KINDS, async (tx) => {
          if (!(await changeSystem(tx, id, request.body, { at: at(), actor }))) return;
          const { state, reason: _, ...fields } = request.body;
          const decision = { actor, at: at(), decisionId: newId('chg'), subject: 'ai-system' as const };
          await recordDecision(tx, append, { ...decision, ids: [id], state, fields: Object.keys(fields).sort() });
        });
        return systemDetail(reading(), id);
      },
    );
    app.post(
      '/inventory/systems/:id/scope',
      { config: write, schema: { params: ById, body: ScopeRequest, response: { 200: SystemDetail } } },
      async (request) => {
        const { id } = request.params;
        const actor = actorOf(callerOf(request));
        await records.change('inventory', KINDS, (tx) =>
          requestScope(tx, id, request.body, { at: at(), actor, append, decisionId: newId('chg') }),
        );
        return systemDetail(reading(), id);
      },
    );
    app.post(
      '/inventory/systems/:id/scope/review',
      { config: write, schema: { params: ById, body: ScopeReview, response: { 200: SystemDetail } } },
      async (request) => {
        const { id } = request.params;
        const actor = actorOf(callerOf(request));
        await records.change('inventory', KINDS, (tx) =>
          reviewScope(tx, id, request.body, { at: at(), actor, append, decisionId: newId('chg') }),
        );
        return systemDetail(reading(), id);
      },
    );
    app.post(
      '/inventory/systems/:id/attest',
      { config: write, schema: { params: ById, response: { 200: SystemDetail } } },
      async (request) => {
        const { id } = request.params;
        const actor = actorOf(callerOf(request));
        const content = await prepareAttestation(drizzle, services.blobs, id);
        await records.change('inventory', KINDS, (tx) =>
          attestSystem(tx, id, content, { at: at(), actor, append, evidenceId: newId('evd') }),
        );
        return systemDetail(reading(), id);
      },
    );
  });
}
