import type { Decision } from '../decision.ts';
import type { DecisionSink } from '../ports.ts';
import { encodeDecision } from './encode-decision.ts';
import type { Journal } from './journal.ts';
import { JournalPages } from './journal-pages.ts';
import { type RecordedDecision, type RecordedWriter, recordedOf } from './recorded.ts';

const BATCH_MAX = 1_000;
/** What is held in memory for the writer. Past it the writer is too slow, and calls are refused. */
const QUEUE_MAX = 100_000;
const WRITE_EVERY_MS = 250;
const RETRY_MAX_MS = 30_000;

export type SinkParts = {
  journal: Journal;
  writer: RecordedWriter;
  /** After each batch that was written. What is needed of the JSON is read before it returns. */
  onWritten?: (batch: readonly RecordedDecision[]) => void;
  onError: (error: unknown) => void;
  batchMs?: number;
};

/**
 * Puts every decision into the journal before the answer it is about ends, and from there, in batches, to the writer. A
 * decision is encoded at once; all of one turn of the event loop go to the disk in one write.
 */
export class QueuedSink implements DecisionSink {
  readonly #parts: SinkParts;
  readonly #pages = new JournalPages();
  #turn: { recorded: RecordedDecision; then: (() => void) | null }[] = [];
  #queue: RecordedDecision[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #failures = 0;
  #journalFailed = false;
  /** Recorded while the disk took nothing: in memory only. */
  readonly #unkept = new Set<RecordedDecision>();
  #isClosed = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
  }

  get backlog(): number {
    return this.#turn.length + this.#queue.length;
  }

  /** False while calls must be refused, because they could not be recorded. */
  get hasRoom(): boolean {
    return !this.#journalFailed && this.#parts.journal.hasRoom && this.#queue.length < QUEUE_MAX;
  }

  record(decision: Decision): void {
    this.#add(decision, null);
  }

  /** Records, and calls `then` when the decision is in the journal: only now may the end of the answer go out. */
  recordThen(decision: Decision, then: () => void): void {
    this.#add(decision, then);
  }

  async flush(): Promise<void> {
    this.#endTurn();
    while (this.#queue.length > 0) {
      const before = this.#queue.length;
      await this.#write();
      if (this.#queue.length >= before) return;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#parts.journal.close();
  }

  #add(decision: Decision, then: (() => void) | null): void {
    const recorded = recordedOf(decision, this.#pages.put(encodeDecision(decision)));
    if (this.#turn.length === 0) setImmediate(() => this.#endTurn());
    this.#turn.push({ recorded, then });
  }

  #endTurn(): void {
    const turn = this.#turn;
    if (turn.length === 0) return;
    this.#turn = [];
    try {
      this.#parts.journal.append(this.#pages.takeNew(), turn.length);
      this.#journalFailed = false;
    } catch (error) {
      // These stay in memory and go to the writer; further calls are refused until the disk takes decisions again.
      this.#journalFailed = true;
      for (const { recorded } of turn) this.#unkept.add(recorded);
      this.#parts.onError(error);
    }
    for (const { recorded } of turn) this.#queue.push(recorded);
    for (const { then } of turn) {
      try {
        then?.();
      } catch (error) {
        // The end of one answer could not be sent; the others wait for theirs.
        this.#parts.onError(error);
      }
    }
    this.#schedule(this.#parts.batchMs ?? WRITE_EVERY_MS);
  }

  #schedule(afterMs: number): void {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, afterMs);
    this.#timer.unref();
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeBatches().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeBatches(): Promise<void> {
    const { writer, journal, onWritten, onError } = this.#parts;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH_MAX);
      try {
        await writer.writeRecorded(batch);
      } catch (error) {
        this.#failures++;
        onError(error);
        this.#schedule(Math.min(RETRY_MAX_MS, WRITE_EVERY_MS * 2 ** Math.min(this.#failures, 10)));
        return;
      }
      this.#failures = 0;
      this.#queue = this.#queue.slice(batch.length);
      journal.written(batch.filter((one) => !this.#unkept.delete(one)).length);
      onWritten?.(batch);
      this.#pages.free(batch.length);
    }
    // The disk may take decisions again; the next one will tell.
    this.#journalFailed = false;
  }
}
