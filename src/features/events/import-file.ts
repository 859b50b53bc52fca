import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, extname } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { DeliveryItem } from './ingest.ts';
import type { EventKind } from './model.ts';
import { type ParseContext, parseEvent, parseEventText, readJson } from './parse-event.ts';
import { splitCsv } from './split-csv.ts';
import { splitEvents } from './split-json.ts';

/** Which columns of a file are what. Everything not named is a value. */
export type ImportMapping = {
  /** The AI system, by id or name; left out where a column `systemId` says so. */
  system?: string | undefined;
  source?: string | undefined;
  kind: EventKind;
  /** Column of the instant. */
  at?: string | undefined;
  id?: string | undefined;
  sequence?: string | undefined;
  about?: string | undefined;
  modelVersion?: string | undefined;
  segments: readonly string[];
  /** Columns to take as values; left out, all that are nothing else. */
  values?: readonly string[] | undefined;
};

/** A column whose values change their type: told with the first line of each. */
export type Drift = { column: string; was: string; is: string; line: number; rows: number };

export type ImportedFile = { items: AsyncIterable<readonly DeliveryItem[]>; drift(): Drift[] };

const AT_NAMES = ['occurredAt', 'occurred_at', 'timestamp', 'time', 'date', 'ts'];
const ROWS_PER_PART = 2_000;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NOT_FINITE: Record<string, string> = {
  nan: 'NaN',
  inf: 'Infinity',
  '+inf': 'Infinity',
  infinity: 'Infinity',
  '-inf': '-Infinity',
  '-infinity': '-Infinity',
};

/** Reads a CSV, JSON Lines or Parquet file as events. Throws `invalid_input` for another kind, `not_found` where there is none. */
export async function importFile(
  path: string,
  mapping: ImportMapping,
  context: Omit<ParseContext, 'defaultSource'>,
): Promise<ImportedFile> {
  const source = mapping.source ?? `file:${basename(path)}`.slice(0, 200);
  const full = { ...context, defaultSource: source };
  const digest = await fileDigest(path);
  const types = new ColumnTypes();
  const rows = new RowReader({ ...mapping, source }, full, digest, types);
  const kind = extname(path).toLowerCase();
  const reading: Record<string, () => AsyncIterable<readonly DeliveryItem[]>> = {
    '.csv': () => readCsv(path, ',', rows),
    '.tsv': () => readCsv(path, '\t', rows),
    '.jsonl': () => readJsonLines(path, rows, full),
    '.ndjson': () => readJsonLines(path, rows, full),
    '.json': () => readJsonLines(path, rows, full),
    '.parquet': () => readParquet(path, rows),
  };
  const read = reading[kind];
  if (!read) throw new AppError('invalid_input', `${basename(path)} is no .csv, .tsv, .jsonl, .json or .parquet file.`);
  return { items: read(), drift: () => types.drift() };
}

// Rows without an id of their own get one from the file's content and their line: importing twice changes nothing.
async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new AppError('not_found', `${path} cannot be read.`, { cause });
  }
  return hash.digest('hex').slice(0, 16);
}

/** Remembers what each column held first, and where that changed. */
class ColumnTypes {
  #first = new Map<string, string>();
  #drift = new Map<string, Drift>();

  note(column: string, value: unknown, line: number): void {
    if (value === null || value === 'NaN' || value === 'Infinity' || value === '-Infinity') return;
    const is = typeof value === 'string' ? 'text' : typeof value;
    const was = this.#first.get(column);
    if (was === undefined) this.#first.set(column, is);
    else if (was !== is) {
      const known = this.#drift.get(column);
      if (known) known.rows++;
      else this.#drift.set(column, { column, was, is, line, rows: 1 });
    }
  }

  drift(): Drift[] {
    return [...this.#drift.values()];
  }
}

class RowReader {
  readonly #mapping: ImportMapping & { source: string };
  readonly #context: ParseContext;
  readonly #digest: string;
  readonly #types: ColumnTypes;
  #atColumn: string | undefined;

  constructor(mapping: ImportMapping & { source: string }, context: ParseContext, digest: string, types: ColumnTypes) {
    this.#mapping = mapping;
    this.#context = context;
    this.#digest = digest;
    this.#types = types;
  }

  /** Throws `invalid_input` where a named column is not in the file. */
  checkColumns(columns: readonly string[]): void {
    const { at, id, sequence, about, modelVersion, segments, values, system } = this.#mapping;
    this.#atColumn = at ?? AT_NAMES.find((name) => columns.includes(name));
    const has = (column: string | undefined) => column === undefined || columns.includes(column);
    const lacking = [at, id, sequence, about, modelVersion, ...segments, ...(values ?? [])].find(
      (column) => !has(column),
    );
    if (lacking !== undefined)
      throw new AppError(
        'invalid_input',
        `The file has no column "${lacking}". It has: ${columns.slice(0, 30).join(', ')}.`,
      );
    if (this.#atColumn === undefined)
      throw new AppError(
        'invalid_input',
        `Which column says when it happened? Name it with --at. The file has: ${columns.slice(0, 30).join(', ')}.`,
      );
    if (system === undefined && !columns.includes('systemId'))
      throw new AppError('invalid_input', 'Which AI system is it about? Name it with --system, by its id or name.');
  }

  read(row: ReadonlyMap<string, unknown>, line: number): DeliveryItem {
    const { system, source, kind, id, sequence, about, modelVersion, segments, values } = this.#mapping;
    const at = row.get(this.#atColumn ?? '');
    const taken = new Set([this.#atColumn, id, sequence, about, modelVersion, ...segments, 'systemId']);
    const wanted = values ?? [...row.keys()].filter((column) => !taken.has(column));
    const measured: Record<string, unknown> = Object.create(null);
    for (const column of wanted) {
      const value = numberOf(row.get(column) ?? null);
      measured[column] = value;
      this.#types.note(column, value, line);
    }
    const segment: Record<string, unknown> = Object.create(null);
    for (const column of segments) {
      const value = row.get(column);
      if (value !== null && value !== undefined) segment[column] = String(value);
    }
    const text = (column: string | undefined) => {
      const value = column === undefined ? null : (row.get(column) ?? null);
      return value === null ? null : String(value);
    };
    const event = {
      id: text(id) ?? `${this.#digest}:${line}`,
      source,
      sequence: sequence === undefined ? null : numberOf(row.get(sequence) ?? null),
      occurredAt: numberOf(at),
      systemId: system ?? text('systemId'),
      kind,
      about: text(about),
      modelVersion: text(modelVersion),
      segment,
      values: measured,
    };
    return { line, ...parseEvent(event, this.#context) };
  }
}

async function* readCsv(path: string, separator: string, rows: RowReader): AsyncGenerator<DeliveryItem[]> {
  let columns: string[] | undefined;
  let part: DeliveryItem[] = [];
  const text = createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>;
  for await (const record of splitCsv(text, separator)) {
    if ('broken' in record) part.push(record);
    else if (!columns) {
      columns = record.fields.map((name) => name.trim());
      rows.checkColumns(columns);
    } else part.push(readRecord(record, columns, rows));
    if (part.length >= ROWS_PER_PART) {
      yield part;
      part = [];
    }
  }
  if (!columns)
    throw new AppError('invalid_input', `${basename(path)} is empty: it needs a first line with names of columns.`);
  yield part;
}

function readRecord(
  { line, fields }: { line: number; fields: string[] },
  columns: readonly string[],
  rows: RowReader,
): DeliveryItem {
  if (fields.length !== columns.length) {
    const message = `This row has ${fields.length} fields and the first line ${columns.length} names: the columns changed here.`;
    return { line, refused: { id: null, field: null, code: 'schema_drift', message } };
  }
  return rows.read(new Map(columns.map((column, k) => [column, cellValue(fields[k] as string)])), line);
}

/** A cell as a value: empty is missing; numbers, true and false are what they look like. */
function cellValue(cell: string): string | number | boolean | null {
  const text = cell.trim();
  if (text === '') return null;
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : text.startsWith('-') ? '-Infinity' : 'Infinity';
  }
  if (text === 'true' || text === 'false') return text === 'true';
  return NOT_FINITE[text.toLowerCase()] ?? cell;
}

async function* readJsonLines(path: string, rows: RowReader, context: ParseContext): AsyncGenerator<DeliveryItem[]> {
  let checked = false;
  for await (const part of splitEvents(createReadStream(path) as AsyncIterable<Uint8Array>)) {
    yield part.map((item): DeliveryItem => {
      if (!('text' in item))
        return 'broken' in item
          ? item
          : {
              line: item.line,
              refused: { id: null, field: null, code: 'too_large', message: 'One line may have 65,536 bytes.' },
            };
      const { line, text } = item;
      const raw = flatObject(text);
      // An event as it is sent over HTTP; anything else is a row of columns.
      if (raw === null || ('kind' in raw && 'occurredAt' in raw && ('values' in raw || 'vectors' in raw)))
        return { line, ...parseEventText(text, context) };
      if (!checked) rows.checkColumns(Object.keys(raw));
      checked = true;
      return rows.read(new Map(Object.entries(raw)), line);
    });
  }
}

function flatObject(text: string): Record<string, unknown> | null {
  try {
    const raw: unknown = readJson(text);
    return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : null;
  } catch {
    // Read again by the parser of events, which knows how to say what is wrong.
    return null;
  }
}

async function* readParquet(path: string, rows: RowReader): AsyncGenerator<DeliveryItem[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '1GB',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const result = await connection.stream('select * from read_parquet($1)', [path]).catch((cause: unknown) => {
      throw new AppError('invalid_input', `${basename(path)} is no Parquet file that can be read.`, { cause });
    });
    const columns = result.deduplicatedColumnNames();
    rows.checkColumns(columns);
    let line = 0;
    for await (const part of result.yieldRowsJs())
      yield part.map((row) => {
        line++;
        return rows.read(new Map(columns.map((column, k) => [column, plainValue(row[k])])), line);
      });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Whole numbers of 64 bits stay exact where they are names, and become doubles where they are measured. */
function numberOf(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** What DuckDB gives for a cell, as a value of an event. */
function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return value;
}
