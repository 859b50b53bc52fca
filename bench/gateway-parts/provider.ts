// A provider that answers at once: a whole answer of about 1.1 KiB, or 43 events in one burst.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const SENTENCE =
  'The plan was agreed by everyone in the room, and the work begins as soon as the last open question is settled. ';
const content = SENTENCE.repeat(8);
const whole = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-bench',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 500, completion_tokens: 220, total_tokens: 720 },
  }),
);
const chunk = (delta: unknown, finish: string | null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-bench', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const words = content.split(/(?<= )/).slice(0, 40);
const events = Buffer.from(
  [
    chunk({ role: 'assistant', content: '' }, null),
    ...words.map((word) => chunk({ content: word }, null)),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ].join(''),
);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (one: Buffer) => chunks.push(one));
  request.on('end', () => {
    const isStream = Buffer.concat(chunks).includes('"stream":true');
    const body = isStream ? events : whole;
    response.writeHead(200, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
      ...(!isStream && { 'content-length': body.length }),
    });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
