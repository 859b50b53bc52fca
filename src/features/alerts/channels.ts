import { and, count, desc, eq, inArray, isNull } from 'drizzle-orm';
import { actorText, ledgerActor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import type { Acting } from './life.ts';
import { addDelivery } from './queue-deliveries.ts';
import type { AlertChannel, ChangeChannel, EmailConfig, HttpConfig, NewChannel } from './settings-model.ts';
import { alertChannel, alertDelivery, type ChannelRow } from './tables.ts';
import { newSigningSecret } from './webhook-signature.ts';

export const passwordSecret = (channelId: string) => `alerts.channel.${channelId}.password`;
export const urlSecret = (channelId: string) => `alerts.channel.${channelId}.url`;
export const signingSecret = (channelId: string) => `alerts.channel.${channelId}.signing`;

/** Puts what must not be read back into the secret store, before the row that needs it. Returns the signing key, if any. */
export async function storeChannelSecrets(
  secrets: Pick<Secrets, 'put'>,
  id: string,
  given: NewChannel,
): Promise<string | null> {
  if (given.kind === 'email') {
    if (given.config.user !== null) await secrets.put(passwordSecret(id), given.password ?? '');
    return null;
  }
  requirePlainUrl(given);
  await secrets.put(urlSecret(id), given.url);
  if (given.kind === 'slack') return null;
  const key = newSigningSecret();
  await secrets.put(signingSecret(id), key);
  return key;
}

function requirePlainUrl(given: { url: string; allowPrivateAddress: boolean }): void {
  const url = new URL(given.url);
  if (url.username !== '' || url.password !== '')
    throw new AppError('invalid_input', 'url: must hold no user name or password.');
  if (url.protocol === 'http:' && !given.allowPrivateAddress)
    throw new AppError('invalid_input', 'url: must be https. Plain http is for private networks only.');
}

export async function addChannel(tx: Transaction, id: string, given: NewChannel, acting: Acting): Promise<void> {
  await tx.insert(alertChannel).values({
    id,
    name: given.name,
    kind: given.kind,
    config: configOf(given),
    severityMin: given.severityMin,
    enabled: true,
    createdAt: acting.at,
    createdBy: actorText(acting.actor),
    changedAt: acting.at,
  });
  await entry(tx, id, acting, { state: 'enabled', kind: given.kind, severityMin: given.severityMin });
}

function configOf(given: NewChannel): EmailConfig | HttpConfig {
  if (given.kind === 'email') return given.config;
  return { origin: new URL(given.url).origin, allowPrivateAddress: given.allowPrivateAddress };
}

export async function changeChannel(tx: Transaction, id: string, change: ChangeChannel, acting: Acting): Promise<void> {
  const row = await takeChannel(tx, id);
  await tx
    .update(alertChannel)
    .set({ ...change, changedAt: acting.at })
    .where(eq(alertChannel.id, id));
  await entry(tx, id, acting, {
    state: (change.enabled ?? row.enabled) ? 'enabled' : 'disabled',
    severityMin: change.severityMin ?? row.severityMin,
  });
}

/** The row stays for the deliveries that name it; its secrets go. */
export async function retireChannel(tx: Transaction, id: string, acting: Acting): Promise<void> {
  await takeChannel(tx, id);
  await tx
    .update(alertChannel)
    .set({ enabled: false, retiredAt: acting.at, changedAt: acting.at })
    .where(eq(alertChannel.id, id));
  await entry(tx, id, acting, { state: 'retired' });
}

export async function removeChannelSecrets(secrets: Pick<Secrets, 'remove'>, id: string): Promise<void> {
  for (const name of [passwordSecret(id), urlSecret(id), signingSecret(id)]) await secrets.remove(name);
}

export async function addTestDelivery(tx: Transaction, id: string, at: Date): Promise<string> {
  await takeChannel(tx, id);
  return addDelivery(tx, { alertId: null, channelId: id, event: 'test', at });
}

async function takeChannel(tx: Transaction, id: string): Promise<ChannelRow> {
  const [row] = await tx
    .select()
    .from(alertChannel)
    .where(and(eq(alertChannel.id, id), isNull(alertChannel.retiredAt)))
    .for('update');
  if (!row) throw new AppError('not_found', `There is no channel ${id}.`);
  return row;
}

async function entry(tx: Transaction, id: string, { at, actor, append }: Acting, body: Record<string, string>) {
  await append(tx, {
    type: 'alert.channel-changed',
    actor: ledgerActor(actor),
    subject: { kind: 'alert-channel', id },
    series: `alert-channel:${id}`,
    body: { at: at.toISOString(), ...body },
    dedupeKey: `alert-channel:${id}:${at.getTime()}:${body.state}:${body.severityMin ?? ''}`,
  });
}

export async function listChannels(executor: Executor, namesOf: NamesOf): Promise<AlertChannel[]> {
  const rows = await executor
    .select()
    .from(alertChannel)
    .where(isNull(alertChannel.retiredAt))
    .orderBy(alertChannel.createdAt, alertChannel.id);
  const ids = rows.map((row) => row.id);
  const latest = new Map(
    await Promise.all(
      ids.map(async (id) => {
        const [delivery] = await executor
          .select()
          .from(alertDelivery)
          .where(eq(alertDelivery.channelId, id))
          .orderBy(desc(alertDelivery.createdAt), desc(alertDelivery.id))
          .limit(1);
        return [id, delivery] as const;
      }),
    ),
  );
  const dead = await executor
    .select({ id: alertDelivery.channelId, dead: count() })
    .from(alertDelivery)
    .where(and(inArray(alertDelivery.channelId, ids), eq(alertDelivery.state, 'dead')))
    .groupBy(alertDelivery.channelId);
  const deadOf = new Map(dead.map((row) => [row.id, row.dead]));
  const who = await resolveWho(
    namesOf,
    rows.map((row) => row.createdBy),
  );
  return rows.map((row) => {
    const last = latest.get(row.id);
    return {
      id: row.id,
      name: row.name,
      kind: row.kind,
      target: targetOf(row),
      severityMin: row.severityMin,
      enabled: row.enabled,
      createdAt: row.createdAt.toISOString(),
      createdBy: who(row.createdBy),
      lastDelivery: last
        ? {
            state: last.state,
            at: (last.deliveredAt ?? last.createdAt).toISOString(),
            receipt: last.receipt,
            lastError: last.lastError,
          }
        : null,
      dead: deadOf.get(row.id) ?? 0,
    };
  });
}

function targetOf(row: ChannelRow): string {
  if (row.kind !== 'email') return (row.config as HttpConfig).origin;
  const { to, host } = row.config as EmailConfig;
  return `${to.join(', ')} through ${host}`;
}
