import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import yauzl from 'yauzl';
import { AppError } from '#src/kernel/errors.ts';
import {
  checked,
  detectLines,
  IMPORT_BYTES_MAX,
  type Imported,
  importResults,
  LINE_MAX,
  LINES_MAX,
  tryParse,
  unknownFile,
} from './import-results.ts';
import { type ImportFormat, ITEM_READERS, type ItemReader, isRow, type Row, type Surroundings } from './read-items.ts';

const MIB = 1_048_576;
/** A file of lines or an archive is never in memory as a whole; what is kept of it is. */
const STREAMED_BYTES_MAX = 4_096 * MIB;
const KEPT_CHARACTERS_MAX = 256 * MIB;
const SAMPLE_BYTES_MAX = 64 * MIB;
const ROWS_TO_KNOW = 50;

/**
 * As `importResults`, from a file: lines one by one, an archive of inspect_ai sample by sample, and only a JSON document as a
 * whole. Throws `invalid_input` or `too_large`, naming the line, field or sample.
 */
export async function importResultsFile(path: string, format: ImportFormat | 'auto'): Promise<Imported> {
  const file = await open(path).catch(() => null);
  const found = await file?.stat();
  const start = Buffer.alloc(4);
  await file?.read(start, 0, 4, 0).catch(() => null);
  await file?.close();
  const name = basename(path);
  if (!found?.isFile()) throw new AppError('invalid_input', `${name} is not a file that is there.`);
  if (found.size > STREAMED_BYTES_MAX) throw tooLarge(name, STREAMED_BYTES_MAX);
  if (start.equals(Buffer.from('PK\u0003\u0004'))) {
    if (format !== 'auto' && format !== 'inspect')
      throw new AppError('invalid_input', `${name} is a log of inspect_ai.`);
    return readInspectArchive(path);
  }
  const lines = await readLines(path, format);
  if (lines) return lines;
  if (found.size > IMPORT_BYTES_MAX) throw tooLarge(name, IMPORT_BYTES_MAX);
  return importResults(decode(await readFile(path), name), format, name);
}

function tooLarge(name: string, bytes: number): AppError {
  return new AppError('invalid_input', `${name} is larger than ${bytes / MIB} MiB. Split it by task.`);
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(name);
  }
}

function notUtf8(name: string): AppError {
  return new AppError(
    'invalid_input',
    `${name} is not UTF-8. Where PowerShell wrote it, write it again with -Encoding utf8.`,
  );
}

/** Lines without their ends; null for one that is too long, which ends them. Throws `invalid_input` where they are not UTF-8. */
async function* linesOf(path: string): AsyncGenerator<string | null> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decodePart = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw notUtf8(basename(path));
    }
  };
  let rest = '';
  for await (const bytes of createReadStream(path, { highWaterMark: MIB })) {
    const lines = (rest + decodePart(bytes as Buffer)).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield line.length > LINE_MAX ? null : line;
    if (rest.length > LINE_MAX) {
      yield null;
      return;
    }
  }
  yield rest + decodePart();
}

/** Adds up what is kept of a file. Throws `too_large` where that is too much. */
function keeper(name: string): NonNullable<Surroundings['keep']> {
  let kept = 0;
  return ({ input, output }) => {
    kept += (JSON.stringify(input)?.length ?? 0) + (output?.length ?? 0);
    if (kept > KEPT_CHARACTERS_MAX)
      throw new AppError(
        'too_large',
        `Questions and answers of ${name} are too much for one import. Split it by task.`,
      );
  };
}

/** Null where the file is no file of lines, and so a document. */
async function readLines(path: string, format: ImportFormat | 'auto'): Promise<Imported | null> {
  const name = basename(path);
  // Rows from the first on, until it is known what wrote them.
  const waiting: [where: string, row: Row][] = [];
  let reader: ItemReader | undefined;
  let found: ImportFormat | undefined;
  const begin = (): ItemReader => {
    const written = format === 'auto' ? detectLines(waiting.map(([, row]) => row)) : format;
    if (written === null) throw unknownFile();
    found = written;
    const begun = ITEM_READERS[written]({ head: {}, fileName: name, keep: keeper(name) });
    for (const [where, row] of waiting) begun.add(row, where);
    return begun;
  };
  let number = 0;
  for await (const line of linesOf(path)) {
    number++;
    if (line?.trim() === '') continue;
    if (number > LINES_MAX) throw new AppError('too_large', `The file has more than ${LINES_MAX} lines.`);
    const isFirst = waiting.length === 0;
    const row = line === null ? null : tryParse(line);
    // Where the first line does not stand for itself, or is a whole document, this is no file of lines.
    if (isFirst && (!isRow(row) || detectLines([row]) === null)) return null;
    if (line === null) throw new AppError('too_large', `Line ${number} is longer than ${LINE_MAX} characters.`);
    if (!isRow(row))
      throw new AppError(
        'invalid_input',
        `Line ${number} is not a JSON object. The file may be cut off; write it again.`,
      );
    const where = `line ${number}`;
    if (reader) reader.add(row, where);
    else if (waiting.push([where, row]) >= ROWS_TO_KNOW) reader = begin();
  }
  if (waiting.length === 0) return null;
  reader ??= begin();
  return checked(found as ImportFormat, reader.finish());
}

/**
 * A log of inspect_ai in its own form, a ZIP: `header.json` (or, where the run was not finished, `_journal/start.json`; in the
 * first versions `start.json`), and `samples/<id>_epoch_<n>.json`.
 */
async function readInspectArchive(path: string): Promise<Imported> {
  const name = basename(path);
  const damaged = (cause: unknown) =>
    cause instanceof AppError
      ? cause
      : new AppError(
          'invalid_input',
          `${name} is damaged, or packed in a way that is not read here. Convert it with \`inspect log convert --to json\`.`,
          { cause },
        );
  const heads = new Map<string, Row>();
  const samples: yauzl.Entry[] = [];
  const archive = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw damaged(cause);
  });
  try {
    for await (const entry of archive.eachEntry()) {
      if (HEADS.includes(entry.fileName)) heads.set(entry.fileName, await readEntry(archive, entry));
      else if (entry.fileName.startsWith('samples/') && entry.fileName.endsWith('.json')) samples.push(entry);
      if (samples.length > LINES_MAX) throw new AppError('too_large', `${name} holds more than ${LINES_MAX} samples.`);
    }
    const head = HEADS.map((one) => heads.get(one)).find((one) => one !== undefined);
    if (head === undefined)
      throw new AppError('invalid_input', `${name} is a ZIP and no log of inspect_ai: it holds no ${HEADS[0]}.`);
    const reader = ITEM_READERS.inspect({ head, fileName: name, keep: keeper(name) });
    for (const entry of samples) {
      // Of a sample its question and its answer are kept; the talk between them is not.
      reader.add(await readEntry(archive, entry), entry.fileName.slice(0, 200));
    }
    return checked('inspect', reader.finish());
  } catch (error) {
    throw damaged(error);
  } finally {
    archive.close();
  }
}

const HEADS = ['header.json', '_journal/start.json', 'start.json'];

async function readEntry(archive: yauzl.ZipFile, entry: yauzl.Entry): Promise<Row> {
  const name = entry.fileName.slice(0, 200);
  if (entry.uncompressedSize > SAMPLE_BYTES_MAX)
    throw new AppError('too_large', `${name} would unpack to more than ${SAMPLE_BYTES_MAX / MIB} MiB.`);
  const parts: Buffer[] = [];
  // The library ends with an error where more comes than was announced.
  for await (const part of await archive.openReadStreamPromise(entry)) parts.push(part as Buffer);
  const row = tryParse(decode(Buffer.concat(parts), name));
  if (!isRow(row)) throw new AppError('invalid_input', `${name} is not a JSON object. The log may be cut off.`);
  return row;
}
