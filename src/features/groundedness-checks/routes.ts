import * as z from 'zod';
import { defaultSource } from '#src/features/events/index.ts';
import { actorOf, actorText } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { checkById, listChecks } from './list.ts';
import {
  CHECK_LIMITS,
  CheckOutcomes,
  CheckPage,
  CheckQuery,
  GroundednessCheck,
  NewGroundednessChecks,
} from './model.ts';
import { type SubmitServices, submitChecks } from './submit.ts';

const read = { permission: 'groundedness-checks.read' } as const;
// One delivery for each answer is normal.
const write = { permission: 'groundedness-checks.write', perMinute: 6_000 } as const;
const ById = z.object({ id: z.string().max(64) });

/** Answers of live traffic that are held against their context, and what came of it. */
export function groundednessCheckRoutes(services: SubmitServices): Routes {
  const { drizzle } = services.database;
  return defineRoutes((app) => {
    app.post(
      '/groundedness-checks',
      {
        config: write,
        bodyLimit: CHECK_LIMITS.deliveryBytes,
        schema: { body: NewGroundednessChecks, response: { 200: CheckOutcomes } },
      },
      async (request) => ({
        items: await submitChecks(services, request.body.items, {
          from: actorText(actorOf(callerOf(request))),
          source: defaultSource(request),
        }),
      }),
    );
    app.get(
      '/groundedness-checks',
      { config: read, schema: { querystring: CheckQuery, response: { 200: CheckPage } } },
      (request) => listChecks(drizzle, request.query),
    );
    app.get(
      '/groundedness-checks/:id',
      { config: read, schema: { params: ById, response: { 200: GroundednessCheck } } },
      (request) => checkById(drizzle, request.params.id),
    );
  });
}
