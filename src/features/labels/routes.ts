import * as z from 'zod';
import { actorOf, type Records } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { addSample, nextItem, putLabel } from './labels.ts';
import { LabelReports, NewSample, NextLabel, PutLabel, SampleOutcome } from './model.ts';
import { labelReports } from './report.ts';

const ById = z.object({ id: z.string().max(64) });

export function labelRoutes({ records }: { records: Records }): Routes {
  const { database, clock, append } = records;
  const at = () => new Date(clock());
  return defineRoutes((app) => {
    app.get(
      '/labels/next',
      { config: { permission: 'labels.write' }, schema: { response: { 200: NextLabel } } },
      (request) => nextItem(database.drizzle, callerOf(request).userId),
    );
    app.get(
      '/labels/report',
      { config: { permission: 'labels.read' }, schema: { response: { 200: LabelReports } } },
      async () => ({ items: await labelReports(database.drizzle) }),
    );
    app.post(
      '/labels/samples',
      { config: { permission: 'labels.write' }, schema: { body: NewSample, response: { 201: SampleOutcome } } },
      async (request, reply) => {
        const actor = actorOf(callerOf(request));
        const outcome = await records.change('labels', ['label-sample'], (tx) =>
          addSample(tx, request.body, { at: at(), actor, append }),
        );
        return reply.code(201).send(outcome);
      },
    );
    app.post(
      '/labels/:id',
      {
        config: { permission: 'labels.write' },
        schema: { params: ById, body: PutLabel, response: { 200: NextLabel } },
      },
      async (request) => {
        const caller = callerOf(request);
        await records.change('labels', ['label-sample'], (tx) =>
          putLabel(tx, request.params.id, request.body, { at: at(), actor: actorOf(caller), append }),
        );
        return nextItem(database.drizzle, caller.userId);
      },
    );
  });
}
