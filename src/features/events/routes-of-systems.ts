import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import * as z from 'zod';
import { ownTenantIds } from '#src/features/gateway-tenants/index.ts';
import {
  type Actor,
  type Append,
  actorOf,
  actorText,
  ledgerActor,
  lockFor,
  resolveWho,
} from '#src/features/records/index.ts';
import { userNames } from '#src/features/users/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import type { SystemOfCall } from './decision-event.ts';
import { systemFinder } from './ingest.ts';
import { EventRouteList } from './model.ts';
import { eventRoute } from './tables.ts';

const Assignment = z.strictObject({ systemId: z.string().min(1).max(200).nullable() });
// It goes into a leaf of the ledger, where words would stay for good.
const ByRoute = z.object({ routeId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of a route') });

export type AssignmentServices = { database: Database; clock: Clock; append: Append };

/** Which AI system each route of the gateway belongs to: its calls become operations of that system. */
export function assignmentRoutes(services: AssignmentServices): Routes {
  const { database } = services;
  const list = async () => {
    const rows = await database.drizzle.select().from(eventRoute).orderBy(asc(eventRoute.routeId));
    const who = await resolveWho(
      (ids) => userNames(database.drizzle, ids),
      rows.map(({ setBy }) => setBy),
    );
    return { items: rows.map((row) => ({ ...row, setBy: who(row.setBy), setAt: row.setAt.toISOString() })) };
  };
  return defineRoutes((app) => {
    app.get(
      '/events/routes',
      { config: { permission: 'events.read' }, schema: { response: { 200: EventRouteList } } },
      list,
    );
    app.put(
      '/events/routes/:routeId',
      {
        config: { permission: 'monitors.write' },
        schema: { params: ByRoute, body: Assignment, response: { 200: EventRouteList } },
      },
      async (request) => {
        await assign(services, request.params.routeId, request.body.systemId, actorOf(callerOf(request)));
        return list();
      },
    );
  });
}

async function assign(
  { database, clock, append }: AssignmentServices,
  routeId: string,
  systemId: string | null,
  by: Actor,
): Promise<void> {
  await database.transaction(async (tx) => {
    await lockFor(tx, `event-route:${routeId}`);
    const found = systemId === null ? null : (await systemFinder(tx))(systemId);
    if (found === undefined)
      throw new AppError(
        'invalid_input',
        `systemId: there is no AI system "${systemId}". Register it under Inventory.`,
      );
    const [before] = await tx.select().from(eventRoute).where(eq(eventRoute.routeId, routeId));
    if ((before?.systemId ?? null) === found) return;
    if (found === null) await tx.delete(eventRoute).where(eq(eventRoute.routeId, routeId));
    else {
      const row = { routeId, systemId: found, setBy: actorText(by), setAt: new Date(clock()) };
      await tx.insert(eventRoute).values(row).onConflictDoUpdate({ target: eventRoute.routeId, set: row });
    }
    await append(tx, {
      type: 'gateway.route-changed',
      actor: ledgerActor(by),
      subject: { kind: 'gateway-route', id: routeId },
      series: 'gateway',
      body: { change: 'assigned', from: before?.systemId ?? null, to: found },
      dedupeKey: `event-route:${makeId('evr', clock(), randomBytes(10))}`,
    });
  });
}

/** A call belongs to the system of its route, unless the product itself called, to judge or to probe. */
export async function systemsOfCalls(executor: Executor): Promise<SystemOfCall> {
  const rows = await executor.select().from(eventRoute);
  const byRoute = new Map(rows.map(({ routeId, systemId }) => [routeId, systemId]));
  const own = await ownTenantIds(executor);
  return ({ routeId, tenantId }) =>
    routeId === null || (tenantId !== null && own.has(tenantId)) ? undefined : byRoute.get(routeId);
}
