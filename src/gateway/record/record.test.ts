import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOutbound } from '#src/platform/outbound.ts';
import {
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendJson,
} from '../../../tests/support/gateway.ts';
import type { Decision } from '../decision.ts';
import { gatewayMetrics } from '../telemetry/metrics.ts';
import { OtlpExporter } from '../telemetry/otlp.ts';
import { Journal, readSegment, replayLeftovers } from './journal.ts';
import { JournalPages } from './journal-pages.ts';
import { LocalEvents } from './local-events.ts';
import { openNatsEvents } from './nats-events.ts';
import { encodeAll } from './recorded.ts';
import { simhash } from './simhash.ts';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await openFakeProvider((_request, response) => sendJson(response, chatAnswer('Fine.')));
});
afterAll(() => provider.close());

const ask = (url: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello there' }] }),
  }).then(async (response) => ({
    status: response.status,
    id: response.headers.get('x-assay-decision-id'),
    text: await response.text(),
  }));

describe('the record', () => {
  it('keeps what the writer does not take, and writes it once it does, in order and once', async () => {
    const written: Decision[] = [];
    let broken = true;
    const rig = await openTestGateway(aSnapshot(provider), {
      writer: {
        write: async (batch) => {
          if (broken) throw new Error('no database');
          written.push(...batch);
        },
      },
    });
    for (let i = 0; i < 5; i++) expect((await ask(rig.url)).status).toBe(200);
    expect(written).toHaveLength(0);
    const [file = ''] = readdirSync(join(rig.folder, 'journal'));
    expect(readSegment(join(rig.folder, 'journal', file)).decisions).toHaveLength(5);
    broken = false;
    await ask(rig.url);
    await rig.gateway.close();
    expect(written.map((one) => one.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(readdirSync(join(rig.folder, 'journal'))).toEqual([]);
    rmSync(rig.folder, { recursive: true, force: true });
  });

  it('refuses calls rather than serve them unrecorded', async () => {
    const rig = await openTestGateway(aSnapshot(provider), {
      journalBytes: 3_000,
      writer: { write: async () => Promise.reject(new Error('no database')) },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await ask(rig.url)).status);
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(503);
    const seen = provider.seen.length;
    expect(JSON.parse((await ask(rig.url)).text).error.code).toBe('record_unavailable');
    expect(provider.seen.length).toBe(seen);
    await rig.close();
  });

  it('has every answered call on disk when its process is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-killed-'));
    const child = fork(
      fileURLToPath(new URL('../../../tests/faults/killed-gateway.ts', import.meta.url)),
      [provider.url, folder],
      { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    const port = await new Promise<number>((resolve) => child.once('message', (message) => resolve(message as number)));
    const answered = new Set<string>();
    const work = Array.from({ length: 8 }, async () => {
      for (;;) {
        const answer = await ask(`http://127.0.0.1:${port}`).catch(() => null);
        if (answer === null) return;
        if (answer.id) answered.add(answer.id);
        if (answered.size === 60) child.kill('SIGKILL');
      }
    });
    await Promise.all(work);
    const found = new Set<string>();
    const total = await replayLeftovers(folder, async (batch) => {
      for (const { id } of batch) found.add(id);
    });
    expect(total.damaged).toBeLessThanOrEqual(1);
    expect(answered.size).toBeGreaterThanOrEqual(60);
    for (const id of answered) expect(found.has(id)).toBe(true);
    rmSync(folder, { recursive: true, force: true });
  });

  it('does not take a cut or changed line for a decision', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-journal-'));
    const journal = new Journal({ folder, mostBytes: 1e6, onError: () => undefined });
    const pages = new JournalPages();
    for (const id of ['dec_1', 'dec_2']) pages.put(Buffer.from(JSON.stringify({ id })));
    journal.append(pages.takeNew(), 2);
    journal.close();
    const [file = ''] = readdirSync(folder);
    appendFileSync(join(folder, file), '00000000 {"id":"dec_3"}\nabc');
    const taken: string[] = [];
    expect(await replayLeftovers(folder, async (batch) => void taken.push(...batch.map((one) => one.id)))).toEqual({
      decisions: 2,
      damaged: 2,
    });
    expect(taken).toEqual(['dec_1', 'dec_2']);
    expect(readdirSync(folder)).toEqual([`${file}.damaged`]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('lets calls under way end when the gateway stops, and takes no more', async () => {
    let finish: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      provider.answer = (_request, response) => {
        finish = () => sendJson(response, chatAnswer('Late but whole.'));
        resolve();
      };
    });
    const rig = await openTestGateway(aSnapshot(provider));
    const late = ask(rig.url);
    await begun;
    const closing = rig.gateway.close();
    await expect(ask(rig.url)).rejects.toThrow();
    finish();
    expect((await late).text).toContain('Late but whole.');
    await closing;
    expect(rig.decisions).toHaveLength(1);
    rmSync(rig.folder, { recursive: true, force: true });
    provider.answer = (_request, response) => sendJson(response, chatAnswer('Fine.'));
  });
});

const sample = async (): Promise<Decision> => {
  const rig = await openTestGateway(aSnapshot(provider));
  await ask(rig.url);
  const [decision] = await rig.recorded();
  await rig.close();
  if (!decision) throw new Error('nothing recorded');
  return decision;
};

describe('what is told of decisions', () => {
  it('goes to every subscriber of the process, whichever fails', async () => {
    const events = new LocalEvents();
    const seen: number[] = [];
    events.subscribe(() => Promise.reject(new Error('mine')));
    const stop = events.subscribe((batch) => void seen.push(batch.length));
    await expect(events.publish(encodeAll([await sample()]))).rejects.toThrow('mine');
    stop();
    await events.publish([]).catch(() => undefined);
    expect(seen).toEqual([1]);
  });

  it('goes to a collector as spans and histograms with the names of the conventions', async () => {
    const got: Record<string, unknown> = {};
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        got[request.url ?? ''] = JSON.parse(text);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outbound = openOutbound({ allowedHosts: [endpoint], allowPrivate: true });
    const exporter = new OtlpExporter({
      endpoint,
      outbound,
      nodeId: () => 'gwn_1',
      onError: (error) => expect(error).toBeUndefined(),
    });
    exporter.add(await sample());
    await exporter.close();
    await outbound.close();
    server.close();
    const traces = JSON.stringify(got['/v1/traces']);
    expect(traces).toContain('"gen_ai.operation.name"');
    expect(traces).toContain('"chat gpt-test-2026"');
    const metrics = JSON.stringify(got['/v1/metrics']);
    expect(metrics).toContain('gen_ai.client.operation.duration');
    expect(metrics).toContain('gen_ai.client.token.usage');
    expect(traces + metrics).not.toContain('Hello');
  });

  it('shows in the metrics, without a word of a caller', async () => {
    const registry = new Registry();
    gatewayMetrics(registry, {
      backlog: () => 1,
      inFlight: () => 2,
      journalBytes: () => 3,
      answerBytes: () => 4,
      payloadsWaiting: () => 5,
      answersWaiting: () => 0,
    })(await sample());
    const text = await registry.metrics();
    expect(text).toContain('assay_gateway_calls_total{route="rte_1",outcome="allowed",end="completed"} 1');
    expect(text).not.toContain('gpt');
  });

  it('recognizes near-duplicates of a prompt', () => {
    const distance = (a: string, b: string) =>
      [...(BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2)].filter((bit) => bit === '1').length;
    const base =
      'Please list every step that is needed to calibrate the pressure sensor of the pump in the cellar, in order and with the tools, and say what may go wrong.';
    expect(simhash(base)).toMatch(/^[0-9a-f]{16}$/);
    expect(distance(simhash(base), simhash(base.replace('cellar', 'attic')))).toBeLessThan(16);
    expect(
      distance(
        simhash(base),
        simhash('What is the capital of the country that borders both of these seas, and since when has it been so?'),
      ),
    ).toBeGreaterThan(16);
  });
});

const hasNats = spawnSync('nats-server', ['--version']).status === 0;

describe.skipIf(!hasNats)('events in JetStream', () => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const port = await new Promise<number>((resolve) => {
      const probe = createTcpServer().listen(0, '127.0.0.1', () => {
        const taken = (probe.address() as AddressInfo).port;
        probe.close(() => resolve(taken));
      });
    });
    url = `nats://127.0.0.1:${port}`;
    server = spawn(
      'nats-server',
      ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', mkdtempSync(join(tmpdir(), 'assay-nats-'))],
      { stdio: 'ignore' },
    );
  });
  afterAll(() => void server.kill());

  it('are kept by the server, once each', async () => {
    const events = await retry(() => openNatsEvents(url));
    const decision = await sample();
    await events.publish(encodeAll([decision, { ...decision, id: 'dec_other' }]));
    await events.publish(encodeAll([decision]));
    const connection = await connect({ servers: url });
    const info = await (await jetstreamManager(connection)).streams.info('ASSAY_GATEWAY');
    expect(info.state.messages).toBe(2);
    await connection.close();
    await events.close();
  });
});

async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
