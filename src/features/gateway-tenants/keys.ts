import { randomBytes } from 'node:crypto';
import { type Actor, actorText, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { changeKeyState, recordKeyChange, setKeyLimits } from './key-actions.ts';
import {
  DEFAULT_OVERLAP_HOURS,
  DEFAULT_SCOPES,
  type GatewayKey,
  KEY_AGE_DAYS,
  KEY_DAYS_MAX,
  KEY_PREFIX,
  type KeyMade,
  type KeyState,
  type Limits,
  type NewKey,
  type TenantPurpose,
} from './model.ts';
import { isExpired, presentKey } from './present-key.ts';
import type { GatewayTenantsDependencies } from './service.ts';
import { findTenant, insertKey, listKeyRows, listTenantRows, takeKey, takeTenant, updateKey } from './store.ts';
import type { GatewayKeyRow } from './tables.ts';

export type GatewayKeysService = ReturnType<typeof createGatewayKeys>;

const LOCK = 'gateway';
const KINDS = ['gateway-key'] as const;
// 256 bits, so that a plain hash is enough to keep: there is nothing to guess.
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = KEY_PREFIX.length + 6;

/** Keys with which the programs of a tenant call the gateway. */
export function createGatewayKeys({ records, namesOf }: GatewayTenantsDependencies) {
  const { drizzle } = records.database;
  const actions = { append: records.append, clock: records.clock };

  async function list(tenantId?: string): Promise<GatewayKey[]> {
    const [rows, tenants] = await Promise.all([listKeyRows(drizzle, tenantId), listTenantRows(drizzle)]);
    const who = await resolveWho(
      namesOf,
      rows.map((row) => row.createdBy),
    );
    const nameOf = new Map(tenants.map((tenant) => [tenant.id, tenant.name]));
    const nowMs = records.clock();
    return rows.map((row) => presentKey(row, { tenantName: nameOf.get(row.tenantId) ?? row.tenantId, nowMs, who }));
  }

  async function read(id: string): Promise<GatewayKey> {
    const found = (await list()).find((key) => key.id === id);
    if (!found) throw new AppError('not_found', 'There is no such key. Reload the list.');
    return found;
  }

  function makeRow(
    fields: Omit<GatewayKeyRow, keyof Made | 'state' | 'stateReason' | 'stateReasonBy' | 'stateChangedAt'>,
    actor: Actor,
  ) {
    const secret = KEY_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
    const made: Made = {
      id: makeId('gky', records.clock(), randomBytes(10)),
      sha256: sha256Hex(secret),
      prefix: secret.slice(0, SHOWN_CHARACTERS),
      createdAt: new Date(records.clock()),
      createdBy: actorText(actor),
    };
    const row: GatewayKeyRow = {
      ...fields,
      ...made,
      state: 'active',
      stateReason: null,
      stateReasonBy: null,
      stateChangedAt: null,
    };
    return { secret, row };
  }

  return {
    list,
    read,

    /** The key is in this answer and nowhere else: only its hash is stored. Throws `conflict` for a tenant of another purpose. */
    async create(actor: Actor, input: NewKey, purpose: TenantPurpose = 'callers'): Promise<KeyMade> {
      const known = await findTenant(drizzle, input.tenantId);
      const { secret, row } = await records.change(LOCK, KINDS, async (tx) => {
        const tenant = await takeTenant(tx, known.id);
        refuseOwn(tenant, purpose);
        const nowMs = records.clock();
        const made = makeRow(
          {
            tenantId: tenant.id,
            name: input.name,
            scopes: input.scopes ?? DEFAULT_SCOPES,
            models: input.models ?? null,
            expiresAt: endOf(input.expiresAt, nowMs, KEY_AGE_DAYS[tenant.audience]),
            limits: input.limits ?? null,
            rotatedFromId: null,
          },
          actor,
        );
        await insertKey(tx, made.row);
        await recordKeyChange(tx, actions, actor, made.row.id, { change: 'made', ...rightsOf(made.row) });
        return made;
      });
      return { key: await read(row.id), secret };
    },

    /** Suspends, resumes or revokes. */
    async changeState(actor: Actor, keyId: string, state: KeyState, reason: string): Promise<GatewayKey> {
      await records.change(LOCK, KINDS, (tx) => changeKeyState(tx, { keyId, state, reason, by: actor }, actions));
      return read(keyId);
    },

    async setLimits(actor: Actor, keyId: string, limits: Limits | null, reason: string): Promise<GatewayKey> {
      await records.change(LOCK, KINDS, (tx) => setKeyLimits(tx, { keyId, limits, reason, by: actor }, actions));
      return read(keyId);
    },

    /**
     * A new key with the rights of the old one, which goes on working for the overlap so that callers can change over.
     * Throws `conflict` for a key that does not work any more.
     */
    async rotate(actor: Actor, keyId: string, overlapHours = DEFAULT_OVERLAP_HOURS): Promise<KeyMade> {
      const { secret, row } = await records.change(LOCK, KINDS, async (tx) => {
        const old = await takeKey(tx, keyId);
        const nowMs = records.clock();
        if (old.state !== 'active' || isExpired(old, nowMs))
          throw new AppError(
            'conflict',
            `The key ${old.prefix}… does not work any more, so that there is nothing to change over from. Make a new key.`,
          );
        const tenant = await takeTenant(tx, old.tenantId);
        refuseOwn(tenant, 'callers');
        const { name, scopes, models, limits, tenantId } = old;
        const expiresAt = new Date(nowMs + KEY_AGE_DAYS[tenant.audience] * DAY_MS);
        const made = makeRow({ tenantId, name, scopes, models, limits, expiresAt, rotatedFromId: old.id }, actor);
        await insertKey(tx, made.row);
        await recordKeyChange(tx, actions, actor, made.row.id, {
          change: 'rotated',
          rotatedFrom: old.id,
          ...rightsOf(made.row),
        });
        if (overlapHours === 0) {
          const reason = `Rotated: ${made.row.prefix}… takes its place.`;
          await changeKeyState(tx, { keyId: old.id, state: 'revoked', reason, by: actor }, actions);
        } else {
          const end = nowMs + overlapHours * HOUR_MS;
          const expiresAtMs = Math.min(end, old.expiresAt?.getTime() ?? end);
          await updateKey(tx, old.id, {
            expiresAt: new Date(expiresAtMs),
            stateReason: `Rotated: ${made.row.prefix}… takes its place.`,
            stateReasonBy: null,
          });
          await recordKeyChange(tx, actions, actor, old.id, {
            change: 'ends',
            tenant: old.tenantId,
            expiresAt: toInstant(expiresAtMs),
          });
        }
        return made;
      });
      return { key: await read(row.id), secret };
    },
  };
}

type Made = Pick<GatewayKeyRow, 'id' | 'sha256' | 'prefix' | 'createdAt' | 'createdBy'>;

function rightsOf(row: GatewayKeyRow) {
  return {
    tenant: row.tenantId,
    scopes: row.scopes,
    models: row.models,
    limits: row.limits,
    expiresAt: row.expiresAt ? toInstant(row.expiresAt.getTime()) : null,
  };
}

function endOf(asked: string | undefined, nowMs: number, usualDays: number): Date {
  if (asked === undefined) return new Date(nowMs + usualDays * DAY_MS);
  const atMs = Date.parse(asked);
  if (atMs <= nowMs) throw new AppError('invalid_input', 'expiresAt: is in the past.');
  if (atMs > nowMs + KEY_DAYS_MAX * DAY_MS)
    throw new AppError('invalid_input', `expiresAt: is more than ${KEY_DAYS_MAX} days away.`);
  return new Date(atMs);
}

/** What calls under a tenant of the product's own is left out of every AI system: nobody else gets a key of one. */
function refuseOwn(tenant: { name: string; purpose: TenantPurpose }, purpose: TenantPurpose): void {
  if (tenant.purpose !== purpose)
    throw new AppError('conflict', `The tenant "${tenant.name}" is for calls of the product itself. Choose another.`);
}
