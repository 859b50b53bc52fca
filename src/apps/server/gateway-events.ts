import type { Services } from '#src/apps/services.ts';
import { type DeliveryItem, eventOfDecision, ingest, once, systemsOfCalls } from '#src/features/events/index.ts';
import { readNewDecisions } from '#src/features/gateway-decisions/index.ts';
import { closedUntil } from '#src/features/monitors/index.ts';

const READER = 'monitor-events';

/**
 * Turns every call the gateway recorded into an operation of the AI system it belongs to. The events are stored
 * before the position moves: a crash between the two delivers them again, and each id counts once.
 */
export async function takeGatewayEvents(services: Services, signal?: AbortSignal): Promise<number> {
  const { database, clock } = services;
  const systemOf = await systemsOfCalls(database.drizzle);
  return readNewDecisions({ database, clock, name: READER, ...(signal && { signal }) }, async (_tx, decisions) => {
    const items = decisions.map((decision, k): DeliveryItem => {
      return { line: k + 1, event: eventOfDecision(decision, systemOf), skewed: false };
    });
    await ingest({ database, clock, closedUntil }, { from: 'service:assay', form: 'gateway', items: once(items) });
  });
}
