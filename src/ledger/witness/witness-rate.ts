/** So many requests at once, and so many a second in the long run. */
export type Rate = { burst: number; perSecond: number };

/** Counts requests by where they come from. Remembers at most `sourcesMax` sources, so memory is bounded too. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #sourcesMax: number;
  // In the order of last use, oldest first.
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(rate: Rate, sourcesMax = 10_000) {
    this.#rate = rate;
    this.#sourcesMax = sourcesMax;
  }

  /** Seconds to wait, 0 when the request may be served. `nowMs` comes from a clock that never goes back. */
  take(source: string, nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    const bucket = this.#buckets.get(source) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
    this.#buckets.delete(source);
    if (this.#buckets.size >= this.#sourcesMax) this.#forgetOldest();
    const left = tokens >= 1 ? tokens - 1 : tokens;
    this.#buckets.set(source, { tokens: left, atMs: nowMs });
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}

/** The source an address belongs to: itself, or its /64 for IPv6, of which anybody has as many addresses as they like. */
export function sourceOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.toLowerCase().startsWith('::ffff:')) return address.slice(7);
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
