import type { Decision } from '../decision.ts';
import type { EventTransport } from '../ports.ts';
import { decode, type RecordedDecision } from './recorded.ts';

export type EventSubscriber = (batch: readonly Decision[]) => void | Promise<void>;

/** Decisions for monitors of the same process. A subscriber that fails does not keep the others from theirs. */
export class LocalEvents implements EventTransport {
  readonly #subscribers = new Set<EventSubscriber>();

  /** The result ends the subscription. */
  subscribe(subscriber: EventSubscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  async publish(recorded: readonly RecordedDecision[]): Promise<void> {
    if (this.#subscribers.size === 0) return;
    const batch = recorded.map(decode);
    const failed = (await Promise.allSettled([...this.#subscribers].map(async (one) => one(batch)))).find(
      (one) => one.status === 'rejected',
    );
    if (failed) throw failed.reason;
  }
}
