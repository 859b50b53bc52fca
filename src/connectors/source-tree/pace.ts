import type { Clock } from '#src/kernel/time.ts';

// Reading small files with synchronous calls is several times faster than with promises. The scan shares its thread with
// a server, so it gives the thread back after each slice; 12 ms keeps the pause below what a person notices.
const SLICE_MS = 12;

/** Divides long work into slices, and ends it when it is cancelled or its time is over. */
export type Pace = {
  /** True when the slice is used up; then `await rest()` is due. */
  isDue(): boolean;
  /** Gives the thread back for a turn. Throws the signal's reason when the scan was cancelled. */
  rest(): Promise<void>;
  isTimeOver(): boolean;
};

export function createPace(options: { signal?: AbortSignal | undefined; now: Clock; timeMs: number }): Pace {
  const endsAt = options.now() + options.timeMs;
  let sliceStartedAt = performance.now();
  let timeOver = false;
  return {
    isDue: () => performance.now() - sliceStartedAt >= SLICE_MS,
    async rest() {
      await new Promise<void>((resume) => setImmediate(resume));
      options.signal?.throwIfAborted();
      timeOver = options.now() > endsAt;
      sliceStartedAt = performance.now();
    },
    isTimeOver: () => timeOver,
  };
}
