import { lookup as dnsLookup } from 'node:dns';
import { isIP } from 'node:net';
import { Pool } from 'undici';
import { checkedLookup, mayReach, type Resolve } from '#src/platform/outbound.ts';
import type { Provider } from '../snapshot.ts';

const CONNECTIONS_MAX = 256;
const KEEP_ALIVE_MS = 30_000;

/**
 * One pool of connections for each provider. The addresses of a name are checked when a connection is made, and the checked
 * one is connected to; nothing follows redirects.
 */
export class Upstreams {
  readonly #pools = new Map<string, { key: string; pool: Pool }>();
  readonly #resolve: Resolve;

  constructor(resolve: Resolve = (host, callback) => dnsLookup(host, { all: true }, callback)) {
    this.#resolve = resolve;
  }

  /** The pool of a provider, or null when its address may not be called. */
  poolOf(provider: Provider): Pool | null {
    const { timeouts, allowPrivateAddress } = provider;
    const key = `${provider.baseUrl} ${allowPrivateAddress} ${timeouts.connectMs}`;
    const known = this.#pools.get(provider.id);
    if (known?.key === key) return known.pool;
    const url = new URL(provider.baseUrl);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    // A name is checked when it is looked up; an address never is.
    if (isIP(literal) !== 0 && !mayReach(literal, allowPrivateAddress)) return null;
    // Calls under way end on the old pool.
    if (known) void known.pool.close().catch(() => undefined);
    const pool = new Pool(url.origin, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Our own timers are finer, and know in which phase a call is.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 32_768,
      connect: { timeout: timeouts.connectMs, lookup: checkedLookup(this.#resolve, allowPrivateAddress) },
    });
    this.#pools.set(provider.id, { key, pool });
    return pool;
  }

  /** Lets go of providers that are no longer configured. */
  keepOnly(providerIds: ReadonlySet<string>): void {
    for (const [id, { pool }] of this.#pools) {
      if (providerIds.has(id)) continue;
      this.#pools.delete(id);
      void pool.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.destroy().catch(() => undefined)));
    this.#pools.clear();
  }
}
