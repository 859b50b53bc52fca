import { eq } from 'drizzle-orm';
import type { Append } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import { sendMail } from '#src/platform/mail.ts';
import { openOutbound } from '#src/platform/outbound.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { passwordSecret, signingSecret, urlSecret } from './channels.ts';
import { ASSAY, addStep } from './life.ts';
import { type Message, messageOf, plainText, slackBody, subjectLine, webhookBody } from './message.ts';
import { queueDelivery } from './queue-deliveries.ts';
import type { EmailConfig, HttpConfig } from './settings-model.ts';
import { alert, alertChannel, alertDelivery, type ChannelRow, type DeliveryRow } from './tables.ts';
import { signedHeaders } from './webhook-signature.ts';

export type DeliverParts = {
  database: Database;
  clock: Clock;
  append: Append;
  secrets: Pick<Secrets, 'get'>;
  /** Where people open the product. */
  baseUrl(): string;
  log: Log;
};

// 30 s, 2 min, 8 min, 32 min, 2 h, 6 h, 6 h: about 15 hours, over a night in which the other side is down.
const WAITS_MS = [30, 120, 480, 1_920, 7_200, 21_600, 21_600].map((seconds) => seconds * 1_000);
const CALL_TIMEOUT_MS = 20_000;
const ANSWER_BYTES = 16_384;
const ERROR_CHARACTERS = 300;

/**
 * Makes one attempt to deliver. A failure plans the next one; after the last the delivery is dead and shown as such.
 * Doing it twice may send twice: receivers tell by the id of the message.
 */
export async function deliver(
  parts: DeliverParts,
  deliveryId: string,
): Promise<'delivered' | 'waiting' | 'dead' | 'done'> {
  const { drizzle } = parts.database;
  const [found] = await drizzle
    .select({ delivery: alertDelivery, channel: alertChannel, about: alert })
    .from(alertDelivery)
    .innerJoin(alertChannel, eq(alertChannel.id, alertDelivery.channelId))
    .leftJoin(alert, eq(alert.id, alertDelivery.alertId))
    .where(eq(alertDelivery.id, deliveryId));
  if (found?.delivery.state !== 'waiting') return 'done';
  const { delivery, channel, about } = found;
  const message = messageOf(delivery.event, about, parts.baseUrl().replace(/\/+$/, ''));
  let receipt: string;
  try {
    if (channel.retiredAt !== null) throw new AppError('conflict', 'The channel was removed.');
    receipt = await send(parts, channel, delivery, message);
  } catch (error) {
    return noteFailure(parts, delivery, error);
  }
  await noteDelivered(parts, delivery, receipt);
  return 'delivered';
}

async function send(
  parts: DeliverParts,
  channel: ChannelRow,
  delivery: DeliveryRow,
  message: Message,
): Promise<string> {
  if (channel.kind === 'email') {
    const config = channel.config as EmailConfig;
    const password = config.user === null ? null : await parts.secrets.get(passwordSecret(channel.id));
    const messageId = `<${delivery.id}@${new URL(message.url).hostname}>`;
    const sent = await sendMail(
      { ...config, password },
      { from: config.from, to: config.to, subject: subjectLine(message), text: plainText(message), messageId },
    );
    return sent.receipt;
  }
  const url = await parts.secrets.get(urlSecret(channel.id));
  if (url === null)
    throw new AppError('unavailable', 'The address of the channel is not stored any more. Add it again.');
  if (channel.kind === 'slack') return post(channel, url, slackBody(message), {});
  const secret = await parts.secrets.get(signingSecret(channel.id));
  if (secret === null)
    throw new AppError('unavailable', 'The signing key of the channel is gone. Add the channel again.');
  const body = webhookBody(message);
  return post(channel, url, body, signedHeaders({ id: delivery.id, atMs: parts.clock(), body }, secret));
}

async function post(channel: ChannelRow, url: string, body: string, headers: Record<string, string>): Promise<string> {
  const { origin, allowPrivateAddress } = channel.config as HttpConfig;
  const outbound = openOutbound({
    allowedHosts: [origin.replace(/^https:\/\//, '')],
    allowPrivate: allowPrivateAddress,
    limits: { totalTimeoutMs: CALL_TIMEOUT_MS, responseBytes: ANSWER_BYTES, redirects: 0 },
  });
  try {
    const answer = await outbound.fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'user-agent': 'Assay', ...headers },
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new AppError('unavailable', `${new URL(url).host} answered ${answer.status}.`);
    return `HTTP ${answer.status}`;
  } finally {
    await outbound.close();
  }
}

async function noteDelivered({ database, clock, append }: DeliverParts, delivery: DeliveryRow, receipt: string) {
  const at = new Date(clock());
  await database.transaction(async (tx) => {
    await tx
      .update(alertDelivery)
      .set({ state: 'delivered', attempts: delivery.attempts + 1, deliveredAt: at, receipt, lastError: null })
      .where(eq(alertDelivery.id, delivery.id));
    if (delivery.alertId === null) return;
    const body = { delivery: delivery.id, channel: delivery.channelId, event: delivery.event, receipt };
    await addStep(
      tx,
      { alertId: delivery.alertId, kind: 'delivered', detail: body, body },
      { at, actor: ASSAY, append },
    );
  });
}

async function noteFailure(parts: DeliverParts, delivery: DeliveryRow, error: unknown): Promise<'waiting' | 'dead'> {
  const { database, clock, append, log } = parts;
  const at = new Date(clock());
  const attempts = delivery.attempts + 1;
  // Only our own words are kept: another error's text may quote an address or a token.
  const lastError = (error instanceof AppError ? error.message : 'An unexpected error; see the log.').slice(
    0,
    ERROR_CHARACTERS,
  );
  if (!(error instanceof AppError)) log.error({ err: error, deliveryId: delivery.id }, 'a message could not be sent');
  const waitMs = WAITS_MS[delivery.attempts];
  const permanent = error instanceof AppError && (error.code === 'forbidden' || error.code === 'conflict');
  // A test is answered at once: somebody waits for it.
  const dead = waitMs === undefined || permanent || delivery.event === 'test';
  await database.transaction(async (tx) => {
    const nextAttemptAt = new Date(at.getTime() + (waitMs ?? 0));
    await tx
      .update(alertDelivery)
      .set({ attempts, lastError, ...(dead ? { state: 'dead' as const } : { nextAttemptAt }) })
      .where(eq(alertDelivery.id, delivery.id));
    if (!dead) return queueDelivery(tx, delivery.id, nextAttemptAt.getTime());
    if (delivery.alertId === null) return;
    const body = { delivery: delivery.id, channel: delivery.channelId, event: delivery.event, attempts };
    await addStep(
      tx,
      { alertId: delivery.alertId, kind: 'delivery_failed', detail: { ...body, lastError }, body },
      { at, actor: ASSAY, append },
    );
  });
  return dead ? 'dead' : 'waiting';
}
