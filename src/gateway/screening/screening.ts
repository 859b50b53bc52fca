import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Role } from '#src/detectors/detect.ts';
import type { compileLeak } from '#src/detectors/prompt-leak/detect-leak.ts';
import type { Verdict } from '../decision.ts';
import { applyCuts, type Cut, HeldText, type HoldSettings, joinCuts, replacementFor } from './held-text.ts';
import type { ScreenMemo } from './memo.ts';
import { type Hit, isOneWord, type Screen } from './screen.ts';
import { VerdictNotes } from './verdicts.ts';

/** What was found in one text, remembered for when it comes again. */
export type TextFindings = { hits: readonly Hit[]; cuts: readonly Cut[]; injectionScore: number | null };

/** Where a text stands, or what tells it when it is asked. */
export type TextPlace = string | { readonly path: string };

function pathOf(at: TextPlace): string {
  return typeof at === 'string' ? at : at.path;
}

/** A text whose score leaves open what it is, as it would be passed on. */
export type Doubt = { path: string; text: string; role: 'user' | 'document' | 'tool' };

/** Longer texts are judged in slices, and other calls get their turn between two of them. */
const SLICE_UNITS = 32_768;
const OVERLAP_UNITS = 1_024;
const MEMO_LEAST_UNITS = 24;

export type ScreeningParts = {
  screen: Screen;
  tenantId: string;
  policyDigest: string;
  /** Salt of this installation for the hashes of what was found. */
  salt: string;
  memo: ScreenMemo<TextFindings> | null;
  /** Planted values of other tenants; each is a leak wherever it is seen. */
  canaries: readonly string[];
  /** Finds what repeats the instructions of this call. */
  leak: ReturnType<typeof compileLeak> | null;
  detectorVersion: string;
};

/** Judges the texts of one direction of one call and keeps the notes for its verdicts. */
export class Screening {
  readonly notes: readonly VerdictNotes[];
  readonly #parts: ScreeningParts;
  /** Set when a finding stops the call. */
  blocked: VerdictNotes | null = null;
  canaryLeak = false;
  changed = false;
  readonly doubts: Doubt[] = [];
  /** Why a check could not be made. */
  failure: string | null = null;
  charactersScanned = 0;
  fieldsScanned = 0;

  constructor(parts: ScreeningParts) {
    this.#parts = parts;
    const { screen, detectorVersion } = parts;
    this.notes = screen.detectors.map((one) => new VerdictNotes(one, screen.direction, detectorVersion));
  }

  /** A planted value that is no risky word would pass where only those are looked at. */
  get #hold(): HoldSettings['hold'] {
    const { screen, canaries } = this.#parts;
    return screen.hold === 'risky' && !canaries.every(isOneWord) ? 'everything' : screen.hold;
  }

  get screen(): Screen {
    return this.#parts.screen;
  }

  /** For whom and by which policy it judges: what is remembered of a text holds for no other. */
  get scope(): { tenantId: string; policyDigest: string } {
    return this.#parts;
  }

  verdicts(): Verdict[] {
    return this.notes.map((one) => one.verdict());
  }

  fail(reason: string): void {
    this.failure = reason;
    for (const one of this.notes) one.reason ??= reason;
  }

  /** Judges a whole text; the result is the text to pass on. A promise only where the text is long. */
  text(at: TextPlace, text: string, role: Role): string | Promise<string> {
    const found = this.judge(text, role);
    return found instanceof Promise
      ? found.then((one) => this.take(at, text, role, one))
      : this.take(at, text, role, found);
  }

  /** What is found in a whole text, without noting it. */
  judge(text: string, role: Role): TextFindings | Promise<TextFindings> {
    const { memo, tenantId, policyDigest } = this.#parts;
    const key = memo && text.length >= MEMO_LEAST_UNITS ? memo.key(tenantId, policyDigest, role, text) : null;
    const known = key === null ? undefined : memo?.get(key);
    if (known) return known;
    const keep = (found: TextFindings) => {
      if (key !== null) memo?.set(key, found);
      return found;
    };
    return text.length > SLICE_UNITS ? this.#judgeLong(text, role).then(keep) : keep(this.#judge(text, role));
  }

  /** Judges a text that comes in pieces. What is found is noted as it is found. */
  stream(path: string): HeldText {
    const { screen } = this.#parts;
    this.fieldsScanned++;
    return new HeldText({
      hold: this.#hold,
      tail: screen.tail,
      judge: (stretch, from, lookFrom) => {
        const hits = this.#dataHits(stretch).filter((hit) => hit.end + from > lookFrom);
        this.#note(path, stretch, from, hits);
        if (this.blocked) return null;
        return this.#cutsOf(hits);
      },
    });
  }

  streamed(characters: number): void {
    this.charactersScanned += characters;
    for (const number of this.screen.looksAt('assistant')) this.notes[number]?.scanned(characters);
  }

  #judge(text: string, role: Role): TextFindings {
    const held = this.#collector();
    held.text.push(text);
    held.text.end();
    const { injection } = this.screen;
    const judged = injection && isJudged(role) ? injection(text, role) : null;
    return this.#findings(held, judged ? [judged] : []);
  }

  async #judgeLong(text: string, role: Role): Promise<TextFindings> {
    const held = this.#collector();
    const { injection } = this.screen;
    const judged: { hits: Hit[]; score: number | null }[] = [];
    for (let from = 0; from < text.length; from += SLICE_UNITS) {
      held.text.push(text.slice(from, from + SLICE_UNITS));
      if (injection && isJudged(role)) {
        const start = Math.max(0, from - OVERLAP_UNITS);
        const part = injection(text.slice(start, from + SLICE_UNITS), role);
        judged.push({
          score: part.score,
          hits: part.hits.map((hit) => ({ ...hit, start: hit.start + start, end: hit.end + start })),
        });
      }
      await nextTurn();
    }
    held.text.end();
    return this.#findings(held, judged);
  }

  #collector(): { text: HeldText; hits: Hit[] } {
    const hits: Hit[] = [];
    const { screen } = this.#parts;
    const judge: HoldSettings['judge'] = (stretch, from, lookFrom) => {
      const found = this.#dataHits(stretch);
      for (const hit of found)
        if (hit.end + from > lookFrom) hits.push({ ...hit, start: hit.start + from, end: hit.end + from });
      return this.#cutsOf(found);
    };
    return {
      text: new HeldText({ hold: this.#hold === 'risky' ? 'risky' : 'everything', tail: screen.tail, judge }),
      hits,
    };
  }

  #findings(
    held: { text: HeldText; hits: Hit[] },
    judged: readonly { hits: Hit[]; score: number | null }[],
  ): TextFindings {
    const steering = judged.flatMap((one) => one.hits);
    const scores = judged.flatMap((one) => (one.score === null ? [] : [one.score]));
    const cuts = joinCuts([...held.text.cuts, ...this.#cutsOf(steering)]);
    return {
      hits: [...held.hits, ...steering],
      cuts,
      injectionScore: scores.length === 0 ? null : Math.max(...scores),
    };
  }

  #dataHits(stretch: string): Hit[] {
    const { screen, leak } = this.#parts;
    const hits = screen.data === null ? [] : screen.data(stretch);
    if (leak !== null && screen.leak !== null)
      for (const one of leak(stretch))
        hits.push({ detector: screen.leak, kind: one.kind, start: one.start, end: one.end, score: one.confidence });
    for (const value of this.#parts.canaries) {
      for (let at = stretch.indexOf(value); at >= 0; at = stretch.indexOf(value, at + value.length))
        hits.push({ detector: CANARY, kind: 'canary', start: at, end: at + value.length, score: 1 });
    }
    return hits;
  }

  #cutsOf(hits: readonly Hit[]): Cut[] {
    const cuts: Cut[] = [];
    for (const hit of hits) {
      const action = hit.detector === CANARY ? 'redact' : this.notes[hit.detector]?.detector.action;
      if (action === 'redact') cuts.push({ start: hit.start, end: hit.end, replacement: replacementFor(hit) });
    }
    return joinCuts(cuts);
  }

  /** Notes what was found in a text; the result is the text to pass on. */
  take(at: TextPlace, text: string, role: Role, found: TextFindings): string {
    this.charactersScanned += text.length;
    this.fieldsScanned++;
    const looking = this.screen.looksAt(role);
    for (const number of looking) this.notes[number]?.scanned(text.length);
    if (found.injectionScore !== null)
      for (const number of looking) {
        const note = this.notes[number];
        if (
          note?.detector.detector.startsWith('injection') &&
          (note.score === null || note.score < found.injectionScore)
        )
          note.score = found.injectionScore;
      }
    if (found.hits.length > 0) this.#note(pathOf(at), text, 0, found.hits);
    const passed = found.cuts.length === 0 ? text : applyCuts(text, 0, found.cuts);
    if (found.cuts.length > 0) this.changed = true;
    this.#noteDoubt(at, passed, role, found);
    return passed;
  }

  #noteDoubt(at: TextPlace, text: string, role: Role, found: TextFindings): void {
    const { doubtFrom } = this.screen;
    if (doubtFrom === null || found.injectionScore === null || found.injectionScore < doubtFrom) return;
    if (role !== 'user' && role !== 'document' && role !== 'tool') return;
    const isFound = found.hits.some((hit) => this.#isInjection(hit.detector));
    if (!isFound) this.doubts.push({ path: pathOf(at), text, role });
  }

  #isInjection(number: number): boolean {
    return this.notes[number]?.detector.detector.startsWith('injection') ?? false;
  }

  /** Takes a text for an attack because somebody else says so; the result is the text to pass on. */
  condemn({ path, text, role }: Doubt, score: number): string {
    const hits = this.screen
      .looksAt(role)
      .filter((number) => this.#isInjection(number))
      .map((detector): Hit => ({ detector, kind: 'second_opinion', start: 0, end: text.length, score }));
    this.#note(path, text, 0, hits);
    const cuts = this.#cutsOf(hits);
    return cuts.length === 0 ? text : applyCuts(text, 0, cuts);
  }

  #note(path: string, text: string, from: number, hits: readonly Hit[]): void {
    for (const hit of hits) {
      if (hit.detector === CANARY) this.canaryLeak = true;
      const notes =
        hit.detector === CANARY
          ? this.notes.filter((one) => one.detector.detector === 'canary')
          : [this.notes[hit.detector]];
      for (const note of notes) {
        if (note === undefined) continue;
        note.found(hit.kind, hit.score);
        note.at(path, hit.start + from, hit.end + from, hit.kind, text.slice(hit.start, hit.end), this.#parts.salt);
        if (note.detector.action === 'redact') {
          note.redacted();
          this.changed = true;
        }
        if (note.detector.action === 'block') this.blocked ??= note;
      }
    }
  }
}

/** A planted value is no detector of the policy: it counts whether or not the policy names it. */
const CANARY = -1;

function isJudged(role: Role): boolean {
  return role === 'user' || role === 'document' || role === 'tool';
}
