import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';

export const IMPORT_FORMATS = ['promptfoo', 'lm-eval', 'inspect', 'openai-evals'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export type ImportedItem = {
  itemId: string;
  cluster: string;
  input: unknown;
  output: string | null;
  scores: Record<string, { score: number | null; passed: boolean | null; reason: string | null }>;
  error: string | null;
  latencyMs: number | null;
};
export type ImportedRun = { title: string; model: string; items: ImportedItem[] };

export const IMPORT_BYTES_MAX = 268_435_456;
const ITEMS_MAX = 200_000;
const SCORERS_MAX = 50;
const OUTPUT_MAX = 65_536;
const REASON_MAX = 300;
const LINE_MAX = 8_388_608;

/**
 * Reads the result file of another evaluation program into runs, one for each model (and task) in it. Throws `invalid_input`
 * that names the line or field. Per-item results are needed: a file that holds only a mean proves nothing that can be compared.
 */
export function importResults(
  text: string,
  format: ImportFormat | 'auto',
): { format: ImportFormat; runs: ImportedRun[] } {
  const parsed = readText(text);
  const found = format === 'auto' ? detect(parsed) : format;
  if (found === null)
    throw new AppError(
      'invalid_input',
      `This is not a result file of ${IMPORT_FORMATS.join(', ')} that is known here. Name the format with --format, or see docs/guides/evaluations.md.`,
    );
  const runs = READERS[found](parsed).filter((run) => run.items.length > 0);
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
  inspect: 'Convert the log with `inspect log convert --to json`, with its samples.',
  'openai-evals': 'Give the .jsonl file that the run recorded.',
};

type Json = { kind: 'object'; value: Row } | { kind: 'lines'; rows: Row[] };
type Row = Record<string, unknown>;

function readText(text: string): Json {
  const trimmed = text.trimStart();
  if (!trimmed.startsWith('{') && !trimmed.startsWith('['))
    throw new AppError(
      'invalid_input',
      'The file is not JSON or JSON Lines. Logs of inspect_ai: convert them to JSON first.',
    );
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
    if (rows.length > ITEMS_MAX * 4) throw new AppError('too_large', `The file has more than ${ITEMS_MAX * 4} lines.`);
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
    // A file of one line is both.
    return detectLines([value]);
  }
  return detectLines(file.rows.slice(0, 50));
}

function detectLines(rows: readonly Row[]): ImportFormat | null {
  if (rows.some((row) => isRow(row.spec) || ('event_id' in row && 'sample_id' in row))) return 'openai-evals';
  if (rows.some((row) => 'doc_id' in row && ('filtered_resps' in row || 'resps' in row))) return 'lm-eval';
  return null;
}

const READERS: Record<ImportFormat, (file: Json) => ImportedRun[]> = {
  promptfoo: readPromptfoo,
  'lm-eval': readHarness,
  inspect: readInspect,
  'openai-evals': readOpenAi,
};

// What promptfoo writes where a test had an error of its own, as opposed to an assertion that did not hold.
const PROMPTFOO_ERROR = 2;

/**
 * promptfoo, `eval --output *.json`, summaries of version 2 and 3: one result for each test, prompt and provider. A grader that
 * failed (`metadata.graderError`) has said nothing, whatever `success` holds.
 */
function readPromptfoo(file: Json): ImportedRun[] {
  const root = file.kind === 'object' ? file.value : {};
  const results = isRow(root.results) && Array.isArray(root.results.results) ? root.results.results : [];
  const description = isRow(root.config) ? textOf(root.config.description) : null;
  const runs = new Map<string, ImportedRun>();
  const times = new Map<string, number>();
  results.forEach((result: unknown, k) => {
    if (!isRow(result)) throw at(`results.results[${k}]`);
    const provider = isRow(result.provider)
      ? textOf(result.provider.label) || textOf(result.provider.id)
      : textOf(result.provider);
    const model = provider || 'unknown';
    const run = runOf(runs, model, description || 'promptfoo');
    const test = numberOf(result.testIdx) ?? testOf(result);
    const base = `${test}:${numberOf(result.promptIdx) ?? 0}`;
    // Repeats of one test carry the same numbers.
    const time = times.get(`${model} ${base}`) ?? 0;
    times.set(`${model} ${base}`, time + 1);
    const response = isRow(result.response) ? result.response : {};
    const grading = isRow(result.gradingResult) ? result.gradingResult : {};
    const passed = typeof result.success === 'boolean' && !graderFailed(grading, 0) ? result.success : null;
    const error = textOf(result.error);
    // A failed assertion stands under `error`, too; without an output there was no answer.
    const failed = result.failureReason === PROMPTFOO_ERROR || (error !== null && response.output === undefined);
    run.items.push({
      itemId: time === 0 ? base : `${base}:${time}`,
      cluster: String(test),
      input: result.vars ?? null,
      output: outputOf(response.output),
      scores: failed
        ? {}
        : {
            pass: said(passed === null ? null : passed ? 1 : 0, passed, textOf(grading.reason)),
            ...namedScores(result.namedScores),
          },
      error: failed ? clip(error ?? 'The test ended with an error.', REASON_MAX) : null,
      latencyMs: numberOf(result.latencyMs),
    });
  });
  return [...runs.values()];
}

/** Version 2 numbers nothing: a test is what was asked, so that two providers can be compared. */
function testOf(result: Row): string {
  const prompt = isRow(result.prompt) ? (textOf(result.prompt.label) ?? textOf(result.prompt.raw)) : null;
  return sha256Hex(canonicalJson([prompt, result.vars ?? null] as never)).slice(0, 16);
}

const GRADING_DEPTH_MAX = 20;

function graderFailed(grading: Row, depth: number): boolean {
  if (isRow(grading.metadata) && grading.metadata.graderError === true) return true;
  if (depth >= GRADING_DEPTH_MAX || !Array.isArray(grading.componentResults)) return false;
  return grading.componentResults.some((one: unknown) => isRow(one) && graderFailed(one, depth + 1));
}

function namedScores(value: unknown): ImportedItem['scores'] {
  if (!isRow(value)) return {};
  const scores: ImportedItem['scores'] = {};
  for (const [name, score] of Object.entries(value).slice(0, SCORERS_MAX))
    scores[safeName(name)] = said(unit(score), null, null);
  return scores;
}

// What stands in a row of lm-eval beside its metrics.
const HARNESS_FIELDS = new Set([
  'doc_id',
  'doc',
  'target',
  'arguments',
  'resps',
  'filtered_resps',
  'filter',
  'metrics',
  'doc_hash',
  'prompt_hash',
  'target_hash',
  'task_name',
  'model_name',
  'model',
  'task',
]);

/** lm-evaluation-harness, `--log_samples`: samples_<task>_<time>.jsonl, one document a line (and one more for each filter). */
function readHarness(file: Json): ImportedRun[] {
  const rows = file.kind === 'lines' ? file.rows : [file.value];
  const runs = new Map<string, ImportedRun>();
  rows.forEach((row, k) => {
    if (!('doc_id' in row)) throw at(`line ${k + 1}`, 'has no doc_id');
    const filter = textOf(row.filter);
    const task = textOf(row.task_name) ?? textOf(row.task) ?? 'lm-evaluation-harness';
    const title = filter && filter !== 'none' ? `${task}, ${filter}` : task;
    const run = runOf(runs, textOf(row.model_name) ?? textOf(row.model) ?? 'unknown', title);
    const named = Array.isArray(row.metrics) ? row.metrics.filter((name) => typeof name === 'string') : null;
    const names = named ?? Object.keys(row).filter((name) => !HARNESS_FIELDS.has(name));
    const scores: ImportedItem['scores'] = {};
    for (const name of names.slice(0, SCORERS_MAX)) {
      const score = unit(row[name]);
      if (score !== null) scores[safeName(name)] = said(score, score === 0 || score === 1 ? score === 1 : null, null);
    }
    const id = clip(String(row.doc_id), 200);
    run.items.push({
      itemId: id,
      cluster: id,
      input: row.doc ?? null,
      output: outputOf(first(row.filtered_resps) ?? first(first(row.resps))),
      scores,
      error: null,
      latencyMs: null,
    });
  });
  return [...runs.values()];
}

/** inspect_ai, a log in JSON (version 2): samples with one value for each scorer; letters as `value_to_float` reads them. */
function readInspect(file: Json): ImportedRun[] {
  const root = file.kind === 'object' ? file.value : {};
  const about = isRow(root.eval) ? root.eval : {};
  const samples = Array.isArray(root.samples) ? root.samples : [];
  const run: ImportedRun = {
    title: clip(textOf(about.task) ?? 'inspect_ai', 200),
    model: clip(textOf(about.model) ?? 'unknown', 200),
    items: [],
  };
  samples.forEach((sample: unknown, k) => {
    if (!isRow(sample)) throw at(`samples[${k}]`);
    const epoch = numberOf(sample.epoch) ?? 1;
    const id = clip(String(sample.id ?? k), 180);
    const scores: ImportedItem['scores'] = {};
    for (const [name, score] of Object.entries(isRow(sample.scores) ? sample.scores : {}).slice(0, SCORERS_MAX)) {
      if (!isRow(score)) continue;
      if (isRow(score.value)) {
        // A scorer with several values: each is one of its own.
        for (const [part, one] of Object.entries(score.value).slice(0, SCORERS_MAX)) {
          const value = letter(one);
          scores[safeName(`${name}_${part}`)] = said(value, value === 0 || value === 1 ? value === 1 : null, null);
        }
        continue;
      }
      const value = letter(score.value);
      scores[safeName(name)] = said(value, value === 0 || value === 1 ? value === 1 : null, textOf(score.explanation));
    }
    const output = isRow(sample.output) ? sample.output : {};
    const choice = first(output.choices);
    const message = isRow(choice) && isRow(choice.message) ? choice.message.content : undefined;
    const error = isRow(sample.error) ? (textOf(sample.error.message) ?? 'error') : null;
    run.items.push({
      itemId: epoch === 1 ? id : `${id}#${epoch}`,
      cluster: id,
      input: sample.input ?? null,
      output: outputOf(textOf(output.completion) ?? message),
      scores: error === null ? scores : {},
      error: error === null ? null : clip(error, REASON_MAX),
      latencyMs: null,
    });
  });
  return [run];
}

/** OpenAI evals, the recorder's JSON Lines: `spec`, then events; what decides is `match` (correct) or numbers of `metrics`. */
function readOpenAi(file: Json): ImportedRun[] {
  const rows = file.kind === 'lines' ? file.rows : [file.value];
  const spec = rows.map((row) => row.spec).find(isRow) ?? {};
  const run: ImportedRun = {
    title: clip(textOf(spec.eval_name) ?? textOf(spec.base_eval) ?? 'OpenAI evals', 200),
    model: clip(textOf(first(spec.completion_fns)) ?? 'unknown', 200),
    items: [],
  };
  const items = new Map<string, ImportedItem>();
  rows.forEach((row) => {
    const id = textOf(row.sample_id);
    const data = isRow(row.data) ? row.data : null;
    if (id === null || data === null) return;
    const item = items.get(id) ?? blank(clip(id, 200));
    items.set(id, item);
    if (row.type === 'match' && typeof data.correct === 'boolean')
      item.scores.match = said(data.correct ? 1 : 0, data.correct, null);
    if (row.type === 'metrics')
      for (const [name, value] of Object.entries(data).slice(0, SCORERS_MAX)) {
        const score = unit(value);
        if (score !== null) item.scores[safeName(name)] = said(score, null, null);
      }
    if (row.type === 'sampling') {
      item.input = data.prompt ?? null;
      item.output = outputOf(Array.isArray(data.sampled) ? first(data.sampled) : data.sampled);
    }
    if (row.type === 'error') item.error = clip(textOf(data.message) ?? 'error', REASON_MAX);
  });
  run.items.push(...items.values());
  return [run];
}

const blank = (itemId: string): ImportedItem => ({
  itemId,
  cluster: itemId,
  input: null,
  output: null,
  scores: {},
  error: null,
  latencyMs: null,
});

function runOf(runs: Map<string, ImportedRun>, model: string, title: string): ImportedRun {
  const key = `${model}\u0000${title}`;
  const known = runs.get(key);
  if (known) return known;
  if (runs.size >= 100) throw new AppError('too_large', 'The file holds more than 100 models or tasks.');
  const run = { title: clip(title, 200), model: clip(model, 200), items: [] };
  runs.set(key, run);
  return run;
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

function said(score: number | null, passed: boolean | null, reason: string | null) {
  return { score, passed, reason: reason === null ? null : clip(reason, REASON_MAX) };
}

/** C, I, P and N of inspect_ai; words for yes and no; numbers from 0 to 1. */
function letter(value: unknown): number | null {
  if (typeof value === 'string') {
    const known: Record<string, number> = { c: 1, i: 0, p: 0.5, n: 0, yes: 1, no: 0, true: 1, false: 0 };
    const lower = value.toLowerCase();
    return Object.hasOwn(known, lower) ? (known[lower] as number) : unit(Number(value));
  }
  return unit(value);
}

/** A score in [0, 1]; anything else (a perplexity, NaN) is not comparable and is left out. */
function unit(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : null;
}

function safeName(name: string): string {
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40);
  return safe === '' ? 'score' : safe;
}

function outputOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return clip(typeof value === 'string' ? value : JSON.stringify(value), OUTPUT_MAX);
}

function at(where: string, what = 'is not an object'): AppError {
  return new AppError('invalid_input', `${where} ${what}. The file may be cut off; write it again.`);
}

const clip = (text: string, length: number) => text.slice(0, length);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

function tryParse(text: string): unknown {
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
