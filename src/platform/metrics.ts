import type pg from 'pg';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** What /metrics shows: the process and the connections to the database; parts add their own to it. */
export function createMetrics(pool?: pg.Pool): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  if (pool)
    new Gauge({
      name: 'assay_database_connections',
      help: 'Connections to the database, by state; waiting counts requests for one.',
      labelNames: ['state'],
      registers: [registry],
      collect() {
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    });
  return registry;
}
