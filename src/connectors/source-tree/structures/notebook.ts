import { type Finding, placeIn } from '../finding.ts';
import type { DetectionRule } from '../rule.ts';
import { createDocument, type Document } from '../text/document.ts';
import { type JsonPath, jsonStringAt, walkJsonStrings } from '../text/json-strings.ts';
import type { Language } from '../text/language.ts';

/** A notebook, taken apart: its code, what it printed, and the fact about it. */
export type Notebook = { source: Document; output: Document; finding: Finding };

const TEXT_OUTPUT_BYTES_MAX = 8 * 1024 * 1024;
const TEXT_TYPES: readonly string[] = ['text/plain', 'text/html', 'application/json', 'text/markdown', 'text/latex'];
const LANGUAGES: Readonly<Record<string, Language>> = {
  r: 'r',
  julia: 'julia',
  javascript: 'javascript',
  typescript: 'javascript',
  scala: 'scala',
  kotlin: 'kotlin',
};

/** Lines of text, each with the line of the file that it came from. */
class Lines {
  readonly parts: string[] = [];
  readonly origins: number[] = [];
  length = 0;

  add(text: string, line: number): void {
    this.parts.push(text);
    this.length += text.length;
    const breaks = text.split('\n').length - 1;
    // A part that ends without a line break goes on in the next one.
    const lines = text.endsWith('\n') ? breaks : breaks + 1;
    for (let i = 0; i < lines; i++) this.origins.push(line);
  }
}

/** Reads a notebook of format 4; null where the text is none. `text` is the whole file. */
export function readNotebook(path: string, text: string, rule: DetectionRule): Notebook | null {
  const source = new Lines();
  const output = new Lines();
  const cells = new Map<number, { type: string; hasOutput: boolean }>();
  let outputBytes = 0;
  let language: Language = 'notebook';
  let line = 1;
  let counted = 0;
  let pending: { cell: number; text: string; line: number }[] = [];
  const flush = () => {
    for (const part of pending) {
      // Text between cells is not code; a cell's parts end where the next cell begins.
      if (cells.get(part.cell)?.type === 'code') source.add(part.text, part.line);
    }
    const last = pending[pending.length - 1];
    if (last && !last.text.endsWith('\n') && source.parts.length > 0) source.parts.push('\n');
    pending = [];
  };
  const isWhole = walkJsonStrings(text, (at, start, end) => {
    const [top, index, member] = at;
    if (
      top === 'metadata' &&
      (at[2] === 'language' || at[2] === 'name') &&
      (at[1] === 'kernelspec' || at[1] === 'language_info')
    )
      language = LANGUAGES[text.slice(start, Math.min(end, start + 40)).toLowerCase()] ?? language;
    if (top !== 'cells' || typeof index !== 'number') return;
    if (pending[0] && pending[0].cell !== index) flush();
    line += countBreaks(text, counted, start);
    counted = start;
    const cell = cells.get(index) ?? { type: '', hasOutput: false };
    cells.set(index, cell);
    if (member === 'cell_type') cell.type = text.slice(start, end);
    if (member === 'source') pending.push({ cell: index, text: jsonStringAt(text, start, end), line });
    if (member === 'outputs' && isContent(at)) {
      cell.hasOutput = true;
      outputBytes += end - start;
      if (isTextOutput(at) && output.length < TEXT_OUTPUT_BYTES_MAX) {
        const printed = jsonStringAt(text, start, Math.min(end, start + TEXT_OUTPUT_BYTES_MAX));
        output.add(printed.endsWith('\n') ? printed : `${printed}\n`, line);
      }
    }
  });
  flush();
  if (!isWhole || cells.size === 0) return null;
  const placed = placeIn(path, null);
  const withOutput = [...cells.values()].filter((cell) => cell.hasOutput).length;
  return {
    source: documentOf(path, language, source, 'notebook-source'),
    output: documentOf(path, 'text', output, 'notebook-output'),
    finding: {
      rule,
      line: null,
      fact: {
        kind: 'notebook',
        key: path,
        body: { place: placed, cells: cells.size, cellsWithOutput: withOutput, outputBytes },
      },
      asset: null,
    },
  };
}

function documentOf(path: string, language: Language, lines: Lines, part: Document['part']): Document {
  return createDocument({
    path,
    language,
    bytes: Buffer.from(lines.parts.join(''), 'utf8'),
    part,
    fileLine: (line) => lines.origins[line - 1] ?? lines.origins[lines.origins.length - 1] ?? 1,
    isWhole: true,
  });
}

function isContent(at: JsonPath): boolean {
  const name = at[4];
  return name === 'text' || name === 'data' || name === 'traceback' || name === 'evalue';
}

function isTextOutput(at: JsonPath): boolean {
  return at[4] !== 'data' || TEXT_TYPES.includes(String(at[5]));
}

function countBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
