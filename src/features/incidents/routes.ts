import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { changeIncident, incidentById, listIncidents } from './incidents.ts';
import { ChangeIncident, Incident, IncidentPage, IncidentQuery } from './model.ts';

const ById = z.object({ id: z.string().max(64) });

export function incidentRoutes({ records, namesOf }: { records: Records; namesOf: NamesOf }): Routes {
  const { drizzle } = records.database;
  return defineRoutes((app) => {
    app.get(
      '/incidents',
      {
        config: { permission: 'incidents.read' },
        schema: { querystring: IncidentQuery, response: { 200: IncidentPage } },
      },
      (request) => listIncidents(drizzle, request.query, namesOf),
    );
    app.get(
      '/incidents/:id',
      { config: { permission: 'incidents.read' }, schema: { params: ById, response: { 200: Incident } } },
      (request) => incidentById(drizzle, request.params.id, namesOf),
    );
    app.patch(
      '/incidents/:id',
      {
        config: { permission: 'incidents.write' },
        schema: { params: ById, body: ChangeIncident, response: { 200: Incident } },
      },
      async (request) => {
        const { id } = request.params;
        const actor = actorOf(callerOf(request));
        const changeId = makeId('chg', records.clock(), randomBytes(10));
        await records.database.transaction((tx) =>
          changeIncident(tx, id, request.body, {
            actor,
            at: new Date(records.clock()),
            append: records.append,
            changeId,
          }),
        );
        return incidentById(drizzle, id, namesOf);
      },
    );
  });
}
