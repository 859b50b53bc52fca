import { setTimeout as wait } from 'node:timers/promises';
import type { Services } from '#src/apps/services.ts';
import { findAbuse } from '#src/features/gateway-abuse/index.ts';
import { keepRecord } from '#src/features/gateway-decisions/index.ts';

const EVERY_MS = 2_000;
const AFTER_ERROR_MS = 15_000;

/**
 * Goes over what the gateway recorded, again and again until `signal` ends it: adds it up, seals windows and looks
 * for abuse. Several processes may do so; each round, one of them finds the work and the others find it done.
 */
export async function watchGateway(services: Services, signal: AbortSignal): Promise<void> {
  const { database, clock, log, records } = services;
  let reported = '';
  while (!signal.aborted) {
    let pauseMs = EVERY_MS;
    try {
      await keepRecord({ database, append: records.append, clock }, signal);
      await findAbuse({ database, clock, openAlert: services.alerts.openAlert }, signal);
      reported = '';
    } catch (error) {
      pauseMs = AFTER_ERROR_MS;
      const message = error instanceof Error ? error.message : String(error);
      // Said once, not every time, until it changes or is over.
      if (message !== reported) log.error({ err: error }, 'the record of the gateway could not be kept up; it waits');
      reported = message;
    }
    await wait(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
