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
export type Row = Record<string, unknown>;

/** Reads the results of single items one after the other. Throws `invalid_input` with the place where one is none. */
export type ItemReader = {
  /** `where` is the line or field, for messages. */
  add(item: unknown, where: string): void;
  finish(): ImportedRun[];
};

export type Surroundings = {
  /** What stands around the items of a document; empty for a file of lines. */
  head: Row;
  /** Without its folder. */
  fileName: string | null;
  /** Told of each item that is kept, to bound what a long file costs. */
  keep?: (item: Pick<ImportedItem, 'input' | 'output'>) => void;
};

export const ITEM_READERS: Record<ImportFormat, (around: Surroundings) => ItemReader> = {
  promptfoo: promptfooReader,
  'lm-eval': harnessReader,
  inspect: inspectReader,
  'openai-evals': openAiReader,
};

const SCORERS_MAX = 50;
const OUTPUT_MAX = 65_536;
const REASON_MAX = 300;

// What promptfoo writes where a test had an error of its own, as opposed to an assertion that did not hold.
const PROMPTFOO_ERROR = 2;

const PROMPTFOO_VERSIONS: readonly unknown[] = [undefined, 1, 2, 3];

/**
 * promptfoo, `eval --output *.json` (summaries of version 2 and 3) or `*.jsonl` (a result a line): one result for each test,
 * prompt and provider. A grader that failed (`metadata.graderError`) has said nothing, whatever `success` holds.
 */
function promptfooReader({ head, keep }: Surroundings): ItemReader {
  const version = isRow(head.results) ? head.results.version : undefined;
  if (!PROMPTFOO_VERSIONS.includes(version)) throw unknownVersion('results.version', version, '1 to 3');
  const description = isRow(head.config) ? textOf(head.config.description) : null;
  const runs = new Map<string, ImportedRun>();
  const times = new Map<string, number>();
  const add: ItemReader['add'] = (result, where) => {
    if (!isRow(result)) throw at(where);
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
    const item: ImportedItem = {
      itemId: time === 0 ? base : `${base}:${time}`,
      cluster: String(test),
      input: result.vars ?? null,
      output: outputOf(response.output),
      scores: failed
        ? {}
        : {
            pass: said(passed === null ? null : passed ? 1 : 0, passed, textOf(grading.reason)),
            ...wholeScore(result.score, passed),
            ...namedScores(result.namedScores),
          },
      error: failed ? clip(error ?? 'The test ended with an error.', REASON_MAX) : null,
      latencyMs: numberOf(result.latencyMs),
    };
    keep?.(item);
    run.items.push(item);
  };
  return { add, finish: () => [...runs.values()] };
}

/** The mean over assertions by weight, where it says more than whether the test passed. */
function wholeScore(value: unknown, passed: boolean | null): ImportedItem['scores'] {
  const score = unit(value);
  return score === null || passed === null || score === 0 || score === 1 ? {} : { score: said(score, null, null) };
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

const HARNESS_FILE = /^samples_(.+?)(?:_\d{4}-\d\d-\d\dT[\d.:-]+)?\.jsonl?$/;

/**
 * lm-evaluation-harness, `--log_samples`: samples_<task>_<time>.jsonl, one document a line (and one more for each filter). Only
 * the name of the file says the task, and versions before 0.4.6 do not say the filter: there a document that comes again is
 * of the next one.
 */
function harnessReader({ fileName, keep }: Surroundings): ItemReader {
  const runs = new Map<string, ImportedRun>();
  const times = new Map<string, number>();
  const taskOfFile = HARNESS_FILE.exec(fileName ?? '')?.[1];
  const add: ItemReader['add'] = (row, where) => {
    if (!isRow(row) || !('doc_id' in row)) throw at(where, 'has no doc_id');
    const task = textOf(row.task_name) ?? textOf(row.task) ?? taskOfFile ?? 'lm-evaluation-harness';
    let filter = textOf(row.filter);
    if (filter === null) {
      const key = `${task} ${row.doc_id}`;
      const time = (times.get(key) ?? 0) + 1;
      times.set(key, time);
      if (time > 1) filter = `filter ${time}`;
    }
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
    const item: ImportedItem = {
      itemId: id,
      cluster: id,
      input: row.doc ?? null,
      output: outputOf(first(row.filtered_resps) ?? first(first(row.resps))),
      scores,
      error: null,
      latencyMs: null,
    };
    keep?.(item);
    run.items.push(item);
  };
  return { add, finish: () => [...runs.values()] };
}

const INSPECT_VERSIONS: readonly unknown[] = [undefined, 1, 2];

/** inspect_ai, a log of version 1 or 2: samples with one value for each scorer; letters as `value_to_float` reads them. */
function inspectReader({ head, keep }: Surroundings): ItemReader {
  if (!INSPECT_VERSIONS.includes(head.version)) throw unknownVersion('version', head.version, '1 and 2');
  const about = isRow(head.eval) ? head.eval : {};
  const run: ImportedRun = {
    title: clip(textOf(about.task) ?? 'inspect_ai', 200),
    model: clip(textOf(about.model) ?? 'unknown', 200),
    items: [],
  };
  const add: ItemReader['add'] = (sample, where) => {
    if (!isRow(sample)) throw at(where);
    const epoch = numberOf(sample.epoch) ?? 1;
    const id = clip(String(sample.id ?? run.items.length), 180);
    const scores: ImportedItem['scores'] = {};
    // Version 1 of the log had one scorer without a name.
    const scored = isRow(sample.scores) ? sample.scores : isRow(sample.score) ? { score: sample.score } : {};
    for (const [name, score] of Object.entries(scored).slice(0, SCORERS_MAX)) {
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
    const attached = isRow(sample.attachments) ? sample.attachments : {};
    const error = isRow(sample.error) ? (textOf(sample.error.message) ?? 'error') : invalidated(sample.invalidation);
    const seconds = numberOf(sample.working_time) ?? numberOf(sample.total_time);
    const item: ImportedItem = {
      itemId: epoch === 1 ? id : `${id}#${epoch}`,
      cluster: id,
      input: sample.input ?? null,
      output: outputOf(textOf(output.completion) ?? spoken(message), attached),
      scores: error === null ? scores : {},
      error: error === null ? null : clip(error, REASON_MAX),
      latencyMs: seconds === null ? null : seconds * 1_000,
    };
    keep?.(item);
    run.items.push(item);
  };
  return { add, finish: () => [run] };
}

/** A person has struck the sample out. */
function invalidated(value: unknown): string | null {
  return isRow(value) ? `Invalidated: ${textOf(value.reason) ?? 'no reason given'}` : null;
}

/** The words of a message that is a text or a list of parts. */
function spoken(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const words = content.map((part: unknown) => (isRow(part) && part.type === 'text' ? textOf(part.text) : null));
  return words.some((text) => text !== null) ? words.filter((text) => text !== null).join('\n') : content;
}

/**
 * OpenAI evals, the recorder's JSON Lines: `spec`, then events in any order; what decides is `match` (correct) or numbers of
 * `metrics`. Where a model was the judge (`metrics` with a `choice`), its own samplings follow that of the answer.
 */
function openAiReader({ keep }: Surroundings): ItemReader {
  let spec: Row = {};
  type Sampled = ImportedItem & { firstOutput?: string | null; judged?: boolean };
  const items = new Map<string, Sampled>();
  const add: ItemReader['add'] = (row, where) => {
    if (!isRow(row)) throw at(where);
    if (isRow(row.spec)) {
      if (textOf(spec.run_id) !== null && spec.run_id !== row.spec.run_id)
        throw at(where, 'begins a second run: give one file for each run', '');
      spec = row.spec;
    }
    const id = textOf(row.sample_id);
    const data = isRow(row.data) ? row.data : null;
    if (id === null || data === null) return;
    const item: Sampled = items.get(id) ?? blank(clip(id, 200));
    items.set(id, item);
    if (row.type === 'match' && typeof data.correct === 'boolean')
      item.scores.match = said(data.correct ? 1 : 0, data.correct, null);
    if (row.type === 'metrics') {
      item.judged ||= typeof data.choice === 'string';
      for (const [name, value] of Object.entries(data).slice(0, SCORERS_MAX)) {
        const score = unit(value);
        if (score !== null) item.scores[safeName(name)] = said(score, null, null);
      }
    }
    if (row.type === 'sampling') {
      item.output = outputOf(Array.isArray(data.sampled) ? first(data.sampled) : data.sampled);
      if (item.firstOutput === undefined) {
        item.firstOutput = item.output;
        item.input = data.prompt ?? null;
        keep?.(item);
      }
    }
    if (row.type === 'error') item.error = clip(textOf(data.message) ?? 'error', REASON_MAX);
  };
  const finish = () => {
    // Before 0.1.0 a spec named models and no completion functions.
    const names = isRow(spec.model_names) ? spec.model_names.completions : undefined;
    const model = textOf(first(spec.completion_fns)) ?? textOf(spec.model_name) ?? textOf(first(names)) ?? 'unknown';
    const title = textOf(spec.eval_name) ?? textOf(spec.base_eval) ?? 'OpenAI evals';
    const read = [...items.values()].map(({ firstOutput = null, judged, ...item }) => ({
      ...item,
      output: judged ? firstOutput : item.output,
      scores: item.error === null ? item.scores : {},
    }));
    return [{ title: clip(title, 200), model: clip(model, 200), items: read }];
  };
  return { add, finish };
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

const ATTACHMENT = 'attachment://';

/** `attached` holds long texts that inspect_ai keeps apart. */
function outputOf(value: unknown, attached: Row = {}): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const key = text.startsWith(ATTACHMENT) ? text.slice(ATTACHMENT.length) : null;
  const whole = key !== null && Object.hasOwn(attached, key) ? textOf(attached[key]) : null;
  return clip(whole ?? text, OUTPUT_MAX);
}

function at(where: string, what = 'is not an object', next = 'The file may be cut off; write it again.'): AppError {
  return new AppError('invalid_input', `${where} ${what}. ${next}`.trim());
}

function unknownVersion(field: string, version: unknown, known: string): AppError {
  const shown = clip(JSON.stringify(version) ?? 'nothing', 20);
  return new AppError(
    'invalid_input',
    `${field} is ${shown}; files of version ${known} are known here. Write the file with a version of the program that writes those.`,
  );
}

const clip = (text: string, length: number) => text.slice(0, length);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);
export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
