import * as z from 'zod';
import { actorOf, type Records } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Identity, type Routes } from '#src/platform/http/route.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { addSample, nextItem, putLabel, type ShownTexts, type TextReader } from './labels.ts';
import { labelTextKey, openLabelText } from './live-items.ts';
import { LabelReports, NewSample, NextLabel, PutLabel, SampleOutcome } from './model.ts';
import { labelReports } from './report.ts';

const ById = z.object({ id: z.string().max(64) });

export type LabelServices = {
  records: Records;
  secrets: Pick<Secrets, 'getOrCreate'>;
  /** Opens a captured payload for whoever may. */
  openPayload?: (payloadId: string, caller: Identity) => Promise<ShownTexts | null>;
  mayOpenPayloads?: (caller: Identity) => boolean;
};

export function labelRoutes({ records, secrets, openPayload, mayOpenPayloads }: LabelServices): Routes {
  const { database, clock, append } = records;
  const readerFor = (caller: Identity): TextReader => ({
    openText: async (executor, itemId) => openLabelText(executor, itemId, await labelTextKey(secrets)),
    ...(openPayload &&
      mayOpenPayloads?.(caller) && { openPayload: (payloadId: string) => openPayload(payloadId, caller) }),
  });
  const at = () => new Date(clock());
  return defineRoutes((app) => {
    app.get(
      '/labels/next',
      { config: { permission: 'labels.write' }, schema: { response: { 200: NextLabel } } },
      (request) => {
        const caller = callerOf(request);
        return nextItem(database.drizzle, caller.userId, readerFor(caller));
      },
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
        return nextItem(database.drizzle, caller.userId, readerFor(caller));
      },
    );
  });
}
