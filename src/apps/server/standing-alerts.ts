import type { Services } from '#src/apps/services.ts';
import { failingChannels, raiseStanding, type Watched } from '#src/features/alerts/index.ts';
import type { Condition } from '#src/features/alerts/model.ts';
import { failingParties } from '#src/features/ledger-parties/index.ts';
import { failingScans } from '#src/features/scans/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Log } from '#src/platform/log.ts';

/** What goes wrong elsewhere and opens alerts, read anew in every round. One that cannot be read does not stop the others. */
export async function raiseStandingAlerts(services: Services, log: Pick<Log, 'error'>): Promise<void> {
  const { database, clock, alerts } = services;
  for (const watched of watchedOf(services))
    try {
      await raiseStanding({ database, clock, ...alerts }, watched);
    } catch (error) {
      log.error({ err: error, source: watched.source, key: watched.key }, 'standing alerts could not be raised');
    }
}

function watchedOf({ database, clock, controls }: Services): Watched[] {
  const { drizzle } = database;
  return [
    { source: 'ledger_party', key: 'party', read: listed(() => failingParties(database, new Date(clock()))) },
    { source: 'control', key: 'test', read: () => controls.services.regressions(), newsMs: DAY_MS },
    { source: 'collector', key: 'scan', read: listed(() => failingScans(drizzle)) },
    { source: 'collector', key: 'source', read: listed(() => controls.services.overdueSources()) },
    { source: 'delivery', key: 'channel', read: listed(() => failingChannels(drizzle)) },
  ];
}

function listed(read: () => Promise<readonly Condition[]>): Watched['read'] {
  return async () => ({ conditions: await read() });
}
