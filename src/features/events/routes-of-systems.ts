import { asc, sql } from 'drizzle-orm';
import * as z from 'zod';
import { actorOf, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { type EventServices, systemFinder } from './ingest.ts';
import { eventRoute } from './tables.ts';

export const EventRoute = z
  .object({ routeId: z.string(), systemId: z.string(), setBy: z.string(), setAt: z.iso.datetime() })
  .meta({ id: 'EventRoute' });
const EventRouteList = z.object({ items: z.array(EventRoute) });
const Assignment = z.strictObject({ systemId: z.string().min(1).max(200).nullable() });
const ByRoute = z.object({ routeId: z.string().min(1).max(64) });

/** Which AI system each route of the gateway belongs to: its calls become operations of that system. */
export function assignmentRoutes({ database, clock }: EventServices): Routes {
  const list = async () => {
    const rows = await database.drizzle.select().from(eventRoute).orderBy(asc(eventRoute.routeId));
    return { items: rows.map((row) => ({ ...row, setAt: row.setAt.toISOString() })) };
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
        const { routeId } = request.params;
        const { systemId } = request.body;
        if (systemId === null) await database.drizzle.delete(eventRoute).where(sql`${eventRoute.routeId} = ${routeId}`);
        else {
          const found = (await systemFinder(database.drizzle))(systemId);
          if (found === undefined)
            throw new AppError(
              'invalid_input',
              `systemId: there is no AI system "${systemId}". Register it under Inventory.`,
            );
          const row = {
            routeId,
            systemId: found,
            setBy: actorText(actorOf(callerOf(request))),
            setAt: new Date(clock()),
          };
          await database.drizzle
            .insert(eventRoute)
            .values(row)
            .onConflictDoUpdate({ target: eventRoute.routeId, set: row });
        }
        return list();
      },
    );
  });
}

/** The system of each assigned route. */
export async function systemsByRoute(executor: Executor): Promise<ReadonlyMap<string, string>> {
  const rows = await executor.select().from(eventRoute);
  return new Map(rows.map(({ routeId, systemId }) => [routeId, systemId]));
}
