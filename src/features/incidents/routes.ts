import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { changeIncident, openIncident } from './incidents.ts';
import { incidentDetail, listIncidents } from './list-incidents.ts';
import { ChangeIncident, IncidentDetail, IncidentPage, IncidentQuery, NewIncident } from './model.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'incidents.read' } as const;
const write = { permission: 'incidents.write' } as const;

export function incidentRoutes({ records, namesOf }: { records: Records; namesOf: NamesOf }): Routes {
  const { drizzle } = records.database;
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));
  return defineRoutes((app) => {
    app.get(
      '/incidents',
      { config: read, schema: { querystring: IncidentQuery, response: { 200: IncidentPage } } },
      (request) => listIncidents(drizzle, request.query, namesOf, records.clock()),
    );
    app.post(
      '/incidents',
      { config: write, schema: { body: NewIncident, response: { 201: IncidentDetail } } },
      async (request, reply) => {
        const id = newId('inc');
        const acting = { actor: actorOf(callerOf(request)), at: new Date(records.clock()), append: records.append };
        await records.change('incidents', ['incident'], (tx) =>
          openIncident(tx, { id, ...request.body, because: 'person', isTitleWritten: true }, acting),
        );
        return reply.code(201).send(await incidentDetail(drizzle, id, namesOf));
      },
    );
    app.get(
      '/incidents/:id',
      { config: read, schema: { params: ById, response: { 200: IncidentDetail } } },
      (request) => incidentDetail(drizzle, request.params.id, namesOf),
    );
    app.patch(
      '/incidents/:id',
      { config: write, schema: { params: ById, body: ChangeIncident, response: { 200: IncidentDetail } } },
      async (request) => {
        const { id } = request.params;
        const actor = actorOf(callerOf(request));
        const changing = { actor, at: new Date(records.clock()), append: records.append, changeId: newId('chg') };
        await records.change('incidents', ['incident'], (tx) => changeIncident(tx, id, request.body, changing));
        return incidentDetail(drizzle, id, namesOf);
      },
    );
  });
}
