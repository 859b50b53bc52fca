import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Clock } from '#src/kernel/time.ts';

export const ATTEMPTS_MAX = 10;
export const WINDOW_MS = 15 * 60_000;
const ACCOUNTS_MAX = 10_000;

export type SignInThrottle = {
  /** Counts an attempt; throws `rate_limited` when this account had too many that failed. */
  attempt(email: string): void;
  /** Forgets the attempts: this one was its owner. */
  succeeded(email: string): void;
};

/**
 * Slows down guessing at one account from many addresses, which a limit per address does not see. Known and unknown
 * accounts are treated alike, so that the answer does not tell which exist. Held in memory: a restart forgives.
 */
export function createSignInThrottle(clock: Clock): SignInThrottle {
  const attempts = new Map<string, { count: number; sinceMs: number }>();
  const keyOf = (email: string) => sha256Hex(email.trim().toLowerCase());
  const current = (key: string) => {
    const held = attempts.get(key);
    return held && clock() - held.sinceMs < WINDOW_MS ? held : undefined;
  };
  return {
    // Counted before the password is checked, so that many attempts at once are not all let through.
    attempt(email) {
      const key = keyOf(email);
      const held = current(key) ?? { count: 0, sinceMs: clock() };
      if (held.count >= ATTEMPTS_MAX) {
        const waitMinutes = Math.ceil((held.sinceMs + WINDOW_MS - clock()) / 60_000);
        throw new AppError(
          'rate_limited',
          `Too many failed sign-ins for this account. Wait ${waitMinutes} minutes, or ask an owner or admin for a new link.`,
        );
      }
      // Moved to the end, so that the first entry is the one not seen for longest.
      attempts.delete(key);
      attempts.set(key, { ...held, count: held.count + 1 });
      const oldest = attempts.keys().next().value;
      if (attempts.size > ACCOUNTS_MAX && oldest !== undefined) attempts.delete(oldest);
    },
    succeeded(email) {
      attempts.delete(keyOf(email));
    },
  };
}
