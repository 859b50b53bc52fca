import { toInstant } from '#src/kernel/time.ts';
import type { UserState } from './model.ts';
import type { UserRow } from './store.ts';

/** The day (UTC) of an instant, as `2026-11-23`. */
export function dayOf(atMs: number): string {
  return toInstant(atMs).slice(0, 10);
}

/** True through the whole of the last day. */
export function isOver(expiresOn: string | null, atMs: number): boolean {
  return expiresOn !== null && dayOf(atMs) > expiresOn;
}

export function stateOf(user: UserRow & { joined: boolean }, atMs: number): UserState {
  return whyInactive(user, atMs)?.state ?? (user.joined ? 'active' : 'invited');
}

/** Why a user may not come in right now; undefined when they may. */
export function whyInactive(
  user: Pick<UserRow, 'disabledAt' | 'expiresOn'>,
  atMs: number,
): { state: 'disabled' | 'expired'; message: string } | undefined {
  if (user.disabledAt) return { state: 'disabled', message: 'This account is disabled. Ask an owner or admin.' };
  if (isOver(user.expiresOn, atMs))
    return { state: 'expired', message: `Access for this account ended on ${user.expiresOn}. Ask an owner or admin.` };
  return undefined;
}
