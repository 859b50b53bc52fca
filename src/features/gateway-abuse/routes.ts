import * as z from 'zod';
import { actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { actOn } from './act.ts';
import { callerActions } from './caller-actions.ts';
import { findingById, listFindings } from './list-findings.ts';
import { AbuseAction, AbuseFinding, AbusePage, AbuseQuery } from './model.ts';

const ById = z.object({ id: z.string().max(64) });

export function gatewayAbuseRoutes({ records, namesOf }: { records: Records; namesOf: NamesOf }): Routes {
  const actions = callerActions(records);
  const { drizzle } = records.database;
  return defineRoutes((app) => {
    app.get(
      '/gateway/abuse',
      { config: { permission: 'gateway.read' }, schema: { querystring: AbuseQuery, response: { 200: AbusePage } } },
      (request) => listFindings(drizzle, request.query, namesOf),
    );
    app.get(
      '/gateway/abuse/:id',
      { config: { permission: 'gateway.read' }, schema: { params: ById, response: { 200: AbuseFinding } } },
      (request) => findingById(drizzle, request.params.id, namesOf),
    );
    app.post(
      '/gateway/abuse/:id/actions',
      {
        config: { permission: 'gateway.write' },
        schema: { params: ById, body: AbuseAction, response: { 200: AbuseFinding } },
      },
      async (request) => {
        const by = actorOf(callerOf(request));
        await records.change('gateway', ['gateway-key', 'gateway-tenant'], (tx) =>
          actOn(tx, request.params.id, { ...request.body, by }, { actions, clock: records.clock }),
        );
        return findingById(drizzle, request.params.id, namesOf);
      },
    );
  });
}
