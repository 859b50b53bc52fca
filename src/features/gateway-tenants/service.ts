import { randomBytes } from 'node:crypto';
import {
  type Actor,
  actorText,
  databaseCode,
  ledgerActor,
  type NamesOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import {
  DEFAULT_LIMITS,
  type Issuer,
  type NewIssuer,
  type NewTenant,
  type Tenant,
  type TenantChange,
  type TenantPurpose,
} from './model.ts';
import { isUsable } from './present-key.ts';
import {
  deleteIssuer,
  findTenant,
  insertIssuer,
  insertTenant,
  listIssuerRows,
  listKeyRows,
  listTenantRows,
  takeTenant,
  updateTenant,
} from './store.ts';
import type { IssuerRow, TenantRow } from './tables.ts';

/** What knows whether a tenant may go to another policy at once, or waits for a second person. */
export type TenantMoves = {
  mayMove(
    tx: Transaction,
    actor: Actor,
    target: { kind: 'tenant'; id: string; from: string | null; to: string | null },
  ): Promise<boolean>;
  /** The moves that wait, by tenant. */
  waiting(): Promise<Map<string, string>>;
};
export type GatewayTenantsDependencies = { records: Records; namesOf: NamesOf };
export type GatewayTenantsService = ReturnType<typeof createGatewayTenants>;

const LOCK = 'gateway';
const KINDS = ['gateway-tenant', 'gateway-key'] as const;
const FOREIGN_KEY_VIOLATION = '23503';

/** Who may call the gateway: tenants, and the issuers of tokens that name one. Their keys are in `keys.ts`. */
export function createGatewayTenants({
  records,
  namesOf,
  moves,
}: GatewayTenantsDependencies & {
  /** Absent for tenants that never have a policy of their own. */
  moves?: TenantMoves;
}) {
  const { drizzle } = records.database;
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));

  async function list(): Promise<Tenant[]> {
    const [rows, keys, waiting] = await Promise.all([listTenantRows(drizzle), listKeyRows(drizzle), moves?.waiting()]);
    const who = await resolveWho(
      namesOf,
      rows.map((row) => row.createdBy),
    );
    return rows.map(({ createdAt, createdBy, ...row }) => {
      const own = keys.filter((key) => key.tenantId === row.id);
      const active = own.filter((key) => isUsable(key, records.clock())).length;
      return {
        ...row,
        policyMoveId: waiting?.get(row.id) ?? null,
        keys: { active, all: own.length },
        createdAt: toInstant(createdAt.getTime()),
        createdBy: who(createdBy),
      };
    });
  }

  const mayMove: TenantMoves['mayMove'] = (tx, actor, target) => {
    if (!moves) throw new AppError('internal', 'A policy of a tenant is changed where nobody can be asked about it.');
    return moves.mayMove(tx, actor, target);
  };

  async function read(id: string): Promise<Tenant> {
    const found = (await list()).find((tenant) => tenant.id === id);
    if (!found) throw new AppError('not_found', 'There is no such tenant. Reload the list.');
    return found;
  }

  async function entry(
    tx: Transaction,
    type: 'gateway.tenant-changed' | 'gateway.issuer-changed',
    actor: Actor,
    id: string,
    body: Record<string, JsonValue>,
  ): Promise<void> {
    await records.append(tx, {
      type,
      actor: ledgerActor(actor),
      subject: { kind: type === 'gateway.tenant-changed' ? 'gateway-tenant' : 'gateway-issuer', id },
      series: 'gateway',
      body: { at: toInstant(records.clock()), ...body },
      dedupeKey: `gateway:${newId('chg')}`,
    });
  }

  return {
    list,
    read,
    find: (idOrName: string): Promise<TenantRow> => findTenant(drizzle, idOrName),

    /** Throws `conflict` for a name in use and `not_found` for a policy that is not there. */
    async add(actor: Actor, input: NewTenant, purpose: TenantPurpose = 'callers'): Promise<Tenant> {
      const row: TenantRow = {
        id: newId('gtn'),
        name: input.name,
        purpose,
        audience: input.audience ?? 'customer',
        state: 'active',
        stateReason: null,
        stateReasonBy: null,
        policyId: input.policyId ?? null,
        limits: input.limits ?? DEFAULT_LIMITS,
        captureDays: 0,
        createdAt: new Date(records.clock()),
        createdBy: actorText(actor),
      };
      await withKnownPolicy(() =>
        records.change(LOCK, KINDS, async (tx) => {
          await insertTenant(tx, { ...row, policyId: null });
          const target = { kind: 'tenant', id: row.id, from: null, to: row.policyId } as const;
          if (row.policyId !== null && !(await mayMove(tx, actor, target))) row.policyId = null;
          if (row.policyId !== null) await updateTenant(tx, row.id, { policyId: row.policyId });
          // The name may be that of a person: it stays out of the ledger.
          const { audience, policyId, limits } = row;
          await entry(tx, 'gateway.tenant-changed', actor, row.id, {
            change: 'added',
            ...(purpose !== 'callers' && { purpose }),
            audience,
            policyId,
            limits,
          });
        }),
      );
      return read(row.id);
    },

    /** Changes what is named; suspending needs a reason. */
    async change(actor: Actor, idOrName: string, input: TenantChange): Promise<Tenant> {
      const known = await findTenant(drizzle, idOrName);
      const { reason, ...fields } = input;
      if (fields.state === 'suspended' && reason === undefined)
        throw new AppError('invalid_input', 'reason: say why the tenant is suspended. It is kept with the change.');
      await withKnownPolicy(() =>
        records.change(LOCK, KINDS, async (tx) => {
          const row = await takeTenant(tx, known.id);
          let names = (Object.keys(fields) as (keyof typeof fields)[])
            .filter((name) => JSON.stringify(fields[name]) !== JSON.stringify(row[name]))
            .sort();
          if (names.includes('policyId')) {
            const target = { kind: 'tenant', id: row.id, from: row.policyId, to: fields.policyId ?? null } as const;
            if (!(await mayMove(tx, actor, target))) names = names.filter((name) => name !== 'policyId');
          }
          if (names.length === 0) return;
          const set = Object.fromEntries(names.map((name) => [name, fields[name]])) as Partial<TenantRow>;
          await updateTenant(tx, row.id, {
            ...set,
            ...(names.includes('state') && { stateReason: reason ?? null, stateReasonBy: actorText(actor) }),
          });
          const told = names.filter((name) => name !== 'name');
          await entry(tx, 'gateway.tenant-changed', actor, row.id, {
            change: 'changed',
            fields: [...names],
            from: Object.fromEntries(told.map((name) => [name, row[name]])),
            to: Object.fromEntries(told.map((name) => [name, fields[name]])),
          });
        }),
      );
      return read(known.id);
    },

    async issuers(): Promise<Issuer[]> {
      const rows = await listIssuerRows(drizzle);
      const who = await resolveWho(
        namesOf,
        rows.map((row) => row.createdBy),
      );
      return rows.map((row) => ({
        ...row,
        algorithms: row.algorithms as Issuer['algorithms'],
        createdAt: toInstant(row.createdAt.getTime()),
        createdBy: who(row.createdBy),
      }));
    },

    /** From now on tokens of this issuer are accepted. */
    async addIssuer(actor: Actor, input: NewIssuer): Promise<string> {
      const { algorithms = ['RS256', 'ES256'], ...fields } = input;
      const row: IssuerRow = {
        id: newId('gji'),
        ...fields,
        algorithms,
        createdAt: new Date(records.clock()),
        createdBy: actorText(actor),
      };
      await records.change(LOCK, KINDS, async (tx) => {
        await insertIssuer(tx, row);
        await entry(tx, 'gateway.issuer-changed', actor, row.id, { change: 'added', ...fields, algorithms });
      });
      return row.id;
    },

    async removeIssuer(actor: Actor, id: string): Promise<void> {
      await records.change(LOCK, KINDS, async (tx) => {
        await deleteIssuer(tx, id);
        await entry(tx, 'gateway.issuer-changed', actor, id, { change: 'removed' });
      });
    },
  };
}

async function withKnownPolicy<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (databaseCode(error) === FOREIGN_KEY_VIOLATION)
      throw new AppError('invalid_input', 'policyId: there is no such policy. List the policies to see their ids.');
    throw error;
  }
}
