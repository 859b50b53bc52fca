import type { Finding } from '#src/detectors/detect.ts';
import { isWeakWord, LONG_WORD, UNIT, UNIT_CLASS } from './risk.ts';

/** A stretch of the text that is taken out, in units from its beginning, and what stands in its place. */
export type Cut = { start: number; end: number; replacement: string };

export type HoldSettings = {
  /**
   * Judges a stretch of text. `from` is the place of its first unit in the whole text; findings that end at or before
   * `lookFrom` were or will be judged elsewhere. Gives the cuts to make, in the stretch's own units, ordered and apart.
   * null: this text must not go out at all.
   */
  judge: (stretch: string, from: number, lookFrom: number) => readonly Cut[] | null;
  /**
   * risky: only words that could matter are held back. everything: all words are, because an operator's term or pattern
   * may be made of any. all: nothing goes out before the end.
   */
  hold: 'risky' | 'everything' | 'all';
  /** Units at the end of a full window whose findings are not yet certain. At least as long as the longest operator's term. */
  tail: number;
};

export const DEFAULT_TAIL = 128;
/** After this many units without a risky word, a held stretch is judged: what belongs together stands closer. */
const CALM_UNITS = 40;
/** What is seen of the text before a held stretch: words before a value decide what it is. */
const CONTEXT_UNITS = 256;
const WINDOW_UNITS = 2_048;
const SMALL_WINDOW_UNITS = 256;
/** A finding that goes on past this is cut in pieces: a private key is shorter. */
const STRETCH_MAX = 16_384;

/**
 * Judges a text that comes in pieces. Every choice depends on the text alone and never on where it was split, so any split
 * gives the same result. `released` says up to where the text is certain; `cuts` what is taken out of it.
 */
export class HeldText {
  /** How many units are certain. */
  released = 0;
  /** In order and apart from each other; complete up to `released`. */
  readonly cuts: Cut[] = [];
  /** True once the judge has stopped the text. */
  stopped = false;
  /** The unit that was read when it was stopped. */
  stoppedAt = 0;
  readonly #settings: HoldSettings;
  readonly #windowUnits: number;
  /** The units from `#base` on: context, held and new. */
  #text = '';
  #base = 0;
  /** Where reading goes on, in units of the whole text. */
  #at = 0;
  #wordStart = 0;
  #isRisky = false;
  #dots = 0;
  #dashes = 0;
  #mayBeInner = false;
  /** The held stretch, or -1. */
  #stretch = -1;
  #window = 0;
  #riskyEnd = 0;
  /** First of the weak words right before this one, or -1. */
  #weak = -1;

  constructor(settings: HoldSettings) {
    this.#settings = settings;
    this.#windowUnits =
      settings.hold === 'everything'
        ? Math.max(SMALL_WINDOW_UNITS, settings.tail * 2)
        : Math.max(WINDOW_UNITS, settings.tail * 2);
  }

  get length(): number {
    return this.#base + this.#text.length;
  }

  push(piece: string): void {
    if (this.stopped || piece === '') return;
    this.#text += piece;
    this.#read();
  }

  /** No more will come: everything is judged and released. */
  end(): void {
    if (this.stopped) return;
    if (this.#at > this.#wordStart) this.#endWord(this.#at);
    if (this.stopped) return;
    if (this.#stretch >= 0) this.#judge(this.#at, true);
    if (!this.stopped) this.released = this.#at;
    this.#trim();
  }

  #read(): void {
    const { hold } = this.#settings;
    const text = this.#text;
    const base = this.#base;
    const end = base + text.length;
    let at = this.#at;
    for (; at < end; at++) {
      if (!this.#mayBeInner) {
        const limit = this.#calmUntil(end);
        while (at < limit && isLetter(text.charCodeAt(at - base))) at++;
        if (at === end) break;
      }
      switch (UNIT_CLASS[text.charCodeAt(at - base)]) {
        case UNIT.space:
          if (at > this.#wordStart) {
            this.#at = at;
            this.#endWord(at);
            if (this.stopped) {
              this.stoppedAt = at;
              return;
            }
          }
          this.#wordStart = at + 1;
          if (this.#stretch < 0 && this.#weak < 0) this.released = at + 1;
          break;
        case UNIT.risky:
          this.#isRisky = true;
          break;
        case UNIT.dot:
          this.#dots++;
          break;
        case UNIT.dash:
          this.#dashes++;
          break;
        case UNIT.inner:
          this.#mayBeInner = true;
          break;
        case UNIT.edge:
          break;
        default:
          // Punctuation was inside the word after all: a letter follows it.
          if (this.#mayBeInner) this.#isRisky = true;
      }
      if (hold === 'all') continue;
      if (this.#stretch >= 0 && at + 1 - this.#window >= this.#windowUnits) {
        this.#at = at + 1;
        this.#judge(at + 1, false);
        if (this.stopped) {
          this.stoppedAt = at;
          return;
        }
      } else if (this.#stretch < 0 && at + 1 - this.#wordStart >= this.#windowUnits / 2) {
        // A word without end is held like a risky one, and judged window by window.
        this.#open(this.#wordStart);
      }
    }
    this.#at = at;
    this.#trim();
  }

  /** Up to where letters change nothing: a window may become full there. */
  #calmUntil(end: number): number {
    if (this.#settings.hold === 'all') return end;
    const full =
      this.#stretch >= 0
        ? this.#window + this.#windowUnits - 1
        : this.#wordStart + Math.ceil(this.#windowUnits / 2) - 1;
    return Math.min(end, full);
  }

  #open(at: number): void {
    this.#stretch = this.#weak >= 0 ? this.#weak : at;
    this.#window = this.#stretch;
    this.#weak = -1;
  }

  /** `at` is the first unit after the word. */
  #endWord(at: number): void {
    const start = this.#wordStart;
    const isRisky =
      this.#isRisky ||
      this.#settings.hold !== 'risky' ||
      at - start >= LONG_WORD ||
      this.#dots >= 3 ||
      this.#dashes >= 4;
    if (isRisky) {
      if (this.#stretch < 0) this.#open(start);
      this.#riskyEnd = at;
      this.#weak = -1;
    } else if (isWeakWord(this.#text, start - this.#base, at - this.#base, this.#dots)) {
      if (this.#weak < 0) this.#weak = start;
    } else this.#weak = -1;
    this.#isRisky = false;
    this.#mayBeInner = false;
    this.#dots = 0;
    this.#dashes = 0;
    if (this.#stretch >= 0 && at - this.#riskyEnd >= CALM_UNITS && this.#settings.hold === 'risky')
      this.#judge(at, true);
  }

  /** Judges the held stretch up to `end`. `isWhole`: nothing after `end` belongs to it. */
  #judge(end: number, isWhole: boolean): void {
    const stretch = this.#stretch;
    const from = Math.max(this.#base, stretch - CONTEXT_UNITS);
    const judged = this.#text.slice(from - this.#base, end - this.#base);
    const cuts = this.#settings.judge(judged, from, stretch);
    if (cuts === null) {
      this.stopped = true;
      return;
    }
    let certain = end;
    if (!isWhole && end - stretch < STRETCH_MAX) {
      certain = end - this.#settings.tail;
      // A finding that reaches into the uncertain end may yet grow: it is held as a whole.
      for (const cut of cuts) if (cut.end + from > certain) certain = Math.min(certain, cut.start + from);
    }
    certain = Math.max(certain, stretch);
    for (const cut of cuts) {
      const start = Math.max(cut.start + from, stretch);
      const stop = cut.end + from;
      if (stop <= start || start >= certain) continue;
      this.cuts.push({ start, end: stop, replacement: cut.replacement });
    }
    if (isWhole) {
      this.#stretch = -1;
      this.released = this.#weak >= 0 ? this.#weak : end;
    } else {
      this.#stretch = certain;
      this.#window = certain === stretch ? end - this.#windowUnits / 2 : certain;
      this.released = certain;
      if (end - stretch >= STRETCH_MAX) this.#window = certain;
    }
  }

  #trim(): void {
    const start = this.#stretch >= 0 ? this.#stretch : this.#weak >= 0 ? this.#weak : this.#wordStart;
    const keepFrom = Math.max(this.#base, Math.min(start, this.released) - CONTEXT_UNITS);
    if (keepFrom - this.#base < 4_096) return;
    this.#text = this.#text.slice(keepFrom - this.#base);
    this.#base = keepFrom;
  }
}

function isLetter(unit: number): boolean {
  const kind = UNIT_CLASS[unit];
  return kind === UNIT.calm || kind === UNIT.upper;
}

/** Orders cuts and joins those that touch or overlap; of overlapping ones the first keeps its replacement. */
export function joinCuts(cuts: Cut[]): Cut[] {
  if (cuts.length < 2) return cuts;
  cuts.sort((a, b) => a.start - b.start || b.end - a.end);
  const joined: Cut[] = [];
  for (const cut of cuts) {
    const last = joined.at(-1);
    if (last !== undefined && cut.start < last.end) last.end = Math.max(last.end, cut.end);
    else joined.push({ ...cut });
  }
  return joined;
}

/** `text`, which begins at unit `from` of the whole, without the stretches that are cut out of the whole. */
export function applyCuts(text: string, from: number, cuts: readonly Cut[]): string {
  let result = '';
  let at = 0;
  for (const cut of cuts) {
    const start = cut.start - from;
    const end = cut.end - from;
    if (end <= 0) continue;
    if (start >= text.length) break;
    // Of a cut over several pieces the replacement stands in the first.
    if (start >= at) result += text.slice(at, start) + cut.replacement;
    at = Math.max(at, Math.min(text.length, end));
  }
  return result + text.slice(at);
}

/** What is written in the place of a finding. */
export function replacementFor(finding: Pick<Finding, 'kind'>): string {
  return `[REDACTED_${finding.kind.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}]`;
}
