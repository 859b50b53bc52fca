import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { inventoryBom } from './bom.ts';
import { addEdge, addItem, decideItem, decideItems, removeEdge } from './decide-items.ts';
import { inventoryGraph } from './graph.ts';
import { itemDetail } from './item-detail.ts';
import { listItems } from './list-items.ts';
import {
  Bom,
  BomQuery,
  BulkDecision,
  BulkOutcome,
  Edge,
  EdgeEnds,
  InventoryGraph,
  ItemDecision,
  ItemDetail,
  ItemPage,
  ItemQuery,
  NewItem,
} from './model.ts';
import { recordDecision } from './record-decision.ts';
import type { InventoryServices } from './services.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'inventory.read' } as const;
const write = { permission: 'inventory.write' } as const;

export function itemRoutes(services: InventoryServices): Routes {
  const { records, namesOf } = services;
  const { drizzle } = records.database;
  const at = () => new Date(records.clock());
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));
  return defineRoutes((app) => {
    app.get(
      '/inventory/bom',
      { config: read, schema: { querystring: BomQuery, response: { 200: Bom } } },
      async (request, reply) => {
        const at = toInstant(records.clock());
        const confirmedOnly = request.query.state === 'confirmed';
        const bom = await inventoryBom(drizzle, { confirmedOnly, version: services.version, at });
        return reply
          .header('content-disposition', `attachment; filename="ai-bom-${at.slice(0, 10)}.cdx.json"`)
          .send(bom as z.infer<typeof Bom>);
      },
    );
    app.get(
      '/inventory/items',
      { config: read, schema: { querystring: ItemQuery, response: { 200: ItemPage } } },
      (request) => listItems(drizzle, request.query, namesOf),
    );
    app.post(
      '/inventory/items',
      { config: write, schema: { body: NewItem, response: { 201: ItemDetail } } },
      async (request, reply) => {
        const actor = actorOf(callerOf(request));
        const id = newId('itm');
        await records.change('inventory', ['inventory-item'], async (tx) => {
          const context = { at: at(), actor };
          await addItem(tx, request.body, { ...context, id });
          const decision = { ...context, decisionId: newId('chg'), ids: [id], subject: 'inventory-item' as const };
          await recordDecision(tx, records.append, { ...decision, state: 'confirmed' });
        });
        return reply.code(201).send(await itemDetail(drizzle, id, namesOf));
      },
    );
    app.post(
      '/inventory/items/decide',
      { config: write, schema: { body: BulkDecision, response: { 200: BulkOutcome } } },
      (request) => {
        const { state, systemId } = request.body;
        const actor = actorOf(callerOf(request));
        return records.change('inventory', ['inventory-item'], async (tx) => {
          const context = { at: at(), actor };
          const outcome = await decideItems(tx, request.body, context);
          const decision = { ...context, decisionId: newId('chg'), ids: outcome.changedIds };
          await recordDecision(tx, records.append, { ...decision, subject: 'inventory-item', state, systemId });
          return outcome;
        });
      },
    );
    app.get(
      '/inventory/items/:id',
      { config: read, schema: { params: ById, response: { 200: ItemDetail } } },
      (request) => itemDetail(drizzle, request.params.id, namesOf),
    );
    app.patch(
      '/inventory/items/:id',
      { config: write, schema: { params: ById, body: ItemDecision, response: { 200: ItemDetail } } },
      async (request) => {
        const { id } = request.params;
        const { state, systemId } = request.body;
        const actor = actorOf(callerOf(request));
        await records.change('inventory', ['inventory-item'], async (tx) => {
          const context = { at: at(), actor };
          if ((await decideItem(tx, id, request.body, context)) === 'unchanged') return;
          const decision = { ...context, decisionId: newId('chg'), ids: [id] };
          await recordDecision(tx, records.append, { ...decision, subject: 'inventory-item', state, systemId });
        });
        return itemDetail(drizzle, id, namesOf);
      },
    );
    app.post(
      '/inventory/edges',
      { config: write, schema: { body: EdgeEnds, response: { 201: Edge } } },
      async (request, reply) => {
        const { fromId, toId } = request.body;
        await records.database.transaction((tx) => addEdge(tx, fromId, toId));
        return reply.code(201).send({ from: fromId, to: toId, relation: 'uses', origin: 'manual' });
      },
    );
    app.delete(
      '/inventory/edges/:fromId/:toId',
      { config: write, schema: { params: EdgeEnds, response: { 204: z.null() } } },
      async (request, reply) => {
        await records.database.transaction((tx) => removeEdge(tx, request.params.fromId, request.params.toId));
        return reply.code(204).send(null);
      },
    );
    app.get(
      '/inventory/graph',
      {
        config: read,
        schema: { querystring: z.object({ system: z.string().max(64).optional() }), response: { 200: InventoryGraph } },
      },
      (request) => inventoryGraph(drizzle, request.query.system),
    );
  });
}
