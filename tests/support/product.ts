import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { recordEvent } from '#src/apps/server/record-event.ts';
import { openServices, type Services } from '#src/apps/services.ts';
import type { Users } from '#src/features/users/index.ts';
import type { Role } from '#src/features/users/model.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Routes } from '#src/platform/http/route.ts';
import { prepareJobs } from '#src/platform/jobs.ts';
import { type Door, openDoor } from './door.ts';

/** One signed-in person: their id and the cookie their browser sends. */
export type Person = { id: string; cookie: string };

export type Product = Door & {
  services: Services;
  dataDir: string;
  people: Record<Role, Person>;
  /** A second person who may do what the first may. */
  colleague: Person;
};

/**
 * The real stores over a database and a data folder of their own, with `mount`'s routes behind the real door and one
 * person signed in for each role. Nothing runs beside: tests run jobs and the sequencer when they want to.
 */
export function testProduct(
  database: { readonly current: Database },
  mount: (parts: { services: Services; users: Users }) => Routes[],
  options: {
    mountAt?: (services: Services) => Record<string, Routes>;
    /** Events of users go into the ledger too, as in the server. */
    recordUsers?: boolean;
  } = {},
): { readonly current: Product } {
  let product: Product | undefined;
  const dataDir = mkdtempSync(join(tmpdir(), 'assay-product-'));
  beforeAll(async () => {
    await prepareJobs(database.current.pool);
    const time = { read: () => Date.parse('2026-11-23T09:00:00Z') };
    const log = pino({ level: 'silent' });
    const services = await openServices({ database: database.current, dataDir, clock: () => time.read(), log });
    const door = await openDoor(database.current, {
      mount: ({ users }) => mount({ services, users }),
      mountAt: options.mountAt?.(services) ?? {},
      ...(options.recordUsers && { record: recordEvent(services.records) }),
    });
    time.read = () => door.clock.nowMs;
    const ownerCookie = await door.setUp();
    const { user } = (await door.call('GET', 'session', { cookie: ownerCookie })).json();
    const people: Partial<Record<Role, Person>> = { owner: { id: user.id, cookie: ownerCookie } };
    for (const role of ['admin', 'compliance', 'engineer', 'auditor', 'viewer'] as const)
      people[role] = await door.join(ownerCookie, role);
    const colleague = await door.join(ownerCookie, 'compliance', 'colleague@example.com');
    product = Object.assign(door, { services, dataDir, people: people as Record<Role, Person>, colleague });
  });
  afterAll(async () => {
    await product?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    get current() {
      if (!product) throw new Error('the product is there only while tests run');
      return product;
    },
  };
}
