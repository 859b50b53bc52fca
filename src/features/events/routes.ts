import type { Readable } from 'node:stream';
import { actorOf, actorText } from '#src/features/records/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { bounded, defaultSource } from './delivery-body.ts';
import { type EventServices, ingest, readItems, systemFinder } from './ingest.ts';
import { listBatches, listEvents } from './list-events.ts';
import { BatchList, BatchResult, EVENT_LIMITS, EventPage, EventQuery, SourceList, SourceQuery } from './model.ts';
import { otlpRoutes } from './otlp-routes.ts';
import { type AssignmentServices, assignmentRoutes } from './routes-of-systems.ts';
import { listSources } from './sources.ts';
import { splitEvents } from './split-json.ts';

const read = { permission: 'events.read' } as const;
// Many small deliveries are normal: one of each process every second.
const write = { permission: 'events.write', perMinute: 6_000 } as const;
const DEFAULT_DAYS = 7;

/** Events over HTTP and OTLP, where they came from, and which AI system a route of the gateway belongs to. */
export function eventRoutes(services: EventServices & AssignmentServices): Routes[] {
  return [deliveryRoutes(services), otlpRoutes(services), assignmentRoutes(services)];
}

function deliveryRoutes(services: EventServices): Routes {
  const { database, clock } = services;
  return defineRoutes(async (app) => {
    app.get('/events', { config: read, schema: { querystring: EventQuery, response: { 200: EventPage } } }, (request) =>
      listEvents(database.drizzle, request.query),
    );
    app.get(
      '/events/sources',
      { config: read, schema: { querystring: SourceQuery, response: { 200: SourceList } } },
      async ({ query }) => {
        const toMs = query.to === undefined ? clock() : Date.parse(query.to);
        const fromMs = query.from === undefined ? toMs - DEFAULT_DAYS * DAY_MS : Date.parse(query.from);
        return { items: await listSources(database.drizzle, { fromMs, toMs }) };
      },
    );
    app.get('/events/batches', { config: read, schema: { response: { 200: BatchList } } }, async () => ({
      items: await listBatches(database.drizzle),
    }));
    // A scope of its own: here a body is a stream that is never held whole.
    await app.register(async (scope) => {
      scope.removeContentTypeParser('application/json');
      const types = ['application/json', 'application/x-ndjson', 'application/jsonl', 'application/jsonlines'];
      scope.addContentTypeParser(types, (_request, payload, done) => done(null, payload));
      scope.post(
        '/events',
        { config: write, bodyLimit: EVENT_LIMITS.batchBytes, schema: { response: { 200: BatchResult } } },
        async (request) => {
          const systemOf = await systemFinder(database.drizzle);
          const context = { nowMs: clock(), systemOf, defaultSource: defaultSource(request) };
          const parts = splitEvents(bounded(request.body as Readable | undefined, EVENT_LIMITS.batchBytes));
          const form = request.headers['content-type']?.startsWith('application/json') ? 'json' : 'ndjson';
          return ingest(services, {
            from: actorText(actorOf(callerOf(request))),
            form,
            items: readItems(parts, context),
          });
        },
      );
    });
  });
}
