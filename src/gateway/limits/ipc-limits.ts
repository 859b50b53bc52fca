import type { Amounts, LimitScope, LimitStore, Reservation } from './limit-store.ts';

// Workers of one machine count together: the parent keeps the counters, and they ask it over the channel between them.

type Ask =
  | {
      kind: 'assay-limit';
      op: 'reserve';
      number: number;
      scopes: readonly LimitScope[];
      amounts: Amounts;
      atMs: number;
    }
  | {
      kind: 'assay-limit';
      op: 'settle';
      id: string;
      scopes: readonly LimitScope[];
      reserved: Amounts;
      used: Amounts;
      atMs: number;
    };
type Answer = { kind: 'assay-limit-answer'; number: number; reservation: Reservation };

/** One end of a channel between processes. */
export type Channel = {
  send(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
};

const TIMEOUT_MS = 5_000;

/** The side of a worker. */
export class IpcLimits implements LimitStore {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, { resolve: (reservation: Reservation) => void; late: NodeJS.Timeout }>();
  #next = 1;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.on('message', (message) => {
      if (!isAnswer(message)) return;
      const waiting = this.#waiting.get(message.number);
      if (!waiting) return;
      this.#waiting.delete(message.number);
      clearTimeout(waiting.late);
      waiting.resolve(message.reservation);
    });
  }

  reserve(scopes: readonly LimitScope[], amounts: Amounts, atMs: number): Promise<Reservation> {
    const number = this.#next++;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(number);
        reject(new Error('the parent process does not count'));
      }, TIMEOUT_MS);
      this.#waiting.set(number, { resolve, late });
      this.#send({ kind: 'assay-limit', op: 'reserve', number, scopes, amounts, atMs });
    });
  }

  settle(id: string, scopes: readonly LimitScope[], reserved: Amounts, used: Amounts, atMs: number): void {
    this.#send({ kind: 'assay-limit', op: 'settle', id, scopes, reserved, used, atMs });
  }

  async close(): Promise<void> {
    for (const { late } of this.#waiting.values()) clearTimeout(late);
    this.#waiting.clear();
  }

  #send(ask: Ask): void {
    this.#channel.send(ask);
  }
}

/** The side of the parent. The result is called when the worker is gone, and frees what it held. */
export function serveLimits(limits: LimitStore, worker: Channel): () => void {
  const held = new Map<string, { scopes: readonly LimitScope[]; amounts: Amounts; atMs: number }>();
  worker.on('message', (message) => {
    if (!isAsk(message)) return;
    if (message.op === 'settle') {
      held.delete(message.id);
      limits.settle(message.id, message.scopes, message.reserved, message.used, message.atMs);
      return;
    }
    const { number, scopes, amounts, atMs } = message;
    void Promise.resolve(limits.reserve(scopes, amounts, atMs)).then((reservation) => {
      if (reservation.granted) held.set(reservation.id, { scopes, amounts, atMs });
      worker.send({ kind: 'assay-limit-answer', number, reservation } satisfies Answer);
    });
  });
  return () => {
    // What a dead worker reserved stays charged; only its places among concurrent calls are free again.
    for (const [id, { scopes, amounts, atMs }] of held) limits.settle(id, scopes, amounts, amounts, atMs);
    held.clear();
  };
}

function isAsk(message: unknown): message is Ask {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'assay-limit';
}

function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'assay-limit-answer';
}
