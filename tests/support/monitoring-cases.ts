import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The development cases stand beside the repository and are not part of it; where they are absent, their tests skip. */
const FOLDER = join(process.cwd(), '../shared/data/monitoring');

export const monitoringCasesPresent = existsSync(FOLDER);
export const ABSENT = 'the shared monitoring cases are not on this machine';

export function monitoringCases<Case>(name: string): Case[] {
  if (!monitoringCasesPresent) return [];
  return readFileSync(join(FOLDER, 'cases', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
}

export function monitoringFile(name: string): string {
  const bytes = readFileSync(join(FOLDER, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

export type ColumnReference = {
  inline?: unknown[];
  file?: string;
  column?: string;
  where?: { column: string; prefix: string };
  as?: 'string';
};

const tables = new Map<string, string[][]>();

/** The values of an inline list, or of one column of a CSV file; empty cells are missing. */
export function caseColumn(reference: ColumnReference): unknown[] {
  if (reference.inline) return reference.inline;
  const file = reference.file ?? '';
  let rows = tables.get(file);
  if (!rows) {
    rows = parseCsv(monitoringFile(`datasets/${file}`));
    tables.set(file, rows);
  }
  const [header = [], ...body] = rows;
  const column = header.indexOf(reference.column ?? '');
  const where = reference.where ? header.indexOf(reference.where.column) : -1;
  return body
    .filter((row) => where < 0 || (row[where] ?? '').startsWith(reference.where?.prefix ?? ''))
    .map((row) => {
      const cell = row[column] ?? '';
      if (cell === '') return null;
      return reference.as === 'string' ? cell : Number(cell);
    });
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      row.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
      rows.push(row);
      row = [];
      cell = '';
    } else cell += char;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}

/** Numbers agree within the relative tolerance (absolute 1e-12 near 0); `"Infinity"` stands for an overflow. */
export function agrees(actual: number | null | undefined, expected: unknown, relative = 1e-9): boolean {
  if (expected === null || expected === undefined) return true;
  if (expected === 'Infinity') return actual === Number.POSITIVE_INFINITY;
  if (expected === '-Infinity') return actual === Number.NEGATIVE_INFINITY;
  if (typeof expected !== 'number' || actual === null || actual === undefined) return false;
  return Math.abs(actual - expected) <= Math.max(1e-12, relative * Math.abs(expected));
}

/** p-values: relative 1e-6; below 1e-12 within a factor 1.01, or both under 1e-300. */
export function agreesAsP(actual: number | null | undefined, expected: unknown): boolean {
  if (expected === null || expected === undefined) return true;
  if (typeof expected !== 'number' || actual === null || actual === undefined) return false;
  if (expected >= 1e-12) return Math.abs(actual - expected) <= 1e-6 * expected;
  if (expected < 1e-300 && actual < 1e-300) return true;
  return actual <= expected * 1.01 && actual >= expected / 1.01;
}
