import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  aPolicy,
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  chatChunks,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendEvents,
  sendJson,
  type TestGateway,
} from '../../tests/support/gateway.ts';
import { lexicalGrounding } from './output/grounding.ts';
import type { ApprovalAnswer, Approvals } from './ports.ts';
import type { CompiledPolicy } from './snapshot.ts';

let provider: FakeProvider;
let rig: TestGateway;
let openai: OpenAI;
let asked: Parameters<Approvals['ask']>[0][] = [];
let answerTo: (tool: string) => ApprovalAnswer['state'] = () => 'waiting';

beforeAll(async () => {
  provider = await openFakeProvider();
  rig = await openTestGateway(aSnapshot(provider), {
    approvals: {
      ask: async (answer) => {
        asked.push(answer);
        return answer.calls.map(({ tool }) => ({ id: `gap_${tool}`, state: answerTo(tool), expiresAt: 1e12 }));
      },
    },
    grounding: lexicalGrounding,
  });
  openai = new OpenAI({ apiKey: CLEAR_KEY, baseURL: `${rig.url}/v1`, maxRetries: 2 });
});
afterAll(async () => {
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  rig.decisions.length = 0;
  provider.seen.length = 0;
  asked = [];
  answerTo = () => 'waiting';
});

const use = (output: Partial<CompiledPolicy['output']>, change: Partial<CompiledPolicy> = {}) =>
  rig.setSnapshot(
    aSnapshot(provider, { policies: [aPolicy({ ...change, output: { ...aPolicy().output, ...output } })] }),
  );
const human = (name: string) => ({ name, argumentsSchema: null, approval: 'human' as const });
const free = (name: string, argumentsSchema: Record<string, unknown> | null = null) => ({
  name,
  argumentsSchema,
  approval: 'none' as const,
});
const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Do it.' }];
const ask = (headers: Record<string, string> = {}) =>
  openai.chat.completions.create({ model: 'm', messages }, { headers });

const callsTools = (...calls: [string, unknown][]) =>
  chatAnswer('', {
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: null,
          tool_calls: calls.map(([name, args], at) => ({
            id: `c${at}`,
            type: 'function',
            function: { name, arguments: JSON.stringify(args) },
          })),
        },
      },
    ],
  });
const streamsTools = (...calls: [string, unknown][]) => {
  const chunk = (delta: unknown) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
  return [
    chunk({ role: 'assistant', content: 'Let me see. ' }),
    ...calls.flatMap(([name, args], index) => {
      const text = JSON.stringify(args);
      return [
        chunk({ tool_calls: [{ index, id: `c${index}`, type: 'function', function: { name, arguments: '' } }] }),
        chunk({ tool_calls: [{ index, function: { arguments: text.slice(0, 5) } }] }),
        chunk({ tool_calls: [{ index, function: { arguments: text.slice(5) } }] }),
      ];
    }),
    'data: [DONE]\n\n',
  ];
};

describe('a tool call that needs a person', () => {
  it('is refused once, by a machine-readable error that names the approval and is not repeated by the client', async () => {
    use({ tools: [human('pay')] });
    provider.answer = (_request, response) => sendJson(response, callsTools(['pay', { to: 'x', amount: 5 }]));
    const refused = await ask().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.PermissionDeniedError);
    const { error, headers } = refused as InstanceType<typeof OpenAI.PermissionDeniedError>;
    expect(error).toMatchObject({
      code: 'tool_needs_approval',
      approvals: [{ id: 'gap_pay', tool: 'pay', state: 'waiting', status_path: '/approvals/gap_pay' }],
    });
    expect(headers?.get('x-assay-approval-id')).toBe('gap_pay');
    expect(headers?.get('retry-after')).toBe('15');
    expect(provider.seen).toHaveLength(1);
    expect((await rig.recorded())[0]).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'tool_needs_approval', stage: 'screen_answer' },
      toolCalls: [{ name: 'pay', allowed: false, approvalId: 'gap_pay', reason: 'a person must approve it first' }],
    });
  });

  it('is asked about with what would be passed on, in one spelling, bound to its caller, route and policy', async () => {
    use({ tools: [human('mail')] });
    answerTo = () => 'approved';
    provider.answer = (_request, response) =>
      sendJson(response, callsTools(['mail', { to: 'anna.kovacs@northwind-mail.net', a: 1 }]));
    const answer = await ask();
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { arguments: '{"to":"[REDACTED_EMAIL]","a":1}' } });
    expect(asked).toMatchObject([
      {
        tenantId: 'ten_1',
        keyId: 'gwk_1',
        routeId: 'rte_1',
        policyId: 'pol_1',
        policyVersion: 1,
        calls: [{ tool: 'mail', argumentsText: '{"a":1,"to":"[REDACTED_EMAIL]"}' }],
      },
    ]);
    expect((await rig.recorded())[0]?.toolCalls).toEqual([
      { name: 'mail', allowed: true, reason: null, approvalId: 'gap_mail' },
    ]);
  });

  it.each([false, true])('passes only together with the others of its answer (streamed: %s)', async (stream) => {
    use({ tools: [human('pay'), human('drop'), free('look')] });
    const calls: [string, unknown][] = [
      ['look', { q: 1 }],
      ['pay', { n: 1 }],
      ['drop', { table: 'a' }],
    ];
    provider.answer = (_request, response) =>
      stream ? sendEvents(response, streamsTools(...calls)) : sendJson(response, callsTools(...calls));
    const get = async () => {
      const response = await fetch(`${rig.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', messages, stream }),
      });
      return response.text();
    };
    answerTo = (tool) => (tool === 'pay' ? 'approved' : 'waiting');
    const held = await get();
    expect(held).toContain('tool_needs_approval');
    expect(held).toContain('gap_drop');
    expect(held.includes('Let me see.')).toBe(stream);
    for (const argument of ['tab', '\\"n', '[DONE]']) expect(held).not.toContain(argument);
    expect(asked).toHaveLength(1);
    answerTo = () => 'approved';
    const passed = await get();
    expect(passed).not.toContain('tool_needs_approval');
    for (const argument of ['tab', '\\"n', 'look']) expect(passed).toContain(argument);
  });

  it('waits for the person as long as the caller prefers', async () => {
    use({ tools: [human('pay')] });
    provider.answer = (_request, response) => sendJson(response, callsTools(['pay', {}]));
    let times = 0;
    answerTo = () => (++times < 2 ? 'waiting' : 'approved');
    const answer = await ask({ prefer: 'respond-async, wait=30' });
    expect(answer.choices[0]?.message.tool_calls).toHaveLength(1);
    expect(asked).toHaveLength(2);
    const [decision] = await rig.recorded();
    expect(decision?.timings.addedUs).toBeLessThan(900_000);
  });

  it('does not reach the store of approvals when something else refuses the answer', async () => {
    use({ tools: [human('pay')] });
    provider.answer = (_request, response) => sendJson(response, callsTools(['pay', {}], ['shell', {}]));
    await expect(ask()).rejects.toMatchObject({ code: 'tool_not_allowed' });
    provider.answer = (_request, response) => sendEvents(response, streamsTools(['pay', { n: 1 }]).slice(0, -1));
    const cut = openai.chat.completions.stream({ model: 'm', messages });
    await expect(cut.finalChatCompletion()).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});

describe('tool calls in streams of the responses API', () => {
  const base = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed' };
  const event = (type: string, body: Record<string, unknown>) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, ...body })}\n\n`;
  type Item = OpenAI.Responses.ResponseOutputItem & { id?: string };
  const CITY = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };
  const weather = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', status: 'completed' } as const;
  const whole: Item = { ...weather, arguments: '{"city":"Bern"}' };
  const shell: Item = {
    type: 'custom_tool_call',
    id: 'ctc_1',
    call_id: 'c2',
    name: 'note',
    input: 'print me, I am no JSON',
  };
  const streamOf = (items: { item: Item; deltas: [event: string, text: string][]; hasDone?: boolean }[]) => [
    event('response.created', { response: { ...base, status: 'in_progress', output: [] } }),
    ...items.flatMap(({ item, deltas, hasDone = true }, output_index) => [
      event('response.output_item.added', {
        output_index,
        item: { ...item, ...('arguments' in item ? { arguments: '' } : { input: '' }), status: 'in_progress' },
      }),
      ...deltas.map(([name, delta]) => event(`${name}.delta`, { item_id: item.id, output_index, delta })),
      ...(hasDone && deltas[0]
        ? [
            event(`${deltas[0][0]}.done`, {
              item_id: item.id,
              output_index,
              ...('arguments' in item ? { arguments: item.arguments, name: 'weather' } : { input: shell.input }),
            }),
          ]
        : []),
      event('response.output_item.done', { output_index, item }),
    ]),
    event('response.completed', { response: { ...base, output: items.map(({ item }) => item) } }),
  ];
  const ARGUMENTS = 'response.function_call_arguments';
  const play = async (events: string[]) => {
    provider.answer = (_request, response) => sendEvents(response, events);
    const stream = openai.responses.stream({ model: 'm', input: 'What is it like in Bern?' });
    return (await stream.finalResponse()).output;
  };

  it.each([
    [
      'piece by piece',
      [
        {
          item: whole,
          deltas: [
            [ARGUMENTS, '{"ci'],
            [ARGUMENTS, 'ty":"Bern"}'],
          ],
        },
      ],
    ],
    ['only whole, at the end of the item', [{ item: whole, deltas: [] }]],
    ['with an item that has no id', [{ item: { ...whole, id: undefined }, deltas: [[ARGUMENTS, '{"city":"Bern"}']] }]],
    [
      'two side by side',
      [
        { item: whole, deltas: [[ARGUMENTS, '{"city":"Bern"}']] },
        { item: { ...whole, id: 'fc_2' }, deltas: [[ARGUMENTS, '{"city":"Bern"}']] },
      ],
    ],
    [
      'free text of a custom tool',
      [
        {
          item: shell,
          deltas: [
            ['response.custom_tool_call_input', 'print me, I am'],
            ['response.custom_tool_call_input', ' no JSON'],
          ],
        },
      ],
    ],
  ] as [string, Parameters<typeof streamOf>[0]][])('are judged once each: %s', async (_what, items) => {
    use({ tools: [free('weather', CITY), free('note')] });
    const output = await play(streamOf(items));
    expect(output).toMatchObject(items.map(({ item }) => ({ type: item.type })));
    expect((await rig.recorded())[0]?.toolCalls).toEqual(
      items.map(({ item }) => ({ name: 'name' in item ? item.name : '', allowed: true, reason: null })),
    );
  });

  it.each([
    ['piece by piece', [[ARGUMENTS, '{"town":"Bern"}']]],
    ['told whole', []],
  ] as [string, [string, string][]][])('with wrong arguments do not pass: %s', async (_what, deltas) => {
    use({ tools: [free('weather', CITY)] });
    const wrong: Item = { ...weather, arguments: '{"town":"Bern"}' };
    await expect(play(streamOf([{ item: wrong, deltas }]))).rejects.toThrow(/arguments|policy/);
    expect((await rig.recorded())[0]).toMatchObject({ refusal: { code: 'tool_arguments_invalid' } });
  });

  it('told only by the last event are judged too', async () => {
    use({ tools: [free('other')] });
    await expect(play([event('response.completed', { response: { ...base, output: [whole] } })])).rejects.toThrow();
    expect((await rig.recorded())[0]).toMatchObject({ refusal: { code: 'tool_not_allowed' } });
  });
});

describe('the grounds of an answer', () => {
  const DOCUMENT = 'The bridge was opened in 1932 by Paula Keller. It is made of stone and carries two lanes.';
  const about = (more: Record<string, unknown> = {}, stream = false) =>
    fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream, messages, ...more }),
    });
  const toolResult = { messages: [...messages, { role: 'tool', tool_call_id: 'c', content: DOCUMENT }] };
  const RIGHT = 'The bridge was opened in 1932 by Paula Keller.';
  const WRONG = 'The bridge was opened in 1957 by Anton Frey.';
  const says = (text: string) => {
    provider.answer = (request, response) =>
      JSON.parse(request.body).stream ? sendEvents(response, chatChunks([text])) : sendJson(response, chatAnswer(text));
  };
  const verdict = async () =>
    (await rig.recorded()).at(-1)?.verdicts.find(({ detector }) => detector === 'check:grounding');

  it.each([false, true])('block what no document bears out (streamed: %s)', async (stream) => {
    use({ grounding: 'block' });
    says(WRONG);
    const answer = await about(toolResult, stream);
    expect(await answer.text()).toContain('not_grounded');
    expect(await verdict()).toMatchObject({ outcome: 'blocked', score: 0, threshold: 0.5, action: 'block' });
    rig.decisions.length = 0;
    says(RIGHT);
    expect((await about(toolResult, stream)).status).toBe(200);
    expect(await verdict()).toMatchObject({ outcome: 'clean', score: 1, detectorVersion: 'lexical-1' });
  });

  it.each([false, true])('are only noted where the policy observes (streamed: %s)', async (stream) => {
    use({ grounding: 'flag', groundingThreshold: 0.9 });
    says(`${RIGHT} ${WRONG}`);
    expect((await about(toolResult, stream)).status).toBe(200);
    expect(await verdict()).toMatchObject({ outcome: 'flagged', score: 0.5, threshold: 0.9, action: 'flag' });
  });

  it('take documents the caller declares, which the provider never gets', async () => {
    use({ grounding: 'block' });
    says(WRONG);
    expect((await about({ assay_context: [DOCUMENT] })).status).toBe(403);
    expect(provider.seen[0]?.body).not.toContain('assay_context');
    expect(JSON.parse(provider.seen[0]?.body ?? '')).toMatchObject({ model: 'm', messages });
    expect((await about({ assay_context: { a: 1 } })).status).toBe(400);
  });

  it('are not checked, and not called grounded, where there is nothing to check against or it is too long', async () => {
    use({ grounding: 'observe' });
    says(WRONG);
    expect((await about()).status).toBe(200);
    expect(await verdict()).toMatchObject({ outcome: 'not_evaluated', score: null });
    rig.decisions.length = 0;
    expect((await about({ assay_context: DOCUMENT.repeat(1_000) })).status).toBe(200);
    expect(await verdict()).toMatchObject({ outcome: 'not_evaluated', reason: expect.stringContaining('too long') });
    use({ grounding: 'block' }, { onFailure: 'closed' });
    expect((await about()).status).toBe(503);
    use({ grounding: 'block' }, { onFailure: 'open' });
    rig.decisions.length = 0;
    expect((await about()).status).toBe(200);
    expect((await rig.recorded())[0]).toMatchObject({ outcome: 'not_evaluated', failOpen: true });
  });
});
