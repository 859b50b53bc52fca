import { randomBytes } from 'node:crypto';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, type Instant, toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { deleteOpenLinks, insertLink } from './store.ts';

export const SETUP_LINK_MS = DAY_MS;
export const PASSWORD_LINK_MS = 7 * DAY_MS;
const TOKEN_BYTES = 32;

const PAGES = { setup: '/setup', password: '/invitation' } as const;
const LIFETIMES_MS = { setup: SETUP_LINK_MS, password: PASSWORD_LINK_MS } as const;

export type OneTimeLink = { url: string; expiresAt: Instant };

/** Makes a link that works once, in place of those made before for the same person. The token leaves only in the answer. */
export async function makeLink(
  tx: Transaction,
  link: { purpose: 'setup'; userId: null } | { purpose: 'password'; userId: string },
  { publicUrl, nowMs }: { publicUrl: string; nowMs: number },
): Promise<OneTimeLink> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(nowMs + LIFETIMES_MS[link.purpose]);
  await deleteOpenLinks(tx, link.userId);
  await insertLink(tx, {
    id: makeId('lnk', nowMs, randomBytes(10)),
    purpose: link.purpose,
    userId: link.userId,
    tokenSha256: hashToken(token),
    createdAt: new Date(nowMs),
    expiresAt,
  });
  const url = new URL(PAGES[link.purpose], publicUrl);
  url.searchParams.set('token', token);
  return { url: url.toString(), expiresAt: toInstant(expiresAt.getTime()) };
}

export function hashToken(token: string): string {
  return sha256Hex(token);
}
