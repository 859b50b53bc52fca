import type { Services } from '#src/apps/services.ts';
import { failingChannels, raiseStanding, type Watched } from '#src/features/alerts/index.ts';
import type { Condition } from '#src/features/alerts/model.ts';
import { silentSources } from '#src/features/events/index.ts';
import { expiringAttestations } from '#src/features/evidence/index.ts';
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
  let reading: ReturnType<typeof controls.services.regressions> | undefined;
  const regressions = () => {
    reading ??= controls.services.regressions();
    return reading;
  };
  const unread = 'The source is no longer read. Nothing was measured again.';
  return [
    {
      source: 'ledger_party',
      key: 'party',
      read: () => failingParties(database, new Date(clock())),
      gone: 'The party was removed from the settings. Nothing was measured again.',
    },
    {
      source: 'control',
      key: 'source',
      read: async () => (await regressions()).bySource,
      newsMs: DAY_MS,
      gone: unread,
    },
    {
      source: 'control',
      key: 'test',
      read: async () => (await regressions()).byTest,
      newsMs: DAY_MS,
      gone: 'The control test is no longer part of the catalog.',
    },
    { source: 'collector', key: 'scan', read: listed(() => failingScans(drizzle)) },
    { source: 'collector', key: 'source', read: () => controls.services.overdueSources(), gone: unread },
    { source: 'collector', key: 'events', read: listed(() => silentSources(drizzle, clock())) },
    { source: 'control', key: 'occurrence', read: listed(() => controls.services.overdueControls()) },
    { source: 'control', key: 'attestation', read: listed(() => expiringAttestations(drizzle, clock())) },
    {
      source: 'delivery',
      key: 'channel',
      read: () => failingChannels(drizzle),
      gone: 'The channel was removed or turned off. Nothing was measured again.',
    },
  ];
}

function listed(read: () => Promise<readonly Condition[]>): Watched['read'] {
  return async () => ({ conditions: await read() });
}
