import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { crc32 } from '#src/kernel/hash.ts';
import { importResultsFile } from './import-file.ts';

// Written after the sources of the programs (see docs/guides/evaluations.md); every name and text in them is made up.

const folder = mkdtempSync(join(tmpdir(), 'evaluation-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

/** A ZIP as Python's zipfile writes it, compressed or, for `method` 93, only said to be. */
function zip(entries: Record<string, unknown>, method = 8): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, value] of Object.entries(entries)) {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const packed = deflateRawSync(bytes);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(method, 4);
    head.writeUInt32LE(crc32(bytes), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04'), head, Buffer.from(name), packed);
    const listed = Buffer.alloc(42);
    listed.writeUInt16LE(20, 0);
    head.copy(listed, 2);
    listed.writeUInt32LE(offset, 38);
    directory.push(Buffer.from('PK\x01\x02'), listed, Buffer.from(name));
    offset += 4 + 26 + name.length + packed.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  const { length } = Object.keys(entries);
  end.writeUInt16LE(length, 8);
  end.writeUInt16LE(length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

describe('a log of inspect_ai in its own form', () => {
  const head = { version: 2, status: 'success', eval: { task: 'arc', model: 'openai/gpt-x' }, plan: {} };
  const sample = (id: string, epoch: number, more: object = {}) => ({
    id,
    epoch,
    input: 'Which?',
    target: 'A',
    output: { model: 'gpt-x', choices: [{ message: { role: 'assistant', content: 'A' }, stop_reason: 'stop' }] },
    scores: { choice: { value: 'C', answer: 'A' } },
    working_time: 1.5,
    ...more,
  });

  test('is read sample by sample, with attachments, parts of messages, errors and what a person has struck out', async () => {
    const talk = {
      choices: [
        {
          message: {
            content: [
              { type: 'reasoning', reasoning: 'so' },
              { type: 'text', text: 'B' },
            ],
          },
        },
      ],
    };
    const path = file(
      'a.eval',
      zip({
        '_journal/start.json': head,
        'samples/q1_epoch_1.json': sample('q1', 1),
        'samples/q1_epoch_2.json': sample('q1', 2, { output: talk, scores: { choice: { value: 'I' } } }),
        'samples/q2_epoch_1.json': sample('q2', 1, {
          output: { choices: [], completion: 'attachment://0a' },
          attachments: { '0a': 'a long answer' },
        }),
        'samples/q3_epoch_1.json': sample('q3', 1, { error: { message: 'timeout' } }),
        'samples/q4_epoch_1.json': sample('q4', 1, { invalidation: { author: 'x', reason: 'wrong key' } }),
        'summaries.json': [],
        'header.json': { ...head, eval: { ...head.eval, task: 'arc_challenge' } },
      }),
    );
    const { format, runs } = await importResultsFile(path, 'auto');
    expect(format).toBe('inspect');
    expect(runs[0]).toMatchObject({ title: 'arc_challenge', model: 'openai/gpt-x' });
    expect(
      runs[0]?.items.map(({ itemId, output, scores, error, latencyMs }) => [
        itemId,
        output,
        scores.choice?.score,
        error,
        latencyMs,
      ]),
    ).toEqual([
      ['q1', 'A', 1, null, 1_500],
      ['q1#2', 'B', 0, null, 1_500],
      ['q2', 'a long answer', 1, null, 1_500],
      ['q3', 'A', undefined, 'timeout', 1_500],
      ['q4', 'A', undefined, 'Invalidated: wrong key', 1_500],
    ]);
  });

  test('of a run that was not finished, and of the first versions, has its head elsewhere', async () => {
    for (const name of ['_journal/start.json', 'start.json']) {
      const path = file('b.eval', zip({ [name]: head, 'samples/1_epoch_1.json': sample('1', 1) }));
      expect((await importResultsFile(path, 'inspect')).runs[0]?.title).toBe('arc');
    }
  });

  test.each([
    ['of another version', zip({ 'header.json': { ...head, version: 3 } }), /version is 3; files of version 1 and 2/],
    ['without samples', zip({ 'header.json': head }), /no results of single items/],
    ['that is another ZIP', zip({ 'a.txt': 'a' }), /holds no header.json/],
    ['packed otherwise', zip({ 'header.json': head }, 93), /inspect log convert/],
    ['that is cut off', zip({ 'header.json': head }).subarray(0, 60), /damaged/],
    [
      'with a sample that is none',
      zip({ 'header.json': head, 'samples/1_epoch_1.json': '{"id":' }),
      /samples\/1_epoch_1.json is not/,
    ],
  ])('%s is refused in words', async (_what, bytes, words) => {
    await expect(importResultsFile(file('c.eval', bytes), 'auto')).rejects.toThrow(words);
  });
});

describe('a file of lines', () => {
  const row = (k: number, more: object = {}) => ({
    doc_id: k,
    doc: { q: k },
    resps: [['x']],
    filtered_resps: ['x'],
    ...more,
  });

  test('of lm-evaluation-harness takes its task from its name, and a line end within a text for none', async () => {
    const path = file(
      'samples_gsm8k_cot_2026-10-01T08-00-00.123456.jsonl',
      `\ufeff${lines([row(0, { filtered_resps: ['a\u2028b'], exact_match: 1 }), row(1, { exact_match: 0 })])}\r\n`,
    );
    const { format, runs } = await importResultsFile(path, 'auto');
    expect(format).toBe('lm-eval');
    expect(runs[0]?.title).toBe('gsm8k_cot');
    expect(runs[0]?.items.map(({ output, scores }) => [output, scores.exact_match?.score])).toEqual([
      ['a\u2028b', 1],
      ['x', 0],
    ]);
  });

  test('of lm-evaluation-harness before 0.4.6 names no filter: a document that comes again is of the next one', async () => {
    const path = file(
      'old.jsonl',
      lines([row(0, { acc: 1 }), row(1, { acc: 0 }), row(0, { acc: 0 }), row(1, { acc: 0 })]),
    );
    const { runs } = await importResultsFile(path, 'auto');
    expect(runs.map(({ title, items }) => [title, items.length])).toEqual([
      ['lm-evaluation-harness', 2],
      ['lm-evaluation-harness, filter 2', 2],
    ]);
  });

  test('of promptfoo holds a result a line, with the mean of its assertions', async () => {
    const result = (testIdx: number, more: object) => ({
      testIdx,
      promptIdx: 0,
      provider: { id: 'p', label: '' },
      vars: { q: testIdx },
      response: { output: 'x' },
      failureReason: 0,
      namedScores: {},
      ...more,
    });
    const path = file(
      'out.jsonl',
      lines([result(0, { success: true, score: 1 }), result(1, { success: false, score: 0.5, failureReason: 1 })]),
    );
    const { format, runs } = await importResultsFile(path, 'auto');
    expect(format).toBe('promptfoo');
    expect(runs[0]?.items.map(({ scores }) => [scores.pass?.score, scores.score?.score])).toEqual([
      [1, undefined],
      [0, 0.5],
    ]);
  });

  test('of OpenAI evals may have its report before its events; where a model judged, the answer is the first sampling', async () => {
    const event = (id: number, sample_id: string, type: string, data: object) => ({
      run_id: 'r',
      event_id: id,
      sample_id,
      type,
      data,
      created_by: '',
      created_at: '2026-10-01 08:00:00.000000+00:00',
    });
    const path = file(
      'run.jsonl',
      lines([
        { spec: { model_names: { completions: ['model-a'] }, eval_name: 'fact.dev.v0', run_id: 'r' } },
        { final_report: { 'counts/Y': 1 } },
        event(0, 'fact.dev.0', 'sampling', { prompt: 'q', sampled: ['the answer'] }),
        event(1, 'fact.dev.0', 'sampling', { prompt: 'judge it', sampled: ['Y'] }),
        event(2, 'fact.dev.0', 'metrics', { choice: 'Y', score: 1 }),
        event(3, 'fact.dev.1', 'match', { correct: false, expected: 'a', picked: null, sampled: 'b', options: ['a'] }),
        event(4, 'fact.dev.2', 'error', { type: 'TimeoutError', message: 'late' }),
      ]),
    );
    const { runs } = await importResultsFile(path, 'auto');
    expect(runs[0]).toMatchObject({ title: 'fact.dev.v0', model: 'model-a' });
    expect(runs[0]?.items).toMatchObject([
      { input: 'q', output: 'the answer', scores: { score: { score: 1 } } },
      { scores: { match: { score: 0, passed: false } } },
      { error: 'late', scores: {} },
    ]);
  });

  test.each([
    ['cut off', `${lines([row(0), row(1)])}\n{"doc_id":2,"re`, /^Line 3 is not a JSON object/],
    [
      'with a second run in it',
      lines([{ spec: { run_id: 'a' } }, { spec: { run_id: 'b' } }]),
      /^line 2 begins a second run/,
    ],
    ['not in UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /not UTF-8/],
    ['that is empty', '\n\n', /not JSON/],
    [
      'with the means of lm-eval alone',
      JSON.stringify({ results: { gsm8k: { 'exact_match,none': 0.5 } }, configs: {}, 'n-shot': {} }, null, 1),
      /--log_samples/,
    ],
    [
      'from a promptfoo to come',
      JSON.stringify({ evalId: 'e', results: { version: 4, results: [] } }),
      /results.version is 4/,
    ],
  ])('%s is refused in words', async (_what, content, words) => {
    await expect(importResultsFile(file('bad.jsonl', content), 'auto')).rejects.toThrow(words);
  });

  test('of many megabytes costs what is kept of it, and no more', async () => {
    const padding = 'y'.repeat(100_000);
    const path = file(
      'long.jsonl',
      lines(Array.from({ length: 200 }, (_, k) => row(k, { arguments: padding, acc: k % 2 }))),
    );
    const { runs } = await importResultsFile(path, 'auto');
    expect(runs[0]?.items.length).toBe(200);
    expect(JSON.stringify(runs).length).toBeLessThan(60_000);
  });
});

test('what is no file is said', async () => {
  await expect(importResultsFile(join(folder, 'absent.json'), 'auto')).rejects.toThrow('not a file that is there');
  await expect(importResultsFile(folder, 'auto')).rejects.toThrow('not a file that is there');
});
