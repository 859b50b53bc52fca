import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Weight of each word for each label. A text gets the sum over its words, and the softmax of that. */
export type WordWeights = Record<string, readonly number[]>;

/** Writes a classifier that knows a few words, in the files a model of a hub comes in. Its ONNX is spelled here byte by byte. */
export function writeTinyTextModel(
  folder: string,
  parts: { labels: readonly string[]; weights: WordWeights; maxTokens?: number; license?: string },
): void {
  const { labels, weights, maxTokens = 512 } = parts;
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...Object.keys(weights)];
  const table = vocabulary.flatMap((word) => weights[word] ?? labels.map(() => 0));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), tinyOnnx(table, vocabulary.length, labels.length));
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      id2label: Object.fromEntries(labels.map((label, id) => [String(id), label])),
      max_position_embeddings: maxTokens,
      ...(parts.license !== undefined && { license: parts.license }),
    }),
  );
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerOf(vocabulary)));
}

function tokenizerOf(vocabulary: readonly string[]): object {
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: vocabulary.slice(0, 4).map((content, id) => ({ id, content, ...special })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 1 } },
        { SpecialToken: { id: '[SEP]', type_id: 1 } },
      ],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
}

// Protocol buffers: a field is its number and wire type, then a varint, or a length and bytes.
const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
};
const number = (field: number, value: number) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, value: Buffer | string) => {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
};
const message = (...fields: Buffer[]) => Buffer.concat(fields);

const FLOAT = 1;
const INT64 = 7;

/** logits[1, labels] = sum over tokens of table[token]. Numbers of fields as in onnx.proto3. */
function tinyOnnx(table: readonly number[], words: number, labels: number): Buffer {
  const tensor = (name: string, dims: number[], type: number, data: Buffer) =>
    message(...dims.map((dim) => number(1, dim)), number(2, type), bytes(8, name), bytes(9, data));
  const value = (name: string, type: number, dims: (number | string)[]) => {
    const shape = dims.map((dim) => bytes(1, typeof dim === 'number' ? number(1, dim) : bytes(2, dim)));
    return message(bytes(1, name), bytes(2, bytes(1, message(number(1, type), bytes(2, message(...shape))))));
  };
  const node = (type: string, inputs: string[], output: string, ...attributes: Buffer[]) =>
    message(
      ...inputs.map((input) => bytes(1, input)),
      bytes(2, output),
      bytes(4, type),
      ...attributes.map((one) => bytes(5, one)),
    );
  const whole = (name: string, given: number) => message(bytes(1, name), number(3, given), number(20, 2));
  const graph = message(
    bytes(1, node('Gather', ['table', 'input_ids'], 'scores', whole('axis', 0))),
    bytes(1, node('ReduceSum', ['scores', 'axes'], 'logits', whole('keepdims', 0))),
    bytes(2, 'tiny'),
    bytes(5, tensor('table', [words, labels], FLOAT, Buffer.from(Float32Array.from(table).buffer))),
    bytes(5, tensor('axes', [1], INT64, Buffer.from(BigInt64Array.of(1n).buffer))),
    bytes(11, value('input_ids', INT64, [1, 'length'])),
    bytes(12, value('logits', FLOAT, [1, labels])),
  );
  return message(number(1, 8), bytes(7, graph), bytes(8, message(bytes(1, ''), number(2, 13))));
}
