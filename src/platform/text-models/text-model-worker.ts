import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-web';
import type { ModelAnswer, ModelQuestion, ModelWindow, WorkerSetup } from './text-model.ts';

// Runs one model in a thread of its own: inference takes the thread for tens of milliseconds and cannot be interrupted.

const OVERLAP = 0.25;

const setup = workerData as WorkerSetup;

async function start(): Promise<void> {
  // Node runs the WebAssembly build on one thread.
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const tokenizer = new Tokenizer(JSON.parse(setup.tokenizer), JSON.parse(setup.tokenizerConfig));
  const session = await ort.InferenceSession.create(setup.model, { executionProviders: ['wasm'] });
  const wants = new Set(session.inputNames);
  for (const name of wants)
    if (!['input_ids', 'attention_mask', 'token_type_ids'].includes(name))
      throw new Error(
        `the model wants an input "${name}"; only input_ids, attention_mask and token_type_ids are known`,
      );
  const output = session.outputNames.includes('logits') ? 'logits' : session.outputNames[0];
  if (output === undefined) throw new Error('the model has no output');

  const classify = async (question: ModelQuestion): Promise<ModelAnswer> => {
    const { windows, complete } = cut(tokenizer, question);
    const judged: ModelWindow[] = [];
    for (const window of windows) {
      const shape = [1, window.ids.length];
      const feeds: Record<string, ort.Tensor> = {};
      const tensor = (values: readonly number[]) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
      if (wants.has('input_ids')) feeds.input_ids = tensor(window.ids);
      if (wants.has('attention_mask')) feeds.attention_mask = tensor(window.ids.map(() => 1));
      if (wants.has('token_type_ids')) feeds.token_type_ids = tensor(window.types);
      const result = (await session.run(feeds))[output];
      if (result === undefined || result.type !== 'float32') throw new Error('the model gave no numbers');
      judged.push({ probabilities: probabilitiesOf(result.data as Float32Array, setup.labels) });
    }
    return { windows: judged, complete };
  };

  // One question at a time, in the order they came: a second run would only wait for the same thread.
  let last: Promise<unknown> = Promise.resolve();
  parentPort?.on('message', ({ id, question }: { id: number; question: ModelQuestion }) => {
    last = last
      .then(() => classify(question))
      .then(
        (answer) => parentPort?.postMessage({ id, answer }),
        (error: unknown) =>
          parentPort?.postMessage({ id, error: error instanceof Error ? error.message.slice(0, 300) : 'unknown' }),
      );
  });
  parentPort?.postMessage({ ready: true });
}

type Tokens = { ids: number[]; types: number[] };

/** Cuts a long text into windows that overlap; the pair, where there is one, stands whole in each. */
function cut(tokenizer: Tokenizer, { text, pair }: ModelQuestion): { windows: Tokens[]; complete: boolean } {
  const encode = (part: string): Tokens => {
    const encoded = tokenizer.encode(part, {
      text_pair: pair ?? null,
      add_special_tokens: true,
      return_token_type_ids: true,
    });
    return { ids: encoded.ids, types: encoded.token_type_ids ?? encoded.ids.map(() => 0) };
  };
  const whole = encode(text);
  if (whole.ids.length <= setup.maxTokens) return { windows: [whole], complete: true };
  const fixed = encode('').ids.length;
  const room = setup.maxTokens - fixed;
  if (room < 8) return { windows: [], complete: false };
  // Words, not tokens, are cut: every window is then spelled as its own text would be.
  const words = text.match(/\S+\s*/gu) ?? [];
  const sizes = words.map((word) => Math.max(1, tokenizer.encode(word, { add_special_tokens: false }).ids.length));
  const windows: Tokens[] = [];
  let from = 0;
  while (from < words.length) {
    if (windows.length === setup.mostWindows) return { windows, complete: false };
    let to = from;
    let size = 0;
    while (to < words.length && size + (sizes[to] ?? 0) <= room) size += sizes[to++] ?? 0;
    // A single word longer than a window: its beginning has to do.
    if (to === from) to++;
    const { ids, types } = encode(words.slice(from, to).join(''));
    windows.push({ ids: ids.slice(0, setup.maxTokens), types: types.slice(0, setup.maxTokens) });
    if (to >= words.length) break;
    from = Math.max(from + 1, to - Math.floor((to - from) * OVERLAP));
  }
  return { windows, complete: true };
}

/** Softmax over the labels; a model with one output gives the probability of its only label by the logistic function. */
function probabilitiesOf(logits: Float32Array, labels: readonly string[]): Record<string, number> {
  if (logits.length !== labels.length)
    throw new Error(`the model gives ${logits.length} numbers, and config.json names ${labels.length} labels`);
  if (labels.length === 1) return { [labels[0] ?? '']: 1 / (1 + Math.exp(-(logits[0] ?? 0))) };
  const most = Math.max(...logits);
  const weights = Array.from(logits, (one) => Math.exp(one - most));
  const sum = weights.reduce((total, one) => total + one, 0);
  return Object.fromEntries(labels.map((label, i) => [label, (weights[i] ?? 0) / sum]));
}

start().catch((error: unknown) => {
  parentPort?.postMessage({ failed: error instanceof Error ? error.message.slice(0, 300) : 'unknown' });
});
