import { randomBytes } from 'node:crypto';
import {
  type Actor,
  actorText,
  ledgerActor,
  type NamesOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import {
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUTS,
  type NewProvider,
  PROVIDER_DEFAULTS,
  type Provider,
  type ProviderChange,
} from './model.ts';
import {
  deleteProvider,
  findProvider,
  insertProvider,
  listProviderRows,
  listProviderTests,
  storeProviderTest,
  takeProvider,
  updateProvider,
} from './store.ts';
import type { ProviderRow, ProviderTestRow } from './tables.ts';
import { testConnection } from './test-connection.ts';

/** What the paths that lead to a provider are to this feature. Filled by the one that keeps the routes. */
export type ProviderRoutes = {
  /** Makes the usual paths of a new provider. */
  addFor(tx: Transaction, provider: ProviderRow, actor: Actor): Promise<void>;
  removeOf(tx: Transaction, providerId: string, actor: Actor): Promise<void>;
  pathsByProvider(executor: Executor): Promise<ReadonlyMap<string, string[]>>;
};

export type GatewayProvidersDependencies = {
  records: Records;
  secrets: Pick<Secrets, 'put' | 'get' | 'remove'>;
  namesOf: NamesOf;
  providerRoutes: ProviderRoutes;
};

export type GatewayProvidersService = ReturnType<typeof createGatewayProviders>;

const LOCK = 'gateway';
const KINDS = ['gateway-provider', 'gateway-route'] as const;

export function createGatewayProviders({ records, secrets, namesOf, providerRoutes }: GatewayProvidersDependencies) {
  const { drizzle } = records.database;
  const now = () => new Date(records.clock());
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));

  async function list(): Promise<Provider[]> {
    const [rows, tests, paths] = await Promise.all([
      listProviderRows(drizzle),
      listProviderTests(drizzle),
      providerRoutes.pathsByProvider(drizzle),
    ]);
    const who = await resolveWho(namesOf, [
      ...rows.flatMap((row) => [row.createdBy, row.keySetBy]),
      ...tests.map((row) => row.testedBy),
    ]);
    const testOf = new Map(tests.map((row) => [row.providerId, row]));
    return rows.map((row) => present(row, testOf.get(row.id), paths.get(row.id) ?? [], who));
  }

  async function read(id: string): Promise<Provider> {
    const found = (await list()).find((provider) => provider.id === id);
    if (!found) throw new AppError('not_found', 'This provider was removed meanwhile.');
    return found;
  }

  /** Stores a key under a name of its own, so that an older snapshot never meets a newer key. */
  async function storeKey(providerId: string, key: string): Promise<string> {
    const name = `gateway.provider.${providerId}.${randomBytes(6).toString('hex')}`;
    await secrets.put(name, key);
    return name;
  }

  async function entry(tx: Transaction, actor: Actor, id: string, body: Record<string, JsonValue>): Promise<void> {
    await records.append(tx, {
      type: 'gateway.provider-changed',
      actor: ledgerActor(actor),
      subject: { kind: 'gateway-provider', id },
      series: 'gateway',
      body: { at: toInstant(records.clock()), ...body },
      dedupeKey: `gateway:${newId('chg')}`,
    });
  }

  /** Runs a change for which a key was stored first; without the change the key goes, too. */
  async function withKey<T>(secretName: string | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (secretName !== null) await secrets.remove(secretName);
      throw error;
    }
  }

  return {
    list,
    read,
    find: (idOrName: string): Promise<ProviderRow> => findProvider(drizzle, idOrName),

    /** Adds a provider and the paths that lead to it. Throws `conflict` for a name in use. */
    async add(actor: Actor, input: NewProvider): Promise<Provider> {
      const row = newRow(input, { id: newId('gpr'), at: now(), actor });
      row.secretName = input.key === undefined ? null : await storeKey(row.id, input.key);
      if (row.secretName !== null) Object.assign(row, { keySetAt: row.createdAt, keySetBy: row.createdBy });
      await withKey(row.secretName, () =>
        records.change(LOCK, KINDS, async (tx) => {
          await insertProvider(tx, row);
          await entry(tx, actor, row.id, { change: 'added', ...configurationOf(row) });
          await providerRoutes.addFor(tx, row, actor);
        }),
      );
      return read(row.id);
    },

    /** Changes what is named. A stored key never follows to another host: it has to be given anew. */
    async change(actor: Actor, id: string, input: ProviderChange): Promise<Provider> {
      const known = await findProvider(drizzle, id);
      refuseKeyElsewhere(known, input);
      const { key, ...fields } = input;
      const secretName = key === undefined ? null : await storeKey(known.id, key);
      const before = await withKey(secretName, () =>
        records.change(LOCK, KINDS, async (tx) => {
          const row = await takeProvider(tx, known.id);
          refuseKeyElsewhere(row, input);
          const changed = Object.entries(fields).filter(
            ([name, value]) => !isSame(row[name as keyof ProviderRow], value),
          );
          const next: Partial<ProviderRow> = Object.fromEntries(changed);
          if (secretName !== null) Object.assign(next, { secretName, keySetAt: now(), keySetBy: actorText(actor) });
          refuseUnfit({ ...row, ...next });
          if (Object.keys(next).length === 0) return row;
          await updateProvider(tx, row.id, next);
          await entry(tx, actor, row.id, {
            change: 'changed',
            fields: [...changed.map(([name]) => name), ...(secretName === null ? [] : ['key'])].sort(),
            ...configurationOf({ ...row, ...next }),
          });
          return row;
        }),
      );
      if (secretName !== null && before.secretName !== null) await secrets.remove(before.secretName);
      return read(known.id);
    },

    /** Removes a provider, its key and the paths that lead to it. Calls to them are refused from now on. */
    async remove(actor: Actor, idOrName: string): Promise<void> {
      const known = await findProvider(drizzle, idOrName);
      const row = await records.change(LOCK, KINDS, async (tx) => {
        const taken = await takeProvider(tx, known.id);
        await providerRoutes.removeOf(tx, taken.id, actor);
        await deleteProvider(tx, taken.id);
        await entry(tx, actor, taken.id, { change: 'removed' });
        return taken;
      });
      if (row.secretName !== null) await secrets.remove(row.secretName);
    },

    /** Asks the provider for its models with the stored key and keeps how it ended. */
    async test(actor: Actor, idOrName: string): Promise<Provider> {
      const row = await findProvider(drizzle, idOrName);
      const key = row.secretName === null ? null : await secrets.get(row.secretName);
      const tested = await testConnection({ ...row, key });
      await records.database.transaction((tx) =>
        storeProviderTest(tx, { ...tested, providerId: row.id, testedAt: now(), testedBy: actorText(actor) }),
      );
      return read(row.id);
    },
  };
}

function newRow(input: NewProvider, made: { id: string; at: Date; actor: Actor }): ProviderRow {
  const usual = PROVIDER_DEFAULTS[input.kind];
  const baseUrl = input.baseUrl ?? usual.baseUrl;
  if (baseUrl === null)
    throw new AppError('invalid_input', 'baseUrl: say where this provider is, like http://127.0.0.1:11434/v1.');
  const row: ProviderRow = {
    id: made.id,
    name: input.name,
    kind: input.kind,
    baseUrl,
    authStyle: input.authStyle ?? usual.authStyle,
    secretName: null,
    keySetAt: null,
    keySetBy: null,
    models: input.models ?? null,
    allowPrivateAddress: input.allowPrivateAddress ?? false,
    timeouts: input.timeouts ?? DEFAULT_TIMEOUTS,
    maxRetries: input.maxRetries ?? DEFAULT_RETRIES,
    createdAt: made.at,
    createdBy: actorText(made.actor),
  };
  if (row.authStyle === 'none' && input.key !== undefined)
    throw new AppError('invalid_input', 'key: this provider is called without one (authStyle none). Leave it out.');
  refuseUnfit(row);
  return row;
}

/** A key in clear text over a network is a key given away; on this machine or a private network it is the owner's choice. */
function refuseUnfit(row: Pick<ProviderRow, 'baseUrl' | 'allowPrivateAddress'>): void {
  if (row.baseUrl.startsWith('http://') && !row.allowPrivateAddress)
    throw new AppError(
      'invalid_input',
      'baseUrl: http:// sends prompts and keys readable. Use https://, or allow private addresses if it is on your own network.',
    );
}

function refuseKeyElsewhere(row: ProviderRow, input: ProviderChange): void {
  if (row.secretName === null || input.key !== undefined || input.baseUrl === undefined) return;
  if (new URL(input.baseUrl).origin !== new URL(row.baseUrl).origin)
    throw new AppError(
      'invalid_input',
      `baseUrl: leads to another host. Give the key again with it: the stored one is only ever sent to ${new URL(row.baseUrl).host}.`,
    );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What an entry of the ledger says of a provider. */
function configurationOf(row: ProviderRow): Record<string, JsonValue> {
  return {
    kind: row.kind,
    baseUrl: row.baseUrl,
    authStyle: row.authStyle,
    keyStored: row.secretName !== null,
    models: row.models === null ? null : row.models.length,
    allowPrivateAddress: row.allowPrivateAddress,
  };
}

function present(
  row: ProviderRow,
  test: ProviderTestRow | undefined,
  routes: string[],
  who: Awaited<ReturnType<typeof resolveWho>>,
): Provider {
  const { secretName: _, keySetAt, keySetBy, createdAt, createdBy, ...rest } = row;
  return {
    ...rest,
    keySetAt: keySetAt ? toInstant(keySetAt.getTime()) : null,
    keySetBy: keySetBy ? who(keySetBy) : null,
    routes,
    lastTest: test
      ? {
          outcome: test.outcome,
          message: test.message,
          models: test.models,
          testedAt: toInstant(test.testedAt.getTime()),
          testedBy: who(test.testedBy),
        }
      : null,
    createdAt: toInstant(createdAt.getTime()),
    createdBy: who(createdBy),
  };
}
