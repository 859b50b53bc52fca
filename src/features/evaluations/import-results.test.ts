import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#src/kernel/errors.ts';
import { importResults } from './import-results.ts';

const promptfoo = {
  evalId: 'eval-1',
  config: { description: 'Support answers' },
  results: {
    version: 3,
    results: [
      {
        testIdx: 0,
        promptIdx: 0,
        provider: { id: 'openai:gpt-x', label: '' },
        vars: { q: 'a' },
        response: { output: 'yes' },
        success: true,
        score: 1,
        namedScores: { Tone: 0.9 },
        latencyMs: 12,
      },
      {
        testIdx: 1,
        promptIdx: 0,
        provider: { id: 'openai:gpt-x' },
        vars: { q: 'b' },
        response: { output: 'no' },
        success: false,
        score: 0,
        error: 'Expected yes',
        gradingResult: { pass: false, reason: 'Expected yes' },
        namedScores: {},
      },
      { testIdx: 1, promptIdx: 0, provider: { id: 'openai:gpt-x' }, vars: { q: 'b' }, success: false, error: '429' },
      { testIdx: 0, promptIdx: 0, provider: 'local', response: { output: { a: 1 } }, success: true },
    ],
  },
};
const harness = [
  {
    doc_id: 0,
    doc: { question: 'x' },
    target: '4',
    resps: [['4']],
    filtered_resps: ['4'],
    filter: 'strict',
    metrics: ['exact_match'],
    exact_match: 1,
    doc_hash: 'ab',
  },
  {
    doc_id: 1,
    doc: { question: 'y' },
    target: '5',
    resps: [['7']],
    filtered_resps: ['7'],
    filter: 'strict',
    metrics: ['exact_match'],
    exact_match: 0.0,
  },
  {
    doc_id: 0,
    doc: { question: 'x' },
    target: '4',
    resps: [['4']],
    filtered_resps: ['4'],
    filter: 'flexible',
    exact_match: 1,
    word_perplexity: 12.5,
  },
];
const inspect = {
  version: 2,
  status: 'success',
  eval: { task: 'arc', model: 'openai/gpt-x' },
  plan: {},
  samples: [
    {
      id: 'a',
      epoch: 1,
      input: 'q',
      target: 'A',
      output: { completion: 'A', choices: [] },
      scores: { choice: { value: 'C', explanation: 'right' } },
    },
    {
      id: 'a',
      epoch: 2,
      input: 'q',
      target: 'A',
      output: { choices: [{ message: { content: 'B' } }] },
      scores: { choice: { value: 'I' } },
    },
    { id: 'b', epoch: 1, input: 'q', target: 'A', error: { message: 'timeout' }, scores: {} },
  ],
};
const openai = [
  { spec: { completion_fns: ['gpt-x'], eval_name: 'coqa.dev', run_id: 'r' } },
  { run_id: 'r', event_id: 0, sample_id: 'coqa.0', type: 'sampling', data: { prompt: 'q', sampled: ['a'] } },
  { run_id: 'r', event_id: 1, sample_id: 'coqa.0', type: 'match', data: { correct: true, expected: 'a', picked: 'a' } },
  { run_id: 'r', event_id: 2, sample_id: 'coqa.1', type: 'match', data: { correct: false } },
  { run_id: 'r', event_id: 3, sample_id: 'coqa.1', type: 'metrics', data: { f1_score: 0.4, tokens: 90 } },
  { final_report: { accuracy: 0.5 } },
];
const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('a result file', () => {
  test('of promptfoo gives one run for each model, with every item once', () => {
    const { format, runs } = importResults(JSON.stringify(promptfoo), 'auto');
    expect(format).toBe('promptfoo');
    expect(runs.map((run) => [run.model, run.title, run.items.length])).toEqual([
      ['openai:gpt-x', 'Support answers', 3],
      ['local', 'Support answers', 1],
    ]);
    const [first, failed, error] = runs[0]?.items ?? [];
    expect(first?.scores).toEqual({
      pass: { score: 1, passed: true, reason: null },
      tone: { score: 0.9, passed: null, reason: null },
    });
    // A failed assertion is an answer that is wrong; a call that failed is no answer.
    expect(failed).toMatchObject({ itemId: '1:0', error: null, scores: { pass: { score: 0, passed: false } } });
    expect(error).toMatchObject({ itemId: '1:0:1', cluster: '1', error: '429', scores: {} });
  });

  test('of lm-evaluation-harness gives one run for each filter, without what is no score', () => {
    const { format, runs } = importResults(lines(harness), 'auto');
    expect(format).toBe('lm-eval');
    expect(runs.map((run) => [run.title, run.items.length])).toEqual([
      ['lm-evaluation-harness, strict', 2],
      ['lm-evaluation-harness, flexible', 1],
    ]);
    expect(runs[1]?.items[0]?.scores).toEqual({ exact_match: { score: 1, passed: true, reason: null } });
    expect(runs[0]?.items[1]).toMatchObject({ output: '7', scores: { exact_match: { score: 0, passed: false } } });
  });

  test('of inspect_ai reads letters, epochs and errors', () => {
    const { format, runs } = importResults(JSON.stringify(inspect), 'auto');
    expect(format).toBe('inspect');
    expect(runs[0]).toMatchObject({ title: 'arc', model: 'openai/gpt-x' });
    expect(
      runs[0]?.items.map(({ itemId, cluster, output, scores, error }) => [
        itemId,
        cluster,
        output,
        scores.choice?.score,
        error,
      ]),
    ).toEqual([
      ['a', 'a', 'A', 1, null],
      ['a#2', 'a', 'B', 0, null],
      ['b', 'b', null, undefined, 'timeout'],
    ]);
  });

  test('of OpenAI evals joins the events of a sample', () => {
    const { format, runs } = importResults(lines(openai), 'auto');
    expect(format).toBe('openai-evals');
    expect(runs[0]).toMatchObject({ title: 'coqa.dev', model: 'gpt-x' });
    expect(runs[0]?.items).toMatchObject([
      { itemId: 'coqa.0', output: 'a', scores: { match: { score: 1 } } },
      { itemId: 'coqa.1', scores: { match: { score: 0, passed: false }, f1_score: { score: 0.4 } } },
    ]);
  });

  test('written by Python with bare NaN loses that score and nothing else', () => {
    const text = lines(harness.slice(0, 2)).replace('"exact_match":1', '"exact_match":NaN');
    const { runs } = importResults(text, 'auto');
    expect(runs[0]?.items.map((item) => item.scores.exact_match?.score)).toEqual([undefined, 0]);
  });

  test.each([
    ['nothing', '', 'is not JSON'],
    ['a picture', '\u0089PNG', 'is not JSON'],
    ['other JSON', '{"a":1}', 'not a result file'],
    ['a line that was cut off', `${lines(harness)}\n{"doc_id":3,"resps`, 'Line 4 is not a JSON object'],
    [
      'only a mean',
      JSON.stringify({ evalId: 'x', results: { stats: { successes: 3 } } }),
      'no results of single items',
    ],
    ['one item twice', lines([harness[0], harness[0]]), 'twice'],
    ['a result that is none', JSON.stringify({ results: { results: [3] } }), 'results.results[0]'],
  ])('with %s is refused in words', (_what, text, words) => {
    expect(() => importResults(text, 'auto')).toThrow(words);
    expect(() => importResults(text, 'auto')).toThrow(AppError);
  });

  test('with hostile names pollutes nothing', () => {
    const hostile = {
      ...promptfoo,
      results: {
        results: [
          {
            testIdx: 0,
            provider: '__proto__',
            response: { output: 'x' },
            success: true,
            namedScores: JSON.parse('{"__proto__":1,"constructor":1}'),
          },
        ],
      },
    };
    const { runs } = importResults(JSON.stringify(hostile), 'auto');
    expect(runs[0]?.model).toBe('__proto__');
    expect(({} as Record<string, unknown>).pass).toBeUndefined();
  });

  test('changed anywhere is read or refused, and never anything else', () => {
    const files = [JSON.stringify(promptfoo), lines(harness), JSON.stringify(inspect), lines(openai)];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(),
        fc.nat(20),
        fc.string({ maxLength: 8 }),
        (file, at, cut, put) => {
          const from = at % file.length;
          const changed = file.slice(0, from) + put + file.slice(from + cut);
          try {
            importResults(changed, 'auto');
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('the formats named here are those of the guide', () => {
  const guide = readFileSync(new URL('../../../docs/guides/evaluations.md', import.meta.url), 'utf8');
  for (const format of ['promptfoo', 'lm-eval', 'inspect', 'openai-evals']) expect(guide).toContain(format);
});

describe('what newer and older versions write', () => {
  const one = (change: object) => ({
    testIdx: 0,
    promptIdx: 0,
    provider: { id: 'p' },
    response: { output: 'x' },
    ...change,
  });
  const promptfooOf = (...results: object[]) =>
    importResults(JSON.stringify({ evalId: 'e', results: { version: 3, results } }), 'auto').runs;

  test('promptfoo: an error of the test is no answer, even beside an output; a grader that failed decides nothing', () => {
    const [run] = promptfooOf(
      one({ success: false, failureReason: 2, error: 'Timeout', response: { output: 'half' } }),
      one({ testIdx: 1, success: false, failureReason: 1, error: 'Expected y', gradingResult: { pass: false } }),
      one({
        testIdx: 2,
        success: true,
        gradingResult: { pass: true, componentResults: [{ pass: true, metadata: { graderError: true } }] },
      }),
    );
    expect(run?.items[0]).toMatchObject({ error: 'Timeout', scores: {} });
    expect(run?.items[1]).toMatchObject({ error: null, scores: { pass: { score: 0, passed: false } } });
    expect(run?.items[2]?.scores.pass).toMatchObject({ score: null, passed: null });
  });

  test('promptfoo of version 2, which numbers no tests: the same question has the same id under each provider', () => {
    const old = (provider: string, q: string) => ({
      provider: { id: provider },
      prompt: { raw: 'Answer {{q}}', label: 'Answer' },
      vars: { q },
      response: { output: 'x' },
      success: true,
    });
    const text = JSON.stringify({
      results: { version: 2, results: [old('a', '1'), old('a', '2'), old('b', '2'), old('b', '1')], table: {} },
    });
    const [a, b] = importResults(text, 'promptfoo').runs;
    expect(a?.items.map(({ itemId }) => itemId).sort()).toEqual(b?.items.map(({ itemId }) => itemId).sort());
    expect(new Set(a?.items.map(({ itemId }) => itemId)).size).toBe(2);
  });

  test('inspect_ai: a scorer with several values gives several scores; NaN is unscored', () => {
    const text = `{"version":2,"eval":{"task":"t","model":"m"},"samples":[{"id":"s","epoch":1,
      "scores":{"rubric":{"value":{"tone":1,"facts":"C","other":null}},"none":{"value":NaN}}}]}`;
    const [run] = importResults(text, 'auto').runs;
    expect(run?.items[0]?.scores).toMatchObject({
      rubric_tone: { score: 1, passed: true },
      rubric_facts: { score: 1 },
      rubric_other: { score: null },
      none: { score: null, passed: null },
    });
  });

  test('a document that breaks off names the line, and repeats nothing of it', () => {
    const whole = JSON.stringify(
      { evalId: 'e', results: { results: [one({ vars: { q: 'private words' } })] } },
      null,
      2,
    );
    const cut = whole.slice(0, whole.indexOf('private words') + 7);
    expect(() => importResults(cut, 'auto')).toThrow(/damaged in line \d+, at character \d+/);
    expect(() => importResults(cut, 'auto')).not.toThrow(/private/);
    expect(() => importResults('{"doc_id":1,"resps":[]}\n{"doc_id":2,"re', 'auto')).toThrow(/^Line 2 is not/);
  });
});
