import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { alertRoutes, alertSettingsRoutes, deliver, failingChannels, type NewAlert, sweepAlerts } from './index.ts';
import type { AlertDelivery, AlertDetail } from './model.ts';
import type { AlertChannel } from './settings-model.ts';
import { isSigned } from './webhook-signature.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, secrets, log } = services;
  const { namesOf } = users;
  return [
    alertRoutes({ records, namesOf }),
    alertSettingsRoutes({ records, namesOf, secrets, baseUrl: () => 'https://assay.example', log }),
  ];
});
let product: Product;

type Received = { headers: IncomingMessage['headers']; body: string; path: string };
const received: Received[] = [];
let answerStatus = 200;
const web = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ headers: request.headers, body, path: request.url ?? '' });
    response.writeHead(answerStatus).end('thank you');
  });
});
const mails: { to: string[]; text: string; user: string | undefined }[] = [];
const mail = new SMTPServer({
  authOptional: false,
  allowInsecureAuth: true,
  disabledCommands: ['STARTTLS'],
  onAuth: ({ username, password }, _session, done) =>
    password === 'open sesame' ? done(null, { user: username }) : done(new Error('no')),
  onData: (stream, session, done) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    stream.on('end', () => {
      mails.push({
        to: session.envelope.rcptTo.map((to) => to.address),
        text,
        user: session.user,
      });
      done();
    });
  },
});
let webUrl: string;
let mailPort: number;

beforeAll(async () => {
  product = started.current;
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => void mail.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  mailPort = (mail.server.address() as AddressInfo).port;
});
afterAll(async () => {
  await new Promise((resolve) => web.close(resolve));
  await new Promise<void>((resolve) => mail.close(() => resolve()));
});
beforeEach(async () => {
  received.length = 0;
  mails.length = 0;
  answerStatus = 200;
  await database.current.pool.query('update alert_channel set enabled = false');
});

const call = (method: string, path: string, body?: object) =>
  product.call(method, path, { cookie: product.people.compliance.cookie, body });
const addChannel = async (body: object): Promise<{ channel: AlertChannel; signingSecret: string | null }> => {
  const answer = await call('POST', 'alerts/channels', body);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
};
const webhook = (change: object = {}) =>
  addChannel({
    kind: 'webhook',
    name: 'Pager',
    url: `${webUrl}/hook?token=s3cret`,
    allowPrivateAddress: true,
    ...change,
  });
const email = (change: object = {}) =>
  addChannel({
    kind: 'email',
    name: 'On call',
    password: 'open sesame',
    config: {
      host: '127.0.0.1',
      port: mailPort,
      encryption: 'none',
      user: 'assay',
      from: 'assay@example.com',
      to: ['oncall@example.com'],
      allowPrivateAddress: true,
    },
    ...change,
  });
let made = 0;
const open = async (change: Partial<NewAlert> = {}): Promise<string> => {
  const opened = await database.current.transaction((tx) =>
    product.services.alerts.openAlert(tx, {
      source: 'monitor',
      sourceId: 'mon_1',
      subject: { kind: 'ai-system', id: 'sys_1', title: 'Support assistant' },
      severity: 'high',
      title: 'Drift of <b>answers</b> & of ada.byron@lumenlabs.io',
      reasons: ['Secret reason'],
      dedupeKey: `delivered-${made++}`,
      occurredAt: '2026-11-23T08:00:00.000Z',
      ...change,
    }),
  );
  return opened.alertId;
};
const parts = () => {
  const { database: db, clock, records, secrets, log } = product.services;
  return { database: db, clock, append: records.append, secrets, baseUrl: () => 'https://assay.example', log };
};
const detail = async (id: string): Promise<AlertDetail> => (await call('GET', `alerts/${id}`)).json();
const deliverAll = async (alertId: string) => {
  const { deliveries } = await detail(alertId);
  return Promise.all(deliveries.filter((one) => one.state === 'waiting').map((one) => deliver(parts(), one.id)));
};
const jobs = async () =>
  (await database.current.pool.query('select payload from graphile_worker._private_jobs')).rows.map(
    (row) => row.payload.deliveryId,
  );

describe('a webhook', () => {
  test('gets a signed message without reasons, and the receipt stands in the life of the alert', async () => {
    const { signingSecret } = await webhook();
    const alertId = await open();
    const [planned] = (await detail(alertId)).deliveries;
    expect(await jobs()).toContain(planned?.id);
    expect(await deliverAll(alertId)).toEqual(['delivered']);
    const headers = received[0]?.headers ?? {};
    const body = received[0]?.body ?? '';
    const message = {
      id: String(headers['webhook-id']),
      timestamp: String(headers['webhook-timestamp']),
      signature: String(headers['webhook-signature']),
      body,
    };
    expect(isSigned(message, signingSecret ?? '', product.clock.nowMs)).toBe(true);
    expect(isSigned({ ...message, body: `${body} ` }, signingSecret ?? '', product.clock.nowMs)).toBe(false);
    expect(isSigned(message, signingSecret ?? '', product.clock.nowMs + 400_000)).toBe(false);
    expect(message.id).toBe(planned?.id);
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.opened',
      data: { alertId, severity: 'high', url: `https://assay.example/alerts/${alertId}` },
    });
    expect(body).not.toContain('Secret reason');
    expect(body).not.toContain('ada.byron@lumenlabs.io');
    const after = await detail(alertId);
    expect(after.deliveries[0]).toMatchObject({ state: 'delivered', receipt: 'HTTP 200', attempts: 1 });
    expect(after.steps.at(-1)).toMatchObject({ kind: 'delivered', detail: { receipt: 'HTTP 200' } });
  });

  test('that fails is tried again, later each time, and dies where everybody sees it', async () => {
    await webhook();
    answerStatus = 503;
    const alertId = await open();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      expect(await deliverAll(alertId)).toEqual(['waiting']);
      const { deliveries } = await detail(alertId);
      waits.push(Date.parse(deliveries[0]?.nextAttemptAt ?? '') - product.clock.nowMs);
      expect(deliveries[0]?.lastError).toBe(`${new URL(webUrl).host} answered 503.`);
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(await deliverAll(alertId)).toEqual(['dead']);
    expect((await detail(alertId)).steps.at(-1)).toMatchObject({ kind: 'delivery_failed' });
    const open_ = (await call('GET', 'alerts/deliveries')).json().items as AlertDelivery[];
    const dead = open_.find((one) => one.alertId === alertId);
    expect(dead?.state).toBe('dead');
    const { conditions } = await failingChannels(database.current.drizzle);
    const [failing, ...others] = conditions;
    expect(others).toEqual([]);
    expect(failing).toMatchObject({
      title: 'Alerts do not arrive: webhook channel "Pager"',
      severity: 'high',
      reasons: [expect.stringContaining('1 message'), expect.stringContaining('answered')],
      link: '/settings/alerts',
    });

    answerStatus = 200;
    const retried = await call('POST', `alerts/deliveries/${dead?.id}/retry`);
    expect(retried.json()).toMatchObject({ state: 'waiting', attempts: 0 });
    expect(await deliverAll(alertId)).toEqual(['delivered']);
    expect((await call('POST', `alerts/deliveries/${dead?.id}/retry`)).statusCode).toBe(409);
  });

  test('whose job was lost is put back by the sweep', async () => {
    await webhook();
    const alertId = await open();
    await database.current.pool.query('delete from graphile_worker._private_jobs');
    product.clock.nowMs += 180_000;
    const { database: db, clock, records } = product.services;
    expect((await sweepAlerts({ database: db, clock, append: records.append })).requeued).toBeGreaterThan(0);
    expect(await jobs()).toContain((await detail(alertId)).deliveries[0]?.id);
  });

  test('does not reach into a private network unless its channel says so', async () => {
    const { channel } = await addChannel({ kind: 'webhook', name: 'Inside', url: 'https://127.0.0.1:9/x' });
    const tried = (await call('POST', `alerts/channels/${channel.id}/test`)).json();
    expect(tried).toMatchObject({ state: 'dead' });
    expect(tried.lastError).toContain('private network');
    const plain = await call('POST', 'alerts/channels', { kind: 'webhook', name: 'x', url: 'http://example.com/' });
    expect(plain.json().message).toContain('https');
    const named = await call('POST', 'alerts/channels', {
      kind: 'webhook',
      name: 'x',
      url: 'https://u:p@example.com/',
    });
    expect(named.statusCode).toBe(400);
  });

  test('keeps its address and its key out of every answer and of the database', async () => {
    const { channel } = await webhook({ name: 'Quiet' });
    const listed = await call('GET', 'alerts/channels');
    expect(listed.body).not.toContain('s3cret');
    expect(listed.body).not.toContain('whsec_');
    const { rows } = await database.current.pool.query('select config from alert_channel');
    expect(JSON.stringify(rows)).not.toContain('s3cret');
    expect(channel.target).toBe(webUrl);
  });
});

test('Slack gets text whose markup cannot be forged by a title', async () => {
  await addChannel({ kind: 'slack', name: 'Ops', url: `${webUrl}/services/T0`, allowPrivateAddress: true });
  const alertId = await open();
  expect(await deliverAll(alertId)).toEqual(['delivered']);
  const { text } = JSON.parse(received[0]?.body ?? '{}');
  expect(text).toContain('[high] Alert: Drift of &lt;b&gt;answers&lt;/b&gt; &amp;');
  expect(received[0]?.path).toBe('/services/T0');
});

describe('e-mail', () => {
  test('is sent over SMTP with user and password', async () => {
    await email();
    const alertId = await open();
    expect(await deliverAll(alertId)).toEqual(['delivered']);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ to: ['oncall@example.com'], user: 'assay' });
    expect(mails[0]?.text).toContain(`https://assay.example/alerts/${alertId}`);
    expect(mails[0]?.text).not.toContain('Secret reason');
    expect((await detail(alertId)).deliveries[0]?.receipt).toMatch(/^250/);
  });

  test('with a wrong password says what the server answered, and not the password', async () => {
    const { channel } = await email({ name: 'Wrong', password: 'shibboleth' });
    const tried = (await call('POST', `alerts/channels/${channel.id}/test`)).json();
    expect(tried.state).toBe('dead');
    expect(tried.lastError).toMatch(/did not take the message \(EAUTH 535\)/);
    expect(JSON.stringify(tried)).not.toContain('shibboleth');
  });

  test('does not reach into a private network unless its channel says so', async () => {
    const config = {
      host: '127.0.0.1',
      port: mailPort,
      encryption: 'none',
      user: null,
      from: 'assay@example.com',
      to: ['oncall@example.com'],
    };
    const { channel } = await email({ name: 'Closed', password: null, config });
    expect((await call('POST', `alerts/channels/${channel.id}/test`)).json().lastError).toContain('private network');
    const header = await call('POST', 'alerts/channels', {
      kind: 'email',
      name: 'x',
      password: null,
      config: { ...config, to: ['a@example.com\r\nBcc: b@example.com'] },
    });
    expect(header.statusCode).toBe(400);
  });
});

test('a channel gets only what is grave enough, and nothing once it is off or removed', async () => {
  const { channel } = await webhook({ severityMin: 'high' });
  const count = async (id: string) => (await detail(id)).deliveries.length;
  expect(await count(await open({ severity: 'medium' }))).toBe(0);
  expect(await count(await open({ severity: 'critical' }))).toBe(1);
  const waiting = await open();
  await call('PATCH', `alerts/channels/${channel.id}`, { enabled: false });
  expect(await count(await open())).toBe(0);
  await call('DELETE', `alerts/channels/${channel.id}`);
  expect((await call('GET', 'alerts/channels')).json().items.map((one: AlertChannel) => one.id)).not.toContain(
    channel.id,
  );
  expect(await deliverAll(waiting)).toEqual(['dead']);
  expect((await call('POST', `alerts/channels/${channel.id}/test`)).statusCode).toBe(404);
});

test('a test message reaches the channel and comes back with its receipt', async () => {
  const { channel } = await webhook();
  const tried = await call('POST', `alerts/channels/${channel.id}/test`);
  expect(tried.json()).toMatchObject({ event: 'test', state: 'delivered', receipt: 'HTTP 200' });
  expect(JSON.parse(received[0]?.body ?? '{}').data.title).toContain('Nothing is wrong');
  const engineer = product.people.engineer.cookie;
  const refused = await product.call('POST', `alerts/channels/${channel.id}/test`, { cookie: engineer });
  expect(refused.statusCode).toBe(403);
});
