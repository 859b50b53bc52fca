import type { resolveWho } from '#src/features/records/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { GatewayKey } from './model.ts';
import type { KeyWithUse } from './store.ts';
import type { GatewayKeyRow } from './tables.ts';

const instant = (at: Date | null) => (at ? toInstant(at.getTime()) : null);

export function isExpired(key: Pick<GatewayKeyRow, 'expiresAt'>, nowMs: number): boolean {
  return key.expiresAt !== null && key.expiresAt.getTime() <= nowMs;
}

/** True when the gateway would take the key now, if its tenant is active. */
export function isUsable(key: Pick<GatewayKeyRow, 'state' | 'expiresAt'>, nowMs: number): boolean {
  return key.state === 'active' && !isExpired(key, nowMs);
}

/** A key as it is shown: everything but what it is made of. */
export function presentKey(
  row: KeyWithUse,
  context: { tenantName: string; nowMs: number; who: Awaited<ReturnType<typeof resolveWho>> },
): GatewayKey {
  const { sha256: _, stateChangedAt: __, createdBy, createdAt, expiresAt, lastUsedAt, state, ...rest } = row;
  return {
    ...rest,
    tenantName: context.tenantName,
    state: state === 'active' && isExpired(row, context.nowMs) ? 'expired' : state,
    expiresAt: instant(expiresAt),
    lastUsedAt: instant(lastUsedAt),
    createdAt: toInstant(createdAt.getTime()),
    createdBy: context.who(createdBy),
  };
}
