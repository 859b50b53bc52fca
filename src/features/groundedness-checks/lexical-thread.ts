import type { Worker } from 'node:worker_threads';
import type { Groundedness } from '#src/detectors/groundedness/check-groundedness.ts';
import { AppError } from '#src/kernel/errors.ts';
import { openThread } from '#src/platform/thread.ts';

export type LexicalQuestion = { id: number; answer: string; context: string };
export type LexicalAnswer = { id: number; checked: Groundedness } | { id: number; error: string };

type Waiting = { resolve(checked: Groundedness): void; reject(error: Error): void; timer: NodeJS.Timeout };

/** Compares answers with contexts by their words, in a thread that is started with the first question and again after a failure. */
export class LexicalThread {
  readonly #timeoutMs: number;
  #worker: Worker | null = null;
  #asked = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with `unavailable` when the time is over or the thread ends; nothing is judged then. */
  check(answer: string, context: string): Promise<Groundedness> {
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      const id = ++this.#asked;
      const timer = setTimeout(() => this.#drop(worker), this.#timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      worker.postMessage({ id, answer, context } satisfies LexicalQuestion);
    });
  }

  close(): void {
    if (this.#worker) this.#drop(this.#worker);
  }

  #running(): Worker {
    if (this.#worker) return this.#worker;
    const worker = openThread(import.meta.url, 'lexical-worker');
    worker.unref();
    worker.on('message', (said: LexicalAnswer) => this.#settle(said));
    worker.on('error', () => this.#drop(worker));
    worker.on('exit', () => this.#drop(worker));
    this.#worker = worker;
    return worker;
  }

  #settle(said: LexicalAnswer): void {
    const waiting = this.#waiting.get(said.id);
    if (!waiting) return;
    this.#waiting.delete(said.id);
    clearTimeout(waiting.timer);
    if ('checked' in said) waiting.resolve(said.checked);
    else waiting.reject(new AppError('internal', `The comparison of words ended with ${said.error}.`));
  }

  // A comparison cannot be interrupted: the thread goes, and what it held with it.
  #drop(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new AppError('unavailable', 'The comparison of words took too long.'));
    }
    this.#waiting.clear();
    void worker.terminate();
  }
}
