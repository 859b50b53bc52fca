import * as z from 'zod';
import { actorOf, type NamesOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { type ErasureServices, erasePerson } from './erase-person.ts';
import { PersonDetail, PersonErasure, PersonPage } from './model.ts';
import { listPersons, personDetail } from './read-persons.ts';

const ById = z.object({ id: z.string().max(128) });
const read = { permission: 'persons.read' } as const;

export function personRoutes(services: ErasureServices & { namesOf: NamesOf }): Routes {
  const { drizzle } = services.records.database;
  return defineRoutes((app) => {
    app.get('/persons', { config: read, schema: { response: { 200: PersonPage } } }, async () => {
      const items = await listPersons(drizzle);
      return { items, total: items.length };
    });
    app.get('/persons/:id', { config: read, schema: { params: ById, response: { 200: PersonDetail } } }, (request) =>
      personDetail(drizzle, services.namesOf, request.params.id),
    );
    app.post(
      '/persons/:id/erase',
      {
        config: { permission: 'persons.erase', perMinute: 60 },
        schema: { params: ById, body: PersonErasure, response: { 200: PersonDetail } },
      },
      async (request) => {
        const caller = callerOf(request);
        // A key that leaked must not be able to destroy what cannot be brought back.
        if (caller.kind !== 'user')
          throw new AppError('forbidden', 'An API key cannot erase a person. Sign in to do this.');
        await erasePerson(services, request.params.id, request.body, actorOf(caller));
        return personDetail(drizzle, services.namesOf, request.params.id);
      },
    );
  });
}
