import type { SnapshotSource } from '#src/gateway/ports.ts';
import { EMPTY_SNAPSHOT, type GatewaySnapshot, snapshotDigest } from '#src/gateway/snapshot.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { configurationVersion, loadSnapshot } from './snapshot.ts';

const CHANNEL = 'gateway_snapshot';
// A notification may be lost with its connection; this is how long such a change stays unseen.
const POLL_MS = 5_000;
const RECONNECT_MS = 500;

export type OpenSnapshotSource = SnapshotSource & {
  /** Reads at once what is there now, and tells the listeners where it differs. */
  refresh(): Promise<void>;
  close(): Promise<void>;
};

/**
 * The configuration of the gateway as one node sees it: the notification of a change reloads it, and every few seconds it is
 * looked at anyway. What was last read stays in force while the database is away. Resolves once there is a first snapshot.
 */
export async function openSnapshotSource(parts: {
  database: Database;
  secrets: Pick<Secrets, 'get'>;
  clock: Clock;
  log: Log;
  pollMs?: number;
}): Promise<OpenSnapshotSource> {
  const source = new Source(parts);
  await source.refresh();
  source.start(parts.pollMs ?? POLL_MS);
  return source;
}

type Parts = Parameters<typeof openSnapshotSource>[0];

class Source implements OpenSnapshotSource {
  #parts: Parts;
  #snapshot: GatewaySnapshot = EMPTY_SNAPSHOT;
  #digest = '';
  #changesAtMs: number | null = null;
  #keys = new Map<string, string>();
  #listeners = new Set<() => void>();
  #loading: Promise<void> | null = null;
  #stale = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #release: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  current(): GatewaySnapshot {
    return this.#snapshot;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async providerSecret(secretName: string): Promise<string | null> {
    const held = this.#keys.get(secretName);
    if (held !== undefined) return held;
    const key = await this.#parts.secrets.get(secretName);
    if (key !== null) this.#keys.set(secretName, key);
    return key;
  }

  start(pollMs: number): void {
    void this.#listen();
    this.#timer = setInterval(() => void this.#poll(), pollMs);
    this.#timer.unref();
  }

  /** One load at a time; a change that comes meanwhile makes it load once more. */
  refresh(): Promise<void> {
    this.#stale = true;
    this.#loading ??= this.#loadWhileStale().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#reconnect);
    this.#release?.();
    await this.#loading?.catch(() => undefined);
  }

  async #loadWhileStale(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      const { snapshot, changesAtMs } = await loadSnapshot(this.#parts.database, this.#parts.clock());
      const digest = snapshotDigest(snapshot);
      this.#changesAtMs = changesAtMs;
      if (digest === this.#digest) continue;
      // Before the swap, so that no call waits for the secret store or meets a key that is gone.
      this.#keys = await this.#keysOf(snapshot);
      this.#snapshot = snapshot;
      this.#digest = digest;
      for (const listener of this.#listeners) listener();
    }
  }

  async #keysOf({ providers }: GatewaySnapshot): Promise<Map<string, string>> {
    const keys = new Map<string, string>();
    for (const { id, secretName } of providers) {
      if (secretName === null) continue;
      try {
        const key = this.#keys.get(secretName) ?? (await this.#parts.secrets.get(secretName));
        if (key !== null) keys.set(secretName, key);
      } catch (error) {
        // One key that does not open must not keep a revocation from coming into force.
        this.#parts.log.error({ err: error, provider: id }, 'the key of a provider cannot be read');
      }
    }
    return keys;
  }

  async #poll(): Promise<void> {
    try {
      const due = this.#changesAtMs !== null && this.#parts.clock() >= this.#changesAtMs;
      if (due || (await configurationVersion(this.#parts.database.drizzle)) !== this.#snapshot.version)
        await this.refresh();
    } catch (error) {
      this.#parts.log.warn(
        { err: error },
        'the configuration of the gateway cannot be read; what was read last stays in force',
      );
    }
  }

  async #listen(): Promise<void> {
    if (this.#closed) return;
    try {
      const client = await this.#parts.database.pool.connect();
      let released = false;
      const release = (broken: boolean) => {
        if (released) return;
        released = true;
        client.removeAllListeners('notification');
        // A connection that listens is not given back to others.
        client.release(true);
        if (broken && !this.#closed) this.#again();
      };
      this.#release = () => release(false);
      client.on('notification', () => void this.#refreshQuietly());
      client.once('error', () => release(true));
      client.once('end', () => release(true));
      if (this.#closed) return release(false);
      await client.query(`listen ${CHANNEL}`);
      // Whatever changed while nobody listened.
      await this.#refreshQuietly();
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the gateway cannot listen for changes; it looks every few seconds instead');
      this.#release?.();
      this.#again();
    }
  }

  #again(): void {
    if (this.#closed) return;
    clearTimeout(this.#reconnect);
    this.#reconnect = setTimeout(() => void this.#listen(), RECONNECT_MS);
    this.#reconnect.unref();
  }

  async #refreshQuietly(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.#parts.log.warn(
        { err: error },
        'a change of the gateway cannot be read yet; what was read last stays in force',
      );
    }
  }
}
