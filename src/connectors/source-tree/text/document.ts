import { decode } from './encoding.ts';
import type { Language } from './language.ts';
import { type Regions, regionsOf } from './regions.ts';

/** Part of a file that is read as one text: usually the whole file. */
export type Document = {
  path: string;
  language: Language;
  bytes: Buffer;
  part: 'file' | 'notebook-source' | 'notebook-output';
  /** Line in the file for a line of this text; both start at 1. */
  fileLine(line: number): number;
  /** False where the text is one window of a larger file. */
  isWhole: boolean;
  text(): string;
  regions(): Regions;
  /** Offset in `text()` at which line `line` (from 1) starts. */
  lineStart(line: number): number;
};

export function createDocument(parts: {
  path: string;
  language: Language;
  bytes: Buffer;
  part?: Document['part'];
  fileLine?: (line: number) => number;
  isWhole?: boolean;
}): Document {
  let text: string | undefined;
  let regions: Regions | undefined;
  let starts: number[] | undefined;
  const document: Document = {
    path: parts.path,
    language: parts.language,
    bytes: parts.bytes,
    part: parts.part ?? 'file',
    fileLine: parts.fileLine ?? ((line) => line),
    isWhole: parts.isWhole ?? true,
    text() {
      text ??= decode(parts.bytes);
      return text;
    },
    regions() {
      regions ??= regionsOf(document.text(), parts.language);
      return regions;
    },
    lineStart(line) {
      starts ??= lineStarts(document.text());
      return starts[line - 1] ?? document.text().length;
    },
  };
  return document;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line (from 1) of an offset in `text`. For a few offsets of one text; it counts from the start. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
