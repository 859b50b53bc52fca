import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import * as z from 'zod';
import { type Actor, actorOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { deliveryById, openDeliveries } from './alert-detail.ts';
import {
  addChannel,
  addTestDelivery,
  changeChannel,
  listChannels,
  removeChannelSecrets,
  retireChannel,
  storeChannelSecrets,
} from './channels.ts';
import { deliver } from './deliver.ts';
import type { Acting } from './life.ts';
import { AlertDelivery } from './model.ts';
import { queueDelivery } from './queue-deliveries.ts';
import type { AlertRouteParts } from './routes.ts';
import { putSettings, storedSettings } from './settings.ts';
import {
  AlertChannels,
  ChangeChannel,
  MadeChannel,
  NewChannel,
  PutSettings,
  StoredSettings,
} from './settings-model.ts';
import { alertDelivery } from './tables.ts';

const ById = z.object({ id: z.string().max(64) });
const Deliveries = z.object({ items: z.array(AlertDelivery) }).meta({ id: 'AlertDeliveries' });
const read = { permission: 'alerts.read' } as const;
const manage = { permission: 'alerts.manage' } as const;

export type AlertSettingsParts = AlertRouteParts & {
  secrets: Pick<Secrets, 'put' | 'get' | 'remove'>;
  baseUrl(): string;
  log: Log;
};

export function alertSettingsRoutes(parts: AlertSettingsParts): Routes {
  const { records, namesOf, secrets, baseUrl, log } = parts;
  const { database, clock, append } = records;
  const { drizzle } = database;
  const at = () => new Date(clock());
  const change = <T>(actor: Actor, work: (tx: Transaction, acting: Acting) => Promise<T>) =>
    database.transaction((tx) => work(tx, { at: at(), actor, append }));
  const channels = async () => ({ items: await listChannels(drizzle, namesOf) });
  const deliveryOf = async (id: string) => {
    const found = await deliveryById(drizzle, id);
    if (!found) throw new AppError('not_found', `There is no delivery ${id}.`);
    return found;
  };
  return defineRoutes((app) => {
    app.get('/alerts/settings', { config: read, schema: { response: { 200: StoredSettings } } }, () =>
      storedSettings(drizzle, namesOf),
    );
    app.put(
      '/alerts/settings',
      { config: manage, schema: { body: PutSettings, response: { 200: StoredSettings } } },
      async (request) => {
        await change(actorOf(callerOf(request)), (tx, acting) => putSettings(tx, request.body, acting));
        return storedSettings(drizzle, namesOf);
      },
    );
    app.get('/alerts/channels', { config: read, schema: { response: { 200: AlertChannels } } }, channels);
    app.post(
      '/alerts/channels',
      { config: manage, schema: { body: NewChannel, response: { 201: MadeChannel } } },
      async (request, reply) => {
        const id = makeId('chn', clock(), randomBytes(10));
        const signingSecret = await storeChannelSecrets(secrets, id, request.body);
        await change(actorOf(callerOf(request)), (tx, acting) => addChannel(tx, id, request.body, acting));
        const channel = (await channels()).items.find((one) => one.id === id);
        if (!channel) throw new AppError('internal', 'The channel was stored and is not there.');
        return reply.code(201).send({ channel, signingSecret });
      },
    );
    app.patch(
      '/alerts/channels/:id',
      { config: manage, schema: { params: ById, body: ChangeChannel, response: { 200: AlertChannels } } },
      async (request) => {
        await change(actorOf(callerOf(request)), (tx, acting) =>
          changeChannel(tx, request.params.id, request.body, acting),
        );
        return channels();
      },
    );
    app.delete(
      '/alerts/channels/:id',
      { config: manage, schema: { params: ById, response: { 200: AlertChannels } } },
      async (request) => {
        await change(actorOf(callerOf(request)), (tx, acting) => retireChannel(tx, request.params.id, acting));
        await removeChannelSecrets(secrets, request.params.id);
        return channels();
      },
    );
    app.post(
      '/alerts/channels/:id/test',
      { config: { ...manage, perMinute: 10 }, schema: { params: ById, response: { 200: AlertDelivery } } },
      async (request) => {
        const id = await database.transaction((tx) => addTestDelivery(tx, request.params.id, at()));
        // Sent while the person waits; the job finds it done.
        await deliver({ database, clock, append, secrets, baseUrl, log }, id);
        return deliveryOf(id);
      },
    );
    app.get('/alerts/deliveries', { config: read, schema: { response: { 200: Deliveries } } }, async () => ({
      items: await openDeliveries(drizzle),
    }));
    app.post(
      '/alerts/deliveries/:id/retry',
      { config: manage, schema: { params: ById, response: { 200: AlertDelivery } } },
      async (request) => {
        const { id } = request.params;
        const delivery = await deliveryOf(id);
        if (delivery.state !== 'dead') throw new AppError('conflict', `The delivery is ${delivery.state}, not dead.`);
        await database.transaction(async (tx) => {
          await tx
            .update(alertDelivery)
            .set({ state: 'waiting', attempts: 0, nextAttemptAt: at() })
            .where(eq(alertDelivery.id, id));
          await queueDelivery(tx, id, clock());
        });
        return deliveryOf(id);
      },
    );
  });
}
