import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDetector, aPolicy } from '../../../tests/support/gateway.ts';
import { compileScreens } from '../screening/screen.ts';
import { Screening } from '../screening/screening.ts';
import type { PolicyDetector } from '../snapshot.ts';
import type { EndpointName } from '../wire/endpoints.ts';
import { Usage } from '../wire/usage.ts';
import { HeldStream } from './held-stream.ts';

function open(endpoint: EndpointName, action: PolicyDetector['action']) {
  const { output } = compileScreens(
    aPolicy({ detectors: [aDetector('personal_data', action), aDetector('secret', action)] }),
  );
  const screening = new Screening({
    screen: output,
    tenantId: 't',
    policyDigest: 'd',
    salt: 's',
    memo: null,
    canaries: [],
    leak: null,
    detectorVersion: '1',
  });
  const held = new HeldStream({
    endpoint,
    screening,
    usage: new Usage(),
    judgeTool: null,
    mayEnd: async () => true,
    dropUsage: false,
    seeEvent: null,
    judgeWhole: null,
  });
  return { held, screening };
}

type Said = { channel: number; text: string };

/** Events as providers write them. `at(i)` is told in each: where it never comes twice, no two events are of one form. */
const WRITERS: Record<string, (said: Said, i: number, at: (i: number) => number) => string> = {
  chat_completions: ({ channel, text }, i, at) =>
    `data: ${JSON.stringify({
      id: 'c',
      created: at(i),
      model: 'm',
      choices: [{ index: channel, delta: { content: text }, finish_reason: null }],
      usage: null,
      obfuscation: 'x'.repeat(i % 5),
    })}\n\n`,
  messages: ({ channel, text }, i, at) =>
    `event: content_block_delta\ndata: ${JSON.stringify({
      type: 'content_block_delta',
      index: channel,
      delta: { type: 'text_delta', text },
      created: at(i),
    })}\n\n`,
  responses: ({ channel, text }, i, at) =>
    `event: response.output_text.delta\ndata: ${JSON.stringify({
      type: 'response.output_text.delta',
      sequence_number: i,
      item_id: 'msg',
      output_index: 0,
      content_index: channel,
      delta: text,
      logprobs: [],
      created: at(i),
    })}\n\n`,
};
const ENDPOINTS = Object.keys(WRITERS) as EndpointName[];

const word = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('the ', 'plan ', 'was ', 'agreed, ', 'and', ' all ', ' went home. ') },
  { weight: 2, arbitrary: fc.constantFrom('все ', 'é', '東京', '🔓', '\n', '"', '\\', '\t', '', '\u007f', '\u2028') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('anna.kovacs', '@north', 'wind-mail.net ', '+49 30 ', '901820 4417', ' ghp_', '12'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => text.isWellFormed()) },
);
const talk = fc.array(fc.record({ channel: fc.constantFrom(0, 0, 0, 1), text: word }), {
  minLength: 1,
  maxLength: 60,
});

/** What goes out after each chunk, with the one number that differs between the two ways of writing made the same. */
async function passed(endpoint: EndpointName, action: PolicyDetector['action'], chunks: readonly Buffer[]) {
  const { held, screening } = open(endpoint, action);
  const out: string[] = [];
  for (const chunk of chunks) {
    if (held.refused) break;
    out.push(Buffer.concat(await held.push(chunk)).toString('utf8'));
  }
  if (!held.refused) out.push(Buffer.concat((await held.end()).out).toString('utf8'));
  screening.streamed(held.characters);
  return {
    out: out.map((one) => one.replace(/"created":\d+/g, '"created":0')),
    refused: held.refused,
    characters: held.characters,
    whole: held.wholeText(),
    verdicts: screening.verdicts(),
  };
}

function cut(events: readonly string[], places: readonly number[]): Buffer[] {
  const stream = Buffer.from(events.join(''));
  const ends = [...new Set(places.map((one) => one % stream.length))].sort((a, b) => a - b);
  return [...ends, stream.length].map((end, i) => stream.subarray(i === 0 ? 0 : ends[i - 1], end));
}

describe('the events of a stream that are alike', () => {
  it.each([
    'redact',
    'block',
    'flag',
  ] as const)('are passed on and judged as events that are each read alone: %s', async (action) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ENDPOINTS),
        talk,
        fc.array(fc.nat(20_000), { maxLength: 8 }),
        async (endpoint, said, places) => {
          const write = WRITERS[endpoint];
          if (write === undefined) throw new Error('no writer');
          const alike = said.map((one, i) => write(one, i, () => 1_000));
          const unlike = said.map((one, i) => write(one, i, (at) => 1_000 + at));
          expect(await passed(endpoint, action, cut(alike, places))).toEqual(
            await passed(endpoint, action, cut(unlike, places)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keep their bytes where nothing is taken out', async () => {
    const write = WRITERS.chat_completions;
    const events = 'It was agreed by all of them in the end .'
      .split(' ')
      .map((text, i) => write?.({ channel: 0, text: `${text} ` }, i, () => 7) ?? '');
    const { held } = open('chat_completions', 'redact');
    const out = [...(await held.push(Buffer.from(events.join('')))), ...(await held.end()).out];
    expect(Buffer.concat(out).toString()).toBe(events.join(''));
    // One event by itself, from which the form is known, and all others at once.
    expect(out).toHaveLength(2);
  });

  it('do not hide a member that comes twice', async () => {
    const form = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
    const twice = 'data: {"choices":[{"index":0,"delta":{"content":"a","content":"anna.kovacs@north.net "}}]}\n\n';
    const { held } = open('chat_completions', 'redact');
    const events = form('one ') + form('two ') + twice + twice;
    const out = [...(await held.push(Buffer.from(events))), ...(await held.end()).out];
    expect(Buffer.concat(out).toString()).not.toContain('anna');
  });
});
