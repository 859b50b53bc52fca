import type { Captures, Hit, Standing } from '../rule.ts';
import { callText, literalAt } from '../text/calls.ts';
import { constantsOf } from '../text/constants.ts';
import type { Document } from '../text/document.ts';
import type { Candidate, Probe } from './probe.ts';

// Longer lines are generated or data. There the pattern sees only the neighborhood of the word that led to it.
const LINE_CHARS_MAX = 4_096;
const SLICE_BEFORE = 512;
const SLICE_BEHIND = 2_048;
const MATCHES_PER_LINE_MAX = 20;
export const HITS_MAX = 5_000;
const TEXT_CHARS_MAX = 100_000;

// The name that a line gives to what it makes: `agent = …`, `export const agent: Agent = …`, `self.agent = …`.
const ASSIGNED =
  /^\s*(?:[A-Za-z_]\w*\s+){0,4}(?:self\.|this\.)?([A-Za-z_]\w{0,60})\s*(?::\s*[\w.<>[\], |]{1,60}?)?\s*:?=\s*(?:await\s+|new\s+)?\S?$/;

/** Tries the candidates of one document: each probe once a line. */
export class Trial {
  private readonly document: Document;
  private readonly hits: Hit[] = [];
  private readonly triedAt = new Map<Probe, number>();
  private constants: Map<string, string> | undefined;
  // What is being tried: the line (or the slice of a long one), and the text around it with the line's offset in it.
  private line = 0;
  private text = '';
  private around = '';
  private base = 0;
  private isSlice = false;

  constructor(document: Document) {
    this.document = document;
  }

  run(candidates: readonly Candidate[]): Hit[] {
    const { bytes } = this.document;
    let line = 1;
    let lineStart = 0;
    let lineEnd = endOfLine(bytes, 0);
    for (const { probe, end } of candidates) {
      while (end > lineEnd && lineEnd < bytes.length) {
        line += 1;
        lineStart = lineEnd + 1;
        lineEnd = endOfLine(bytes, lineStart);
      }
      if (this.hits.length >= HITS_MAX) break;
      const isLong = lineEnd - lineStart > LINE_CHARS_MAX;
      // In a long line one try serves a stretch: neighbors within a slice are found by the same one.
      const tryNumber = isLong ? line + Math.floor((end - lineStart) / (SLICE_BEHIND / 2)) / 1e9 : line;
      if (this.triedAt.get(probe) === tryNumber) continue;
      this.triedAt.set(probe, tryNumber);
      if (isLong) this.takeSlice(line, Math.max(lineStart, end - SLICE_BEFORE), Math.min(lineEnd, end + SLICE_BEHIND));
      else if (line !== this.line || this.isSlice) this.takeLine(line);
      this.tryProbe(probe);
    }
    return this.hits.sort((a, b) => a.line - b.line);
  }

  private takeLine(line: number): void {
    this.around = this.document.text();
    this.base = this.document.lineStart(line);
    const next = this.around.indexOf('\n', this.base);
    const text = this.around.slice(this.base, next < 0 ? this.around.length : next);
    this.text = text.endsWith('\r') ? text.slice(0, -1) : text;
    this.line = line;
    this.isSlice = false;
  }

  private takeSlice(line: number, from: number, to: number): void {
    this.text = this.document.bytes.toString('utf8', from, to);
    this.around = this.text;
    this.base = 0;
    this.line = line;
    this.isSlice = true;
  }

  private tryProbe(probe: Probe): void {
    const { text } = this;
    if (probe.unless?.test(text)) return;
    const { pattern } = probe;
    pattern.lastIndex = 0;
    for (let i = 0; i < MATCHES_PER_LINE_MAX; i++) {
      const match = pattern.exec(text);
      if (!match) return;
      if (match[0] === '') pattern.lastIndex += 1;
      if (!this.mayStand(match.index + match[0].search(/\S|$/), probe.standing)) continue;
      const captures = this.capture(probe, match);
      if (!captures) continue;
      const { line, document } = this;
      this.hits.push({ rule: probe.rule, line: document.fileLine(line), textLine: line, captures });
    }
  }

  /** True where a match that begins at `offset` of the line stands where the rule allows. */
  private mayStand(offset: number, standing: Standing): boolean {
    // A slice of a long line is too little to tell code from strings.
    if (standing === 'anywhere' || this.isSlice) return true;
    const regions = this.document.regions();
    const at = this.base + offset;
    switch (regions.at(at)) {
      case 'code':
        return true;
      case 'string':
        return standing === 'whole' ? regions.startOf(at) === at : standing !== 'code';
      case 'text':
        return standing === 'texts';
      default:
        return false;
    }
  }

  private capture(probe: Probe, match: RegExpExecArray): Captures | null {
    const captures: Captures = { ...probe.rule.sets };
    if (match.groups) this.take(captures, match.groups);
    const end = this.base + match.index + match[0].length;
    if (probe.call) {
      const call = callText(this.around, end);
      if (probe.unless?.test(call)) return null;
      for (const pattern of probe.call) {
        const groups = pattern.exec(call)?.groups;
        if (groups) this.take(captures, groups);
      }
    }
    if (probe.readsText) {
      const read = nextLiteral(this.around, end - (captures.opens ?? '').length);
      if (read === null || !isProse(read)) return null;
      captures.text = read;
    }
    if (!probe.requires.every((name) => captures[name] !== undefined)) return null;
    const assigned = probe.wantsName ? ASSIGNED.exec(this.text.slice(0, match.index + 1))?.[1] : undefined;
    if (assigned !== undefined) captures.assigned ??= assigned;
    return captures;
  }

  private take(captures: Captures, groups: Record<string, string | undefined>): void {
    for (const group in groups) {
      const value = groups[group];
      if (value === undefined) continue;
      const name = withoutNumber(group);
      if (!name.endsWith('Ref')) {
        captures[name] ??= value;
        continue;
      }
      this.constants ??= constantsOf(this.document.text());
      const literal = this.constants.get(value.slice(value.lastIndexOf('.') + 1));
      if (literal !== undefined) captures[name.slice(0, -3)] ??= literal;
    }
  }
}

/** `through2` is a second way to capture `through`. */
function withoutNumber(group: string): string {
  const last = group.charCodeAt(group.length - 1);
  return last >= 48 && last <= 57 ? group.slice(0, -1) : group;
}

/** The string literal that opens at `at` or behind white space, an opening bracket or `dedent(` there. */
function nextLiteral(text: string, at: number): string | null {
  const lead = /^(?:(?:textwrap\.)?dedent)?[\s(\\]{0,200}/.exec(text.slice(at, at + 260))?.[0].length ?? 0;
  return literalAt(text, at + lead, TEXT_CHARS_MAX);
}

function isProse(text: string): boolean {
  return /\S\s+\S+\s+\S/.test(text.slice(0, 500)) && text.trim().length >= 15;
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(10, from);
  return end < 0 ? bytes.length : end;
}
