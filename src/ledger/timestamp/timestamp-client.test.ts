import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '#src/kernel/errors.ts';
import { openOutbound } from '#src/platform/outbound.ts';
import { makeAuthority, missingOpenssl, serveAuthority } from '../../../tests/support/time-stamp-authority.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { requestTimestamp, type TimestampAuthority } from './timestamp-client.ts';
import { verifyTimestamp } from './timestamp-verify.ts';

const missing = missingOpenssl();
const folder = mkdtempSync(join(tmpdir(), 'assay-tsa-'));
const message = utf8Bytes('log.example/1\n5\nAAAA\n');
type Answer = Parameters<typeof serveAuthority>[0];

describe.skipIf(missing !== null)(`a time stamp over HTTP${missing ? ` (${missing})` : ''}`, () => {
  let authority: Awaited<ReturnType<typeof makeAuthority>>;
  const servers: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    authority = await makeAuthority(folder);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function serve(answer: Answer): Promise<TimestampAuthority> {
    const server = await serveAuthority(answer);
    servers.push(server);
    return { name: 'test', url: server.url, trusted: authority.root };
  }
  const ask = (to: TimestampAuthority, more: Partial<Parameters<typeof requestTimestamp>[0]> = {}) =>
    requestTimestamp({ authority: to, message, fetch, clock: Date.now, ...more });
  const honest: Answer = async (request) => ({ body: await authority.reply(request) });

  test('is asked for, checked and handed on as it came', async () => {
    const stamped = await ask(await serve(honest));
    expect(stamped.timestamp.authority).toBe('Test Stamping');
    expect(await verifyTimestamp(stamped.response, { message, trusted: authority.root })).toEqual(stamped.timestamp);
  });

  test('goes through the outbound door as well', async () => {
    const to = await serve(honest);
    const door = openOutbound({ allowedHosts: [to.url], allowPrivate: true });
    const stamped = await ask(to, { fetch: door.fetch });
    expect(stamped.authority).toBe('test');
    await door.close();
  });

  test('every request has a nonce of its own, so an old answer is of no use', async () => {
    let first: Uint8Array | undefined;
    const replaying = await serve(async (request) => {
      first ??= await authority.reply(request);
      return { body: first };
    });
    await ask(replaying);
    await expect(ask(replaying)).rejects.toMatchObject({ code: 'unavailable', details: { check: 'nonce' } });
  });

  test.each<[string, Answer, string | undefined]>([
    ['of another text', async () => ({ body: await authority.reply(await otherRequest()) }), 'imprint'],
    ['cut short', async (request) => ({ body: (await authority.reply(request)).subarray(0, 300) }), 'format'],
    ['that is a web page', async () => ({ body: utf8Bytes('<html>Welcome</html>') }), 'format'],
    ['that is empty', async () => ({ body: new Uint8Array() }), 'format'],
    ['of 1 MB', async () => ({ body: new Uint8Array(1_000_000) }), undefined],
    ['of status 500', async (request) => ({ status: 500, body: await authority.reply(request) }), undefined],
  ])('an answer %s is refused and nothing is kept', async (_, answer, check) => {
    const failure = await ask(await serve(answer)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'unavailable', ...(check ? { details: { check } } : {}) });
  });

  async function otherRequest(): Promise<Uint8Array> {
    const { formatTimestampRequest } = await import('./timestamp-request.ts');
    return formatTimestampRequest(utf8Bytes('another\n'), new Uint8Array(16));
  }

  test('a stamp far from our own clock says that one of the two is wrong', async () => {
    const to = await serve(honest);
    const inAnHour = () => Date.now() + 3_600_000;
    await expect(ask(to, { clock: inAnHour })).rejects.toMatchObject({ details: { check: 'time' } });
  });

  test('an authority that never answers is left at the deadline', async () => {
    const to = await serve(() => new Promise(() => undefined));
    await expect(ask(to, { deadlineMs: 50 })).rejects.toThrow(/could not be reached/);
    await expect(ask({ ...to, url: 'http://127.0.0.1:1/' })).rejects.toThrow(/could not be reached/);
  });
});
