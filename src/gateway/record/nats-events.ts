import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { EventTransport } from '../ports.ts';

export const EVENT_STREAM = 'ASSAY_GATEWAY';
const SUBJECT = 'assay.gateway.decision';
const WEEK_NS = 7 * 86_400 * 1_000_000_000;
const STREAM_MAX_BYTES = 1_073_741_824;
/** A decision that is published again within this is recognized by its id. */
const DUPLICATES_NS = 600 * 1_000_000_000;

/** Decisions as messages of a JetStream stream, for monitors on other machines. Each is acknowledged by the server. */
export async function openNatsEvents(url: string): Promise<EventTransport & { close(): Promise<void> }> {
  const connection: NatsConnection = await connect({
    servers: url,
    name: 'assay-gateway',
    maxReconnectAttempts: -1,
    waitOnFirstConnect: false,
  });
  const manager = await jetstreamManager(connection);
  const config = {
    name: EVENT_STREAM,
    subjects: [`${SUBJECT}.>`],
    max_age: WEEK_NS,
    max_bytes: STREAM_MAX_BYTES,
    duplicate_window: DUPLICATES_NS,
  };
  await manager.streams.info(EVENT_STREAM).catch(() => manager.streams.add(config));
  const stream = jetstream(connection);
  return {
    publish: async (batch) => {
      await Promise.all(
        batch.map(({ id, outcome, json }) =>
          stream.publish(`${SUBJECT}.${outcome}`, json.text(), {
            msgID: id,
            timeout: 10_000,
          }),
        ),
      );
    },
    close: () => connection.drain(),
  };
}
