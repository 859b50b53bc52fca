import type { Known } from '#src/facts/index.ts';
import type { Document } from '../text/document.ts';

/** What the making of findings may know of the file besides its hits. */
export type FileContext = {
  path: string;
  document: Document;
  /** Whether git tracks the file. */
  underVersionControl: Known;
  /** Traits of the file, e.g. `sets-seed`. */
  traits: ReadonlySet<string>;
};

/** Lines `from` to `from + count - 1` of the text, as one string. */
export function linesFrom(document: Document, from: number, count: number): string {
  return document.text().slice(document.lineStart(from), document.lineStart(from + count));
}

export function knownIf(holds: boolean): Known {
  return holds ? 'yes' : 'unknown';
}
