import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  chatChunks,
  type FakeProvider,
  messagesEvents,
  openFakeProvider,
  openTestGateway,
  sendEvents,
  sendJson,
  type TestGateway,
} from '../../tests/support/gateway.ts';

let provider: FakeProvider;
let rig: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  provider = await openFakeProvider();
  rig = await openTestGateway(aSnapshot(provider));
  openai = new OpenAI({ apiKey: CLEAR_KEY, baseURL: `${rig.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: CLEAR_KEY, baseURL: rig.url, maxRetries: 0 });
});
afterAll(async () => {
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  rig.decisions.length = 0;
});

describe('the client of OpenAI', () => {
  it('gets a whole chat answer, and the provider gets the provider’s key', async () => {
    provider.answer = (_request, response) => sendJson(response, chatAnswer('All is well.'));
    const answer = await openai.chat.completions.create({
      model: 'gpt-test',
      messages: [{ role: 'user', content: 'How are things?' }],
    });
    expect(answer.choices[0]?.message.content).toBe('All is well.');
    expect(answer._request_id).toMatch(/^req_/);
    expect(provider.seen[0]?.headers.authorization).toBe('Bearer secret-of-provider.openai');
    expect(JSON.stringify(provider.seen[0])).not.toContain(CLEAR_KEY);
    const [decision] = await rig.recorded();
    expect(decision).toMatchObject({
      outcome: 'allowed',
      end: 'completed',
      tokens: { input: 12, output: 34, source: 'provider' },
      modelAsked: 'gpt-test',
      modelAnswered: 'gpt-test-2026',
    });
    expect(decision?.costMicroUsd).toBe(12 * 2 + 34 * 8);
    expect(decision?.verdicts.find((one) => one.detector === 'personal_data')).toMatchObject({
      outcome: 'clean',
      fieldsScanned: 1,
      charactersScanned: 15,
    });
  });

  it('streams, and usage it did not ask for is counted and kept from it', async () => {
    provider.answer = (_request, response) =>
      sendEvents(response, chatChunks(['Hello', ' the', 're, all', ' of you.']));
    const stream = await openai.chat.completions.create({
      model: 'gpt-test',
      stream: true,
      messages: [{ role: 'user', content: 'Greet us.' }],
    });
    let text = '';
    let events = 0;
    for await (const chunk of stream) {
      events++;
      text += chunk.choices[0]?.delta.content ?? '';
      expect(chunk.usage).toBeUndefined();
    }
    expect(text).toBe('Hello there, all of you.');
    expect(events).toBe(6);
    expect(JSON.parse(provider.seen[0]?.body ?? '')).toMatchObject({ stream_options: { include_usage: true } });
    expect((await rig.recorded())[0]).toMatchObject({
      stream: true,
      end: 'completed',
      tokens: { input: 5, output: 7, source: 'provider' },
    });
  });

  it('gets usage in the stream when it asks for it', async () => {
    provider.answer = (_request, response) => sendEvents(response, chatChunks(['Hi']));
    const stream = await openai.chat.completions.create({
      model: 'gpt-test',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Greet us.' }],
    });
    const usages = [];
    for await (const chunk of stream) if (chunk.usage) usages.push(chunk.usage.completion_tokens);
    expect(usages).toEqual([7]);
  });

  it('calls tools, whole and streamed', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
    provider.answer = (_request, response) =>
      sendJson(
        response,
        chatAnswer('', {
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: null, tool_calls: [call] },
              finish_reason: 'tool_calls',
            },
          ],
        }),
      );
    const tools: OpenAI.Chat.ChatCompletionTool[] = [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ];
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather in Bern?' }];
    const answer = await openai.chat.completions.create({ model: 'gpt-test', messages, tools });
    expect(answer.choices[0]?.message.tool_calls?.[0]).toEqual(call);
    const chunk = (delta: unknown, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    provider.answer = (_request, response) =>
      sendEvents(response, [
        chunk({
          role: 'assistant',
          content: null,
          tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }],
        }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"ci' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: 'ty":"Bern"}' } }] }),
        chunk({}, 'tool_calls'),
        'data: [DONE]\n\n',
      ]);
    const stream = openai.chat.completions.stream({ model: 'gpt-test', messages, tools });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'weather', arguments: '{"city":"Bern"}' },
    });
    expect((await rig.recorded(2)).map((one) => one.toolCalls)).toEqual([
      [{ name: 'weather', allowed: true, reason: null }],
      [{ name: 'weather', allowed: true, reason: null }],
    ]);
  });

  it('sends images; that nothing looked into them is recorded', async () => {
    provider.answer = (_request, response) => sendJson(response, chatAnswer('A cat.'));
    await openai.chat.completions.create({
      model: 'gpt-test',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(400)}` } },
          ],
        },
      ],
    });
    expect((await rig.recorded())[0]?.verdicts.find((one) => one.detector === 'check:unread_parts')).toMatchObject({
      outcome: 'not_evaluated',
    });
  });

  it('embeds, completes and lists models', async () => {
    provider.answer = (request, response) => {
      if (request.url === '/v1/embeddings')
        sendJson(response, {
          object: 'list',
          model: 'emb',
          data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }],
          usage: { prompt_tokens: 3, total_tokens: 3 },
        });
      else if (request.url === '/v1/completions')
        sendJson(response, {
          id: 'c',
          object: 'text_completion',
          created: 1,
          model: 'm',
          choices: [{ index: 0, text: 'yes', finish_reason: 'stop', logprobs: null }],
        });
      else
        sendJson(response, { object: 'list', data: [{ id: 'gpt-test', object: 'model', created: 1, owned_by: 'us' }] });
    };
    const embedded = await openai.embeddings.create({ model: 'emb', input: 'A sentence.', encoding_format: 'float' });
    expect(embedded.data[0]?.embedding).toEqual([0.1, 0.2]);
    const completed = await openai.completions.create({ model: 'm', prompt: 'Is it so?' });
    expect(completed.choices[0]?.text).toBe('yes');
    const models = await openai.models.list();
    expect(models.data.map((one) => one.id)).toEqual(['gpt-test']);
    expect((await rig.recorded(3)).map((one) => one.outcome)).toEqual(['allowed', 'allowed', 'allowed']);
  });

  it('uses the responses API, whole and streamed', async () => {
    const response = {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      model: 'gpt-test-2026',
      status: 'completed',
      output: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Four.', annotations: [] }],
        },
      ],
      usage: { input_tokens: 4, output_tokens: 2, total_tokens: 6 },
    };
    provider.answer = (_request, answer) => sendJson(answer, response);
    const whole = await openai.responses.create({
      model: 'gpt-test',
      input: 'Two and two?',
      instructions: 'Be brief.',
    });
    expect(whole.output_text).toBe('Four.');
    const event = (type: string, body: Record<string, unknown>) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`;
    provider.answer = (_request, answer) =>
      sendEvents(answer, [
        event('response.created', { sequence_number: 0, response: { ...response, status: 'in_progress', output: [] } }),
        event('response.output_item.added', {
          sequence_number: 1,
          output_index: 0,
          item: { type: 'message', id: 'msg_1', role: 'assistant', status: 'in_progress', content: [] },
        }),
        event('response.content_part.added', {
          sequence_number: 2,
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          part: { type: 'output_text', text: '', annotations: [] },
        }),
        event('response.output_text.delta', {
          sequence_number: 3,
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          delta: 'Write to anna.kova',
        }),
        event('response.output_text.delta', {
          sequence_number: 4,
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          delta: 'cs@northwind-mail.net.',
        }),
        event('response.output_text.done', {
          sequence_number: 5,
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          text: 'Write to anna.kovacs@northwind-mail.net.',
        }),
        event('response.completed', {
          sequence_number: 6,
          response: {
            ...response,
            output: [
              {
                ...response.output[0],
                content: [{ type: 'output_text', text: 'Write to anna.kovacs@northwind-mail.net.', annotations: [] }],
              },
            ],
          },
        }),
      ]);
    const stream = openai.responses.stream({ model: 'gpt-test', input: 'Whom do I write to?' });
    let streamed = '';
    stream.on('response.output_text.delta', (delta) => {
      streamed += delta.delta;
    });
    const final = await stream.finalResponse();
    expect(streamed).toBe('Write to [REDACTED_EMAIL].');
    expect(final.output_text).toBe('Write to [REDACTED_EMAIL].');
    expect((await rig.recorded(2)).map((one) => one.outcome)).toEqual(['allowed', 'changed']);
  });

  it('raises the errors its users expect', async () => {
    provider.answer = (_request, response) =>
      sendJson(response, { error: { message: 'Slow down', type: 'rate_limit', param: null, code: 'slow' } }, 429, {
        'retry-after': '7',
        'x-request-id': 'up_1',
      });
    const failed = openai.chat.completions.create({
      model: 'gpt-test',
      messages: [{ role: 'user', content: 'Hi there' }],
    });
    await expect(failed).rejects.toThrow(OpenAI.RateLimitError);
    const error = await failed.then(
      () => {
        throw new Error('it did not fail');
      },
      (one: InstanceType<typeof OpenAI.APIError>) => one,
    );
    expect(error.message).toContain('Slow down');
    expect((error as { headers: Headers }).headers.get('retry-after')).toBe('7');
    const stranger = new OpenAI({ apiKey: 'agk_nobody', baseURL: `${rig.url}/v1`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
  });

  it('raises when a stream is ended by the policy, and never sees what ended it', async () => {
    rig.setSnapshot(aSnapshot(provider, { policies: [blockingPolicy()] }));
    provider.answer = (_request, response) =>
      sendEvents(
        response,
        chatChunks(['The', ' key', ' of', ' the', ' day', ' is', ' ghp_aZ3kQ9mX7bR2tY5w', 'L8nV4cJ6dF1gH0sP3uKe', '.']),
      );
    const stream = await openai.chat.completions.create({
      model: 'gpt-test',
      stream: true,
      messages: [{ role: 'user', content: 'What is it?' }],
    });
    let text = '';
    const read = async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    };
    await expect(read()).rejects.toThrow(/policy/);
    expect(text).toBe('The key of the day is');
    expect((await rig.recorded())[0]).toMatchObject({
      outcome: 'refused',
      end: 'cut',
      refusal: { code: 'output_blocked', stage: 'screen_answer' },
    });
    rig.setSnapshot(aSnapshot(provider));
  });
});

function blockingPolicy() {
  const [policy] = aSnapshot(provider).policies;
  if (policy === undefined) throw new Error('no policy');
  return {
    ...policy,
    digest: 'other',
    detectors: policy.detectors.map((one) => (one.detector === 'secret' ? { ...one, action: 'block' as const } : one)),
  };
}

describe('the client of Anthropic', () => {
  it('gets a whole message', async () => {
    provider.answer = (_request, response) =>
      sendJson(response, {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: [{ type: 'text', text: 'Call +49 30 901820 4417 any time.' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 11, output_tokens: 9 },
      });
    const message = await anthropic.messages.create({
      model: 'claude-test',
      max_tokens: 100,
      system: 'Be kind.',
      messages: [{ role: 'user', content: 'How do I reach you?' }],
    });
    expect(message.content[0]).toEqual({ type: 'text', text: 'Call [REDACTED_PHONE] any time.' });
    expect(provider.seen[0]?.headers['x-api-key']).toBe('secret-of-provider.anthropic');
    expect((await rig.recorded())[0]).toMatchObject({
      outcome: 'changed',
      tokens: { input: 11, output: 9, source: 'provider' },
    });
  });

  it('streams a message', async () => {
    provider.answer = (_request, response) => sendEvents(response, messagesEvents(['Good', ' morning', ', all.']));
    const stream = anthropic.messages.stream({
      model: 'claude-test',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Greet us.' }],
    });
    const final = await stream.finalMessage();
    expect(final.content).toEqual([{ type: 'text', text: 'Good morning, all.' }]);
    expect((await rig.recorded())[0]).toMatchObject({
      outcome: 'allowed',
      end: 'completed',
      tokens: { input: 11, output: 9 },
    });
  });

  it('counts tokens and uses tools in a stream', async () => {
    provider.answer = (_request, response) => sendJson(response, { input_tokens: 14 });
    const counted = await anthropic.messages.countTokens({
      model: 'claude-test',
      messages: [{ role: 'user', content: 'How long is this?' }],
    });
    expect(counted.input_tokens).toBe(14);
    const event = (type: string, body: Record<string, unknown>) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`;
    const [start = ''] = messagesEvents([]);
    provider.answer = (_request, response) =>
      sendEvents(response, [
        start,
        event('content_block_start', {
          index: 0,
          content_block: { type: 'tool_use', id: 'tu_1', name: 'mail', input: {} },
        }),
        event('content_block_delta', {
          index: 0,
          delta: { type: 'input_json_delta', partial_json: '{"to":"anna.kovacs@north' },
        }),
        event('content_block_delta', {
          index: 0,
          delta: { type: 'input_json_delta', partial_json: 'wind-mail.net"}' },
        }),
        event('content_block_stop', { index: 0 }),
        event('message_delta', {
          delta: { stop_reason: 'tool_use', stop_sequence: null },
          usage: { output_tokens: 9 },
        }),
        event('message_stop', {}),
      ]);
    const stream = anthropic.messages.stream({
      model: 'claude-test',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Write to Anna.' }],
    });
    const final = await stream.finalMessage();
    expect(final.content[0]).toMatchObject({ type: 'tool_use', name: 'mail', input: { to: '[REDACTED_EMAIL]' } });
  });

  it('raises when a stream breaks off, in its own words', async () => {
    provider.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(messagesEvents(['Half', ' of', ' an', ' answer']).slice(0, 6).join(''));
      setTimeout(() => response.destroy(), 20);
    };
    const stream = anthropic.messages.stream({
      model: 'claude-test',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Tell me.' }],
    });
    await expect(stream.finalMessage()).rejects.toThrow(Anthropic.APIError);
    expect((await rig.recorded())[0]).toMatchObject({ end: 'upstream_error', httpStatus: 200 });
    const stranger = new Anthropic({ apiKey: 'agk_nobody', baseURL: rig.url, maxRetries: 0 });
    await expect(
      stranger.messages.create({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }),
    ).rejects.toThrow(Anthropic.AuthenticationError);
  });
});
