import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { isInstant, type Leaf } from '../log/leaf-form.ts';

/** What the entries of a bundle say of runs that were announced. */
export type ScheduleFound = {
  /** Runs announced, and of those the runs in periods that are told to be over. */
  expected: number;
  closed: number;
  done: number;
  /** Stretches in which no run took place, oldest first. */
  missed: { from: string; to: string }[];
  /** Runs announced only after their time had begun, as nothing ran before. */
  late: number;
};

type Period = { runs: number; late: boolean };

/**
 * Reads `test.expected` and `test.performed`: periods in which runs are due, and which of these took place. Source:
 * docs/spec/ledger.md, section 3.1. What does not have that form is left out: older logs have others.
 */
export class ScheduleReader {
  readonly #expected = new Map<string, Period>();
  readonly #performed = new Map<string, { done: number; runs: number }>();
  readonly #missed: { from: string; to: string }[] = [];

  note(leaf: Leaf): void {
    const { body, series } = leaf.value;
    if (!isRecord(body) || !isRecord(series) || typeof series.id !== 'string') return;
    const { from, to, runs, done } = body;
    if (!isAt(from) || !isAt(to) || !isCount(runs)) return;
    const key = `${series.id} ${from} ${to}`;
    if (leaf.type === 'test.expected') this.#expected.set(key, { runs, late: body.late === true });
    else if (leaf.type === 'test.performed' && isCount(done) && done <= runs) {
      this.#performed.set(key, { done, runs });
      if (Array.isArray(body.missed))
        for (const stretch of body.missed)
          if (isRecord(stretch) && isAt(stretch.from) && isAt(stretch.to))
            this.#missed.push({ from: stretch.from, to: stretch.to });
    }
  }

  found(): ScheduleFound | null {
    if (this.#expected.size === 0) return null;
    const found: ScheduleFound = { expected: 0, closed: 0, done: 0, missed: this.#missed, late: 0 };
    for (const [key, { runs, late }] of this.#expected) {
      found.expected += runs;
      if (late) found.late += runs;
      const performed = this.#performed.get(key);
      if (!performed) continue;
      found.closed += runs;
      found.done += Math.min(performed.done, runs);
    }
    found.missed.sort((a, b) => (a.from < b.from ? -1 : 1));
    return found;
  }
}

function isAt(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && isInstant(value);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: JsonValue | undefined): value is { [member: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
