import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { addressKind } from './network-address.ts';
import { type Outbound, type OutboundOptions, openOutbound } from './outbound.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server on this machine, and calls to it as `name.test` at its port. */
async function serve(answer: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, seen };
}

function open(options: Partial<OutboundOptions> & { allowedHosts: string[] }): Outbound {
  const outbound = openOutbound({
    allowPrivate: true,
    resolve: (_, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    ...options,
  });
  closing.push(() => outbound.close());
  return outbound;
}

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['127.0.0.1', 'private'],
  ['0.0.0.0', 'private'],
  ['10.1.2.3', 'private'],
  ['100.64.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['224.0.0.1', 'private'],
  ['255.255.255.255', 'private'],
  ['::1', 'private'],
  ['::', 'private'],
  ['fd00::1', 'private'],
  ['ff02::1', 'private'],
  ['2001:db8::1', 'private'],
  ['2002:7f00:1::', 'private'],
  ['::ffff:127.0.0.1', 'private'],
  ['::ffff:7f00:1', 'private'],
  ['64:ff9b::7f00:1', 'private'],
  ['169.254.169.254', 'link-local'],
  ['::ffff:169.254.169.254', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['fd00:ec2::254', 'link-local'],
  ['100.100.100.200', 'link-local'],
  ['not an address', 'private'],
])('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});

test('an allowed host answers and any other is refused before it is called', async () => {
  const { port, seen } = await serve((_, response) => response.end('hello'));
  const outbound = open({ allowedHosts: [`http://api.test:${port}`, `http://*.below.test:${port}`] });
  expect(await (await outbound.fetch(`http://api.test:${port}/x`)).text()).toBe('hello');
  expect((await outbound.fetch(`http://a.below.test:${port}/`)).status).toBe(200);
  for (const url of [
    `http://other.test:${port}/`,
    `http://below.test:${port}/`,
    `http://api.test.evil.test:${port}/`,
    `https://api.test:${port}/`,
    'http://api.test/',
    'file:///etc/passwd',
  ])
    await expect(outbound.fetch(url)).rejects.toMatchObject({ code: 'forbidden' });
  expect(seen).toHaveLength(2);
});

test('a name that leads into a private network is refused, even behind a public address', async () => {
  const { port, seen } = await serve((_, response) => response.end());
  const addresses = ['93.184.216.34', '127.0.0.1'];
  const outbound = open({
    allowedHosts: [`http://rebound.test:${port}`],
    allowPrivate: false,
    resolve: (_, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      ),
  });
  await expect(outbound.fetch(`http://rebound.test:${port}/`)).rejects.toMatchObject({ code: 'forbidden' });
  expect(seen).toHaveLength(0);
});

test.each([
  '127.0.0.1',
  '0x7f.1',
  '2130706433',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '169.254.169.254',
])('the address %s is refused where any public host is allowed', async (host) => {
  const outbound = open({ allowedHosts: ['http://*', '*'], allowPrivate: false });
  await expect(outbound.fetch(`http://${host}/latest/meta-data`)).rejects.toThrow(/private network/);
});

test('link-local addresses are refused even where private ones are allowed', async () => {
  const outbound = open({ allowedHosts: ['http://*'], allowPrivate: true });
  await expect(outbound.fetch('http://169.254.169.254/')).rejects.toMatchObject({ code: 'forbidden' });
});

test('a redirect is followed to an allowed host, without credentials when it is another one', async () => {
  const { port, seen } = await serve((request, response) => {
    if (request.url === '/from') response.writeHead(302, { location: `http://second.test:${port}/to` }).end();
    else response.end('arrived');
  });
  const outbound = open({ allowedHosts: [`http://first.test:${port}`, `http://second.test:${port}`] });
  const response = await outbound.fetch(`http://first.test:${port}/from`, {
    method: 'POST',
    body: '{}',
    headers: { authorization: 'Bearer hunter2', 'content-type': 'application/json', accept: 'text/plain' },
  });
  expect(await response.text()).toBe('arrived');
  expect(seen[1]).toMatchObject({ method: 'GET', url: '/to' });
  expect(seen[1]?.headers).toMatchObject({ accept: 'text/plain' });
  expect(seen[1]?.headers.authorization).toBeUndefined();
  expect(seen[1]?.headers['content-type']).toBeUndefined();
});

test('a redirect to a host that is not allowed, and one without end, are refused', async () => {
  const { port } = await serve((request, response) => {
    const location = request.url === '/loop' ? '/loop' : 'http://169.254.169.254/latest/meta-data';
    response.writeHead(307, { location }).end();
  });
  const outbound = open({ allowedHosts: [`http://api.test:${port}`] });
  await expect(outbound.fetch(`http://api.test:${port}/away`)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(outbound.fetch(`http://api.test:${port}/loop`)).rejects.toThrow(/more than 5 times/);
});

test('an answer is cut at the limit, counted after unpacking', async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000)));
  });
  const outbound = open({ allowedHosts: [`http://api.test:${port}`], limits: { responseBytes: 100_000 } });
  const response = await outbound.fetch(`http://api.test:${port}/`);
  await expect(response.arrayBuffer()).rejects.toMatchObject({ code: 'too_large' });
});

test('a host that does not answer in time is given up', async () => {
  const { port } = await serve(() => undefined);
  const outbound = open({ allowedHosts: [`http://slow.test:${port}`], limits: { totalTimeoutMs: 50 } });
  await expect(outbound.fetch(`http://slow.test:${port}/`)).rejects.toThrow(/did not answer within 0.05 s/);
});

test('an address with a password is refused without repeating it', async () => {
  const outbound = open({ allowedHosts: ['*'] });
  await expect(outbound.fetch('https://ada:hunter2@api.test/')).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.not.stringContaining('hunter2'),
  });
});
