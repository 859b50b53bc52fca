import { hash } from 'node:crypto';

/**
 * Remembers what was found in a text, so that the turns of a conversation that come again with every call are judged once.
 * Holds places and kinds, no text. The tenant and the policy are part of each key: nothing of one tenant can be told from
 * the speed or the result of another's call.
 */
export class ScreenMemo<T> {
  readonly #most: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(most = 20_000) {
    this.#most = most;
  }

  key(tenantId: string, policyDigest: string, role: string, text: string): string {
    return hash('sha256', `${tenantId}\u0000${policyDigest}\u0000${role}\u0000${text}`, 'binary');
  }

  get(key: string): T | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: T): void {
    // Two generations in place of an order of use: what was not asked for during one is dropped.
    if (this.#young.size >= this.#most / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
