import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { openThread } from '../thread.ts';

export type ModelQuestion = {
  text: string;
  /** The second text of models that judge a pair: the hypothesis of an entailment. Stands whole beside each window. */
  pair?: string;
};

export type ModelWindow = {
  /** By label of `config.json`; they sum to 1 unless there is a single label. */
  probabilities: Record<string, number>;
};

export type ModelAnswer = {
  /** One for each stretch of a text longer than the model reads at once. Never empty when `complete`. */
  windows: ModelWindow[];
  /** False when the end of the text was not read. */
  complete: boolean;
};

/** A classifier of texts whose weights the operator supplies. */
export type TextModel = {
  readonly labels: readonly string[];
  /** SHA-256 over model, tokenizer and labels, in hexadecimal: what was running when a text was judged. */
  readonly digest: string;
  /** As the folder says, in `config.json` or at the head of `README.md`; null where it does not. */
  readonly license: string | null;
  /** Throws `unavailable` when the queue is full, the time is over or the model fails; the text is then not judged. */
  classify(question: ModelQuestion): Promise<ModelAnswer>;
  close(): Promise<void>;
};

export type WorkerSetup = {
  model: Uint8Array;
  tokenizer: string;
  tokenizerConfig: string;
  labels: readonly string[];
  maxTokens: number;
  mostWindows: number;
};

const MODEL_MAX_BYTES = 2 * 1024 ** 3 - 1;
const TEXT_FILE_MAX_BYTES = 64 * 1024 ** 2;
const TEXT_MAX_UNITS = 262_144;
const QUEUE_MAX = 64;
const START_TIMEOUT_MS = 120_000;
const WINDOWS_MAX = 16;
const TOKENS_MAX = 512;

const ModelConfig = z.object({
  id2label: z.record(z.string().regex(/^\d{1,4}$/), z.string().min(1).max(100)),
  max_position_embeddings: z.number().int().min(16).max(1_000_000).optional(),
  license: z.string().max(200).optional(),
});

/**
 * Opens a sequence classifier from a folder as model hubs lay it out: `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`,
 * `tokenizer_config.json` where there is one, and `config.json` with `id2label`. Nothing is ever fetched.
 *
 * `maxTokens` is how much of a text is judged at once, at most what the model reads (512 by default); `timeoutMs` bounds one
 * question. Throws `invalid_input` naming the file that is missing or cannot be used.
 */
export async function openTextModel(options: {
  folder: string;
  maxTokens?: number;
  timeoutMs?: number;
}): Promise<TextModel> {
  const { folder, timeoutMs = 5_000 } = options;
  const modelFile = await fileOf(folder, ['model.onnx', 'onnx/model.onnx'], MODEL_MAX_BYTES);
  const tokenizer = await textOf(folder, 'tokenizer.json');
  const configText = await textOf(folder, 'config.json');
  const tokenizerConfig = existsSync(join(folder, 'tokenizer_config.json'))
    ? await textOf(folder, 'tokenizer_config.json')
    : '{}';
  const config = parseConfig(folder, configText);
  const labels = labelsOf(folder, config);
  const setup: Omit<WorkerSetup, 'model'> = {
    tokenizer,
    tokenizerConfig,
    labels,
    maxTokens: Math.min(options.maxTokens ?? TOKENS_MAX, config.max_position_embeddings ?? TOKENS_MAX),
    mostWindows: WINDOWS_MAX,
  };
  const digest = await digestOf(modelFile, [tokenizer, tokenizerConfig, configText]);
  const runner = new Runner(modelFile, setup, timeoutMs);
  try {
    await runner.start();
  } catch (cause) {
    await runner.close();
    throw new AppError('invalid_input', `The model in ${folder} does not run: ${messageOf(cause)}.`, { cause });
  }
  return {
    labels,
    digest,
    license: config.license ?? (await licenseInReadme(folder)),
    classify: (question) => runner.ask(question),
    close: () => runner.close(),
  };
}

async function fileOf(folder: string, names: readonly string[], mostBytes: number): Promise<string> {
  const path = names.map((name) => join(folder, name)).find((one) => existsSync(one));
  if (path === undefined)
    throw new AppError('invalid_input', `${folder} holds no ${names[0]}. Put the files of the model there.`);
  const { size } = await stat(path);
  if (size > mostBytes)
    throw new AppError('invalid_input', `${path} has ${size} bytes; at most ${mostBytes} can be read.`);
  return path;
}

async function textOf(folder: string, name: string): Promise<string> {
  return readFile(await fileOf(folder, [name], TEXT_FILE_MAX_BYTES), 'utf8');
}

function parseConfig(folder: string, text: string): z.infer<typeof ModelConfig> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid_input', `${join(folder, 'config.json')} is not JSON.`, { cause });
  }
  const parsed = ModelConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    'invalid_input',
    `${join(folder, 'config.json')} is not usable: ${issue?.path.join('.') || 'the file'}: ${issue?.message}. It must name the labels in id2label.`,
  );
}

function labelsOf(folder: string, { id2label }: z.infer<typeof ModelConfig>): string[] {
  const labels = Object.keys(id2label)
    .map(Number)
    .sort((a, b) => a - b)
    .map((id) => id2label[String(id)] as string);
  if (labels.length === 0 || new Set(labels).size !== labels.length)
    throw new AppError('invalid_input', `${join(folder, 'config.json')}: id2label must name different labels.`);
  return labels;
}

async function digestOf(modelFile: string, texts: readonly string[]): Promise<string> {
  const whole = createHash('sha256');
  const model = createHash('sha256');
  for await (const chunk of createReadStream(modelFile)) model.update(chunk as Buffer);
  whole.update(model.digest());
  for (const text of texts) whole.update(createHash('sha256').update(text).digest());
  return whole.digest('hex');
}

async function licenseInReadme(folder: string): Promise<string | null> {
  const path = join(folder, 'README.md');
  if (!existsSync(path) || (await stat(path)).size > TEXT_FILE_MAX_BYTES) return null;
  const head = /^---\r?\n([\s\S]{0,20000}?)\r?\n---/.exec(await readFile(path, 'utf8'))?.[1] ?? '';
  return /^license:[ \t]*["']?([^"'\r\n]{1,100})/m.exec(head)?.[1]?.trim() ?? null;
}

type Waiting = { resolve: (answer: ModelAnswer) => void; reject: (error: Error) => void; timer: NodeJS.Timeout };

/** Keeps a thread with the model in it, and starts another when one ends or hangs. */
class Runner {
  readonly #modelFile: string;
  readonly #setup: Omit<WorkerSetup, 'model'>;
  readonly #timeoutMs: number;
  #worker: Promise<Worker> | null = null;
  #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isClosed = false;

  constructor(modelFile: string, setup: Omit<WorkerSetup, 'model'>, timeoutMs: number) {
    this.#modelFile = modelFile;
    this.#setup = setup;
    this.#timeoutMs = timeoutMs;
  }

  async start(): Promise<void> {
    await this.#running();
  }

  async ask(question: ModelQuestion): Promise<ModelAnswer> {
    if (question.text.length + (question.pair?.length ?? 0) > TEXT_MAX_UNITS)
      throw new AppError('too_large', `The model is asked about at most ${TEXT_MAX_UNITS} characters.`);
    if (this.#waiting.size >= QUEUE_MAX)
      throw new AppError('unavailable', 'More texts wait for the model than it can judge in time.');
    const worker = await this.#running();
    return new Promise((resolve, reject) => {
      const id = ++this.#asked;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new AppError('unavailable', `The model did not answer within ${this.#timeoutMs} ms.`));
        // A run cannot be interrupted: while others still wait in time it goes on, a stuck one is ended with its thread.
        if (this.#waiting.size === 0) void this.#drop(worker, 'the model took too long');
      }, this.#timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      worker.postMessage({ id, question });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = await this.#worker?.catch(() => null);
    if (worker) await this.#drop(worker, 'the model was closed');
  }

  #running(): Promise<Worker> {
    if (this.#isClosed) return Promise.reject(new AppError('unavailable', 'The model is closed.'));
    if (this.#worker === null) {
      const starting = this.#launch();
      this.#worker = starting;
      starting.catch(() => {
        if (this.#worker === starting) this.#worker = null;
      });
    }
    return this.#worker;
  }

  async #launch(): Promise<Worker> {
    const model = await readFile(this.#modelFile);
    const worker = openThread(import.meta.url, 'text-model-worker', { ...this.#setup, model });
    worker.unref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        void worker.terminate();
        reject(new AppError('unavailable', `The model was not ready within ${START_TIMEOUT_MS / 1000} s.`));
      }, START_TIMEOUT_MS);
      worker.on('message', (message: WorkerMessage) => {
        if ('ready' in message || 'failed' in message) clearTimeout(timer);
        if ('ready' in message) resolve(worker);
        else if ('failed' in message) {
          void worker.terminate();
          reject(new Error(message.failed));
        } else this.#settle(message);
      });
      worker.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
        void this.#drop(worker, messageOf(error));
      });
      worker.on('exit', () => void this.#drop(worker, 'the thread of the model ended'));
    });
  }

  #settle(message: { id: number; answer?: ModelAnswer; error?: string }): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.answer) waiting.resolve(message.answer);
    else waiting.reject(new AppError('unavailable', `The model could not judge the text: ${message.error}.`));
  }

  async #drop(worker: Worker, reason: string): Promise<void> {
    const current = await this.#worker?.catch(() => null);
    if (current !== worker) return;
    this.#worker = null;
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new AppError('unavailable', `A text was not judged: ${reason}.`));
    }
    this.#waiting.clear();
    await worker.terminate();
  }
}

type WorkerMessage = { ready: true } | { failed: string } | { id: number; answer?: ModelAnswer; error?: string };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300).replace(/\.$/, '') : 'unknown';
}
