import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { actorOf, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { type EventServices, ingest, readItems, systemFinder } from './ingest.ts';
import { listBatches, listEvents } from './list-events.ts';
import { BatchList, BatchResult, EVENT_LIMITS, EventPage, EventQuery, SourceList, SourceQuery } from './model.ts';
import { listSources } from './sources.ts';
import { splitEvents } from './split-json.ts';

const read = { permission: 'events.read' } as const;
// Many small deliveries are normal: one of each process every second.
const write = { permission: 'events.write', perMinute: 6_000 } as const;
const DEFAULT_DAYS = 7;

export function eventRoutes(services: EventServices): Routes {
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

/** Whoever names no source is one of its own, by the key it comes with. */
export function defaultSource(request: FastifyRequest): string {
  return `http:${callerOf(request).id}`;
}

/** The bytes of a body, up to `maxBytes`. Throws `too_large` beyond; what was read before stays taken. */
export async function* bounded(body: Readable | undefined, maxBytes: number): AsyncGenerator<Buffer> {
  if (!body || typeof body[Symbol.asyncIterator] !== 'function')
    throw new AppError('invalid_input', 'The delivery is empty. Send events as a JSON array or as NDJSON, one a line.');
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new AppError('too_large', `A delivery may have ${maxBytes} bytes. Send the rest in another one.`);
    yield chunk;
  }
}
