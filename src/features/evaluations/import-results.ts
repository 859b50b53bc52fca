import { AppError } from '#src/kernel/errors.ts';
import { IMPORT_FORMATS, type ImportedRun, type ImportFormat, ITEM_READERS, isRow, type Row } from './read-items.ts';

/** A document that is read as a whole; files of lines and archives are read piece by piece. */
export const IMPORT_BYTES_MAX = 268_435_456;
const ITEMS_MAX = 200_000;
export const LINES_MAX = ITEMS_MAX * 4;
export const LINE_MAX = 8_388_608;

export type Imported = { format: ImportFormat; runs: ImportedRun[] };

/**
 * Reads the result file of another evaluation program into runs, one for each model (and task) in it. Throws `invalid_input`
 * that names the line or field. Per-item results are needed: a file that holds only a mean proves nothing that can be compared.
 */
export function importResults(text: string, format: ImportFormat | 'auto', fileName: string | null = null): Imported {
  const file = readText(text);
  const found = format === 'auto' ? detect(file) : format;
  if (found === null) throw unknownFile();
  const reader = ITEM_READERS[found]({ head: file.kind === 'object' ? file.value : {}, fileName });
  for (const [where, item] of itemsOf(found, file)) reader.add(item, where);
  return checked(found, reader.finish());
}

export function unknownFile(): AppError {
  return new AppError(
    'invalid_input',
    `This is not a result file of ${IMPORT_FORMATS.join(', ')} that is known here. Name the format with --format, or see docs/guides/evaluations.md.`,
  );
}

/** The items of a document, each with its place in it. */
function* itemsOf(format: ImportFormat, file: Json): Generator<[where: string, item: unknown]> {
  if (file.kind === 'lines') {
    let line = 0;
    for (const row of file.rows) yield [`line ${++line}`, row];
    return;
  }
  const { value } = file;
  const inDocument = format === 'promptfoo' && isRow(value.results) ? value.results.results : value.samples;
  const field = format === 'promptfoo' ? 'results.results' : 'samples';
  if (Array.isArray(inDocument)) {
    let k = 0;
    for (const item of inDocument) yield [`${field}[${k++}]`, item];
  } else if (detectLines([value]) === format) yield ['line 1', value];
}

/** The runs of a file, once they are known to hold items, not too many, and none of them twice. */
export function checked(found: ImportFormat, read: readonly ImportedRun[]): Imported {
  const runs = read.filter((run) => run.items.length > 0);
  if (runs.length === 0)
    throw new AppError('invalid_input', `The ${found} file holds no results of single items. ${HINTS[found]}`);
  const items = runs.reduce((sum, run) => sum + run.items.length, 0);
  if (items > ITEMS_MAX)
    throw new AppError('too_large', `The file holds ${items} items; at most ${ITEMS_MAX} are read.`);
  for (const run of runs) requireDistinct(run);
  return { format: found, runs };
}

const HINTS: Record<ImportFormat, string> = {
  promptfoo: 'Write it with `promptfoo eval --output results.json`.',
  'lm-eval': 'Run with --log_samples and give the samples_*.jsonl file.',
  inspect: 'Give the .eval log, or `inspect log convert --to json` of it, with its samples.',
  'openai-evals': 'Give the .jsonl file that the run recorded.',
};

type Json = { kind: 'object'; value: Row } | { kind: 'lines'; rows: Row[] };

function readText(text: string): Json {
  const trimmed = text.trimStart();
  if (!trimmed.startsWith('{') && !trimmed.startsWith('['))
    throw new AppError('invalid_input', 'The file is not JSON, JSON Lines or a log of inspect_ai.');
  const whole = tryParse(text);
  if (isRow(whole)) return { kind: 'object', value: whole };
  if (Array.isArray(whole)) return { kind: 'lines', rows: whole.filter(isRow) };
  const rows: Row[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() === '') continue;
    if (line.length > LINE_MAX)
      throw new AppError('too_large', `Line ${number} is longer than ${LINE_MAX} characters.`);
    const value = tryParse(line);
    // Where not even the first line stands for itself, the file is one document that breaks somewhere.
    if (!isRow(value) && rows.length === 0) throw brokenDocument(text);
    if (!isRow(value))
      throw new AppError(
        'invalid_input',
        `Line ${number} is not a JSON object. The file may be cut off; write it again.`,
      );
    rows.push(value);
    if (rows.length > LINES_MAX) throw new AppError('too_large', `The file has more than ${LINES_MAX} lines.`);
  }
  return { kind: 'lines', rows };
}

/** Says where a document ceases to be JSON, without repeating any of it. */
function brokenDocument(text: string): AppError {
  try {
    JSON.parse(text);
  } catch (error) {
    const position = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? text.length);
    const line = text.slice(0, position).split('\n').length;
    return new AppError(
      'invalid_input',
      `The JSON breaks off or is damaged in line ${line}, at character ${position}. Write the file again.`,
    );
  }
  return new AppError('invalid_input', 'The file holds no JSON object.');
}

function detect(file: Json): ImportFormat | null {
  if (file.kind === 'object') {
    const { value } = file;
    if (isRow(value.results) && (Array.isArray(value.results.results) || 'evalId' in value)) return 'promptfoo';
    if (isRow(value.eval) && ('samples' in value || 'plan' in value)) return 'inspect';
    // The means of lm-eval, which stand beside the file of samples.
    if (isRow(value.results) && ('lm_eval_version' in value || 'n-shot' in value || 'configs' in value))
      return 'lm-eval';
    // A file of one line is both.
    return detectLines([value]);
  }
  return detectLines(file.rows.slice(0, 50));
}

/** What wrote these rows of a file of lines; null where that is not known. */
export function detectLines(rows: readonly Row[]): ImportFormat | null {
  if (rows.some((row) => isRow(row.spec) || ('event_id' in row && 'sample_id' in row))) return 'openai-evals';
  if (rows.some((row) => 'doc_id' in row && ('filtered_resps' in row || 'resps' in row))) return 'lm-eval';
  if (rows.some((row) => 'promptIdx' in row && 'testIdx' in row && 'success' in row)) return 'promptfoo';
  return null;
}

function requireDistinct(run: ImportedRun): void {
  const seen = new Set<string>();
  for (const { itemId } of run.items) {
    if (seen.has(itemId))
      throw new AppError(
        'invalid_input',
        `The item "${itemId.slice(0, 80)}" stands in the results of ${run.model} twice. Give one file for each run.`,
      );
    seen.add(itemId);
  }
}

/** JSON, and what Python writes for it; undefined where it is neither. */
export function tryParse(text: string): unknown {
  try {
    // Python writes NaN and Infinity bare, which is no JSON: a score that is none is left out, not the file refused.
    return JSON.parse(text);
  } catch {
    const repaired = text.replace(/([:[,]\s*)(?:NaN|-?Infinity)(?=\s*[,}\]])/g, '$1null');
    if (repaired === text) return undefined;
    try {
      return JSON.parse(repaired);
    } catch {
      return undefined;
    }
  }
}
