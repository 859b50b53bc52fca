import { sha256Hex } from '#src/kernel/hash.ts';
import { SPANS_MAX, type Span, type Verdict } from '../decision.ts';
import type { Action, PolicyDetector } from '../snapshot.ts';

const KINDS_MAX = 32;
const NO_KINDS: string[] = [];
const NO_SPANS: Span[] = [];

/** What one detector of a policy has to say about one direction of a call, gathered field by field. */
export class VerdictNotes {
  charactersScanned = 0;
  fieldsScanned = 0;
  tookUs = 0;
  score: number | null = null;
  reason: string | null = null;
  readonly detector: PolicyDetector;
  readonly version: string;
  readonly direction: 'input' | 'output';
  // Most verdicts find nothing, and wait with their decision until it is written: they share one empty list.
  #kinds: string[] = NO_KINDS;
  #spans: Span[] = NO_SPANS;
  #found = false;
  #redacted = false;

  constructor(detector: PolicyDetector, direction: 'input' | 'output', version: string) {
    this.detector = detector;
    this.direction = direction;
    this.version = version;
  }

  scanned(characters: number): void {
    this.charactersScanned += characters;
    this.fieldsScanned++;
  }

  found(kind: string, score: number): void {
    this.#found = true;
    if (!this.#kinds.includes(kind) && this.#kinds.length < KINDS_MAX) this.#kinds = [...this.#kinds, kind];
    if (this.score === null || score > this.score) this.score = score;
  }

  at(field: string, start: number, end: number, kind: string, text: string, salt: string): void {
    if (this.#spans.length >= SPANS_MAX) return;
    if (this.#spans === NO_SPANS) this.#spans = [];
    this.#spans.push({ field: field.slice(0, 200), start, end, kind, sha256: sha256Hex(`${salt}\u0000${text}`) });
  }

  redacted(): void {
    this.#redacted = true;
  }

  get isFound(): boolean {
    return this.#found;
  }

  get kinds(): readonly string[] {
    return this.#kinds;
  }

  verdict(): Verdict {
    const { action, detector, threshold } = this.detector;
    return {
      detector,
      direction: this.direction,
      action,
      outcome: this.#outcome(action),
      score: this.score === null ? null : Math.round(this.score * 1e4) / 1e4,
      threshold,
      kinds: this.#kinds,
      spans: this.#spans,
      charactersScanned: this.charactersScanned,
      fieldsScanned: this.fieldsScanned,
      detectorVersion: this.version,
      tookUs: Math.round(this.tookUs),
      reason: this.reason,
    };
  }

  #outcome(action: Action): Verdict['outcome'] {
    if (this.reason !== null && !this.#found) return 'not_evaluated';
    if (!this.#found) return 'clean';
    if (action === 'block') return 'blocked';
    if (action === 'redact') return this.#redacted ? 'redacted' : 'flagged';
    return 'flagged';
  }
}
