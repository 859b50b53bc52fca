import { randomBytes } from 'node:crypto';
import type { Limits } from '#src/features/gateway-tenants/model.ts';
import {
  type Actor,
  actorText,
  ledgerActor,
  type NamesOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { ModelLimit, Price, SetPrice } from './model.ts';
import {
  deleteModelLimit,
  deletePrice,
  listModelLimitRows,
  listPriceRows,
  storeModelLimit,
  storePrice,
} from './route-store.ts';

export type GatewayPricesService = ReturnType<typeof createGatewayPrices>;

/** What models cost, and what all callers together may use of one. */
export function createGatewayPrices({ records, namesOf }: { records: Records; namesOf: NamesOf }) {
  const { drizzle } = records.database;

  /** Prices and limits of models are no facts of a control test: nothing is judged. */
  async function change(
    actor: Actor,
    subject: { kind: string; id: string },
    body: Record<string, JsonValue>,
    work: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    await records.database.transaction(async (tx) => {
      await work(tx);
      await records.append(tx, {
        type: 'gateway.price-changed',
        actor: ledgerActor(actor),
        subject,
        series: 'gateway',
        body: { at: toInstant(records.clock()), ...body },
        dedupeKey: `gateway:${makeId('chg', records.clock(), randomBytes(10))}`,
      });
    });
  }

  const stamp = (actor: Actor) => ({ changedAt: new Date(records.clock()), changedBy: actorText(actor) });

  return {
    async prices(): Promise<Price[]> {
      const rows = await listPriceRows(drizzle);
      const who = await resolveWho(
        namesOf,
        rows.map(({ changedBy }) => changedBy),
      );
      return rows.map((row) => ({
        ...row,
        changedAt: toInstant(row.changedAt.getTime()),
        changedBy: who(row.changedBy),
      }));
    },
    setPrice: (actor: Actor, price: SetPrice) =>
      change(
        actor,
        { kind: 'gateway-price', id: `${price.provider}/${price.model}` },
        { change: 'set', ...price },
        (tx) => storePrice(tx, { ...price, ...stamp(actor) }),
      ),
    /** Sets those of which no price is known, or all of them. Returns the names of those that were set. */
    async importPrices(actor: Actor, prices: readonly SetPrice[], replaces: boolean): Promise<string[]> {
      const known = new Set((await listPriceRows(drizzle)).map((row) => `${row.provider}/${row.model}`));
      const set: string[] = [];
      for (const price of prices) {
        const name = `${price.provider}/${price.model}`;
        if (!replaces && known.has(name)) continue;
        await change(actor, { kind: 'gateway-price', id: name }, { change: 'set', ...price }, (tx) =>
          storePrice(tx, { ...price, ...stamp(actor) }),
        );
        set.push(name);
      }
      return set;
    },
    removePrice: (actor: Actor, provider: string, model: string) =>
      change(actor, { kind: 'gateway-price', id: `${provider}/${model}` }, { change: 'removed' }, (tx) =>
        deletePrice(tx, provider, model),
      ),

    async modelLimits(): Promise<ModelLimit[]> {
      const rows = await listModelLimitRows(drizzle);
      const who = await resolveWho(
        namesOf,
        rows.map(({ changedBy }) => changedBy),
      );
      return rows.map((row) => ({
        ...row,
        changedAt: toInstant(row.changedAt.getTime()),
        changedBy: who(row.changedBy),
      }));
    },
    setModelLimit: (actor: Actor, model: string, limits: Limits) =>
      change(actor, { kind: 'gateway-model-limit', id: model }, { change: 'set', limits }, (tx) =>
        storeModelLimit(tx, { model, limits, ...stamp(actor) }),
      ),
    removeModelLimit: (actor: Actor, model: string) =>
      change(actor, { kind: 'gateway-model-limit', id: model }, { change: 'removed' }, (tx) =>
        deleteModelLimit(tx, model),
      ),
  };
}
