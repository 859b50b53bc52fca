import type { Known } from '#src/facts/index.ts';
import type { Finding } from '../finding.ts';
import type { DetectionRule } from '../rule.ts';
import type { Document } from '../text/document.ts';

/** The listed files of the tree, for readers that look at what stands beside. */
export type TreeView = {
  has(path: string): boolean;
  /** Names of the files directly in a folder (path, empty for the root), in order. */
  filesIn(folder: string): readonly string[];
};

export type FileView = {
  path: string;
  document: Document;
  tree: TreeView;
  rule: DetectionRule;
  underVersionControl: Known;
};

/** Reads one file as a whole. Never throws on what the file holds: a file that is not what its name says yields nothing. */
export type Reader = (file: FileView) => Finding[];

/** Runs `parse` and gives undefined where the text is not what it should be. */
export function parsedOr<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    // Parsers report bad text with errors of many classes; only the stack and memory limits of the engine are not among them.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Lines of the text without what follows `#` at the start or behind white space. */
export function linesWithoutComments(text: string): string[] {
  return text.split('\n').map((line) => line.replace(/\r$/, '').replace(/(^|\s)#.*$/, '$1'));
}
