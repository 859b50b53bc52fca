import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { type HoldServices, placeHold, releaseHold } from './holds.ts';
import { Hold, HoldRelease, NewHold, Retention, RetentionChange, RetentionClass } from './model.ts';
import { readRetention, setRetention } from './rules.ts';

const write = { permission: 'retention.write' } as const;

/** A key that leaked must not be able to destroy evidence. Throws `forbidden`. */
function signedIn(request: FastifyRequest): ReturnType<typeof callerOf> {
  const caller = callerOf(request);
  if (caller.kind !== 'user')
    throw new AppError('forbidden', 'An API key cannot change how long evidence is kept. Sign in.');
  return caller;
}

export function retentionRoutes(services: HoldServices): Routes {
  const { records, namesOf } = services;
  const read = () => readRetention(records.database.drizzle, namesOf, records.clock());
  return defineRoutes((app) => {
    app.get('/retention', { config: { permission: 'retention.read' }, schema: { response: { 200: Retention } } }, read);
    app.put(
      '/retention/rules/:class',
      {
        config: write,
        schema: {
          params: z.object({ class: RetentionClass }),
          body: RetentionChange,
          response: { 200: Retention },
        },
      },
      async (request) => {
        await setRetention(records, request.params.class, request.body.keepDays, actorOf(signedIn(request)));
        return read();
      },
    );
    app.post(
      '/retention/holds',
      { config: write, schema: { body: NewHold, response: { 201: Hold } } },
      async (request, reply) =>
        reply.code(201).send(await placeHold(services, request.body, actorOf(callerOf(request)))),
    );
    app.post(
      '/retention/holds/:id/release',
      {
        config: write,
        schema: { params: z.object({ id: z.string().max(64) }), body: HoldRelease, response: { 200: Hold } },
      },
      (request) => releaseHold(services, request.params.id, request.body.reason, actorOf(signedIn(request))),
    );
  });
}
