const TICK_MS = 20;

/** Something that must have happened by a time. */
export type Deadline = {
  ticks: number;
  /** null: not yet counted; that begins with the next tick. */
  dueTick: number | null;
  readonly onDue: () => void;
};

/**
 * The time-outs of all calls under one timer: a call sets several and nearly all are taken back, which with a timer for each
 * costs more than what they watch. One is never due early, and late by two ticks and what the event loop is late. The timer
 * runs only while something is set.
 */
export class Deadlines {
  readonly #set = new Set<Deadline>();
  #timer: NodeJS.Timeout | null = null;
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  set(afterMs: number, onDue: () => void): Deadline {
    this.#timer ??= setInterval(() => this.#turn(), TICK_MS);
    const deadline = { ticks: Math.ceil(afterMs / TICK_MS), dueTick: null, onDue };
    this.#set.add(deadline);
    return deadline;
  }

  /** Counts again from now. What was due or cleared stays so. */
  restart(deadline: Deadline): void {
    deadline.dueTick = null;
  }

  clear(deadline: Deadline): void {
    this.#set.delete(deadline);
  }

  get size(): number {
    return this.#set.size;
  }

  #turn(): void {
    const tick = Math.floor(this.#now() / TICK_MS);
    for (const deadline of this.#set) {
      // Counted from here and not from when it was set, which nobody looked at the clock for.
      deadline.dueTick ??= tick + deadline.ticks;
      if (deadline.dueTick > tick) continue;
      this.#set.delete(deadline);
      deadline.onDue();
    }
    if (this.#set.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Of this process. */
export const deadlines = new Deadlines();
