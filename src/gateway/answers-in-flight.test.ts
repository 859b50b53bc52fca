import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
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

const MOST = 24 * 1024 * 1024;
// More than the buffers of both sockets take, so that a caller who does not read leaves it with the gateway.
const LONG = 'lorem ipsum '.repeat(700_000);

let provider: FakeProvider;
let rig: TestGateway;
const sockets: Socket[] = [];
beforeAll(async () => {
  provider = await openFakeProvider();
  rig = await openTestGateway(aSnapshot(provider, { policies: [aPolicy({ detectors: [] })] }), {
    settings: { answersInFlightMaxBytes: MOST },
  });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  rig.decisions.length = 0;
});

const REQUEST = (stream: boolean) => {
  const body = JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'How long is the song?' }] });
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** A caller who asks and does not read. */
function askAndWait(stream: boolean): Socket {
  const socket = connect(rig.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(REQUEST(stream));
  sockets.push(socket);
  return socket;
}

const ask = async (stream = false) => {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
};

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('holds so many bytes of answers for slow callers and no more, and says so before asking the provider', async () => {
  provider.answer = (_request, response) => sendJson(response, chatAnswer(LONG));
  const slow: Socket[] = [];
  for (let i = 0; i < 3; i++) {
    slow.push(askAndWait(false));
    await rig.recorded(i + 1);
  }
  // Two whole answers fit; the third did not, or there was no room to begin with it.
  const refused = rig.decisions.filter((one) => one.refusal?.code === 'overloaded');
  expect(refused).toHaveLength(1);
  expect(rig.gateway.answerBytes()).toBeLessThanOrEqual(MOST);
  // A quick caller with a small answer is served as long as there is room for it.
  provider.answer = (_request, response) => sendJson(response, chatAnswer('Short.'));
  expect((await ask()).status).toBe(200);
  for (const socket of slow) socket.destroy();
  await until(() => rig.gateway.answerBytes() === 0);
}, 20_000);

it('refuses with 503 and a time to come again when there is no room, without a call to the provider', async () => {
  provider.answer = (_request, response) => sendJson(response, chatAnswer('x'.repeat(11 * 1024 * 1024)));
  const slow = [askAndWait(false), askAndWait(false)];
  await rig.recorded(2);
  expect(rig.gateway.answerBytes()).toBeGreaterThan(MOST * 0.9);
  const seen = provider.seen.length;
  const answer = await ask();
  expect(answer).toMatchObject({ status: 503, retryAfter: '1' });
  expect(JSON.parse(answer.text).error.code).toBe('overloaded');
  expect(provider.seen.length).toBe(seen);
  expect((await rig.recorded(3))[2]).toMatchObject({ outcome: 'refused', tries: 0, refusal: { code: 'overloaded' } });
  // Whoever reads at last gets the answer whole, and makes room.
  for (const socket of slow) {
    socket.resume();
    socket.end();
    await once(socket, 'close');
  }
  await until(() => rig.gateway.answerBytes() === 0);
  expect((await ask()).status).toBe(200);
}, 20_000);

it('pauses the provider of streams that are not read, rather than hold them', async () => {
  const events = chatChunks(Array.from({ length: 400 }, () => 'word '.repeat(4_000)));
  provider.answer = (_request, response) => sendEvents(response, events);
  const slow = Array.from({ length: 24 }, () => askAndWait(true));
  await until(() => provider.seen.length === 24);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(rig.gateway.answerBytes()).toBeLessThanOrEqual(MOST);
  expect(rig.decisions.filter((one) => one.refusal !== null)).toEqual([]);
  provider.answer = (_request, response) => sendEvents(response, chatChunks(['Quick.']));
  const quick = await ask(true);
  expect(quick.text).toContain('Quick.');
  expect(quick.text).toContain('[DONE]');
  for (const socket of slow) socket.destroy();
  await rig.recorded(25);
  await until(() => rig.gateway.answerBytes() === 0);
}, 30_000);
