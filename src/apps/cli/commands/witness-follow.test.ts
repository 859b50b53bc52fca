import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { formatVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { readConfig } from '#src/platform/config.ts';
import { openDataFolder } from '#src/platform/data-folder.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import { smallLog } from '../../../../tests/support/small-log.ts';
import type { CommandContext } from '../context.ts';
import { register as registerLedger } from './ledger.ts';
import { register as registerWitness } from './witness.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-witness-follow-'));
// The folder of an installation, as the server makes it.
openDataFolder(join(cwd, 'data'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function start(...args: string[]) {
  const printed: string[] = [];
  const stop = new AbortController();
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal: stop.signal,
    interactive: false,
    openDatabase: async () => ({ database: database.current, dataDir: join(cwd, 'data') }) as OpenDatabase,
    print: (text) => void printed.push(text),
    progress: () => undefined,
    onStop: () => undefined,
    foundProblems: () => undefined,
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerLedger(program, context);
  registerWitness(program, context);
  return { printed, stop: () => stop.abort(), done: program.parseAsync(args, { from: 'user' }) };
}

async function run(...args: string[]): Promise<string> {
  const { done, printed } = start(...args);
  await done;
  return printed.join('\n');
}

async function startWitness(data: string, logsFile: string) {
  const args = ['--data', data, '--name', `witness.example/${data}`, '--logs', logsFile, '--listen', '127.0.0.1:0'];
  const witness = start('witness', ...args, '--json');
  await expect.poll(() => witness.printed.length, { timeout: 20_000 }).toBe(1);
  return { ...witness, ...(JSON.parse(witness.printed[0] ?? '') as { url: string; vkey: string }) };
}

const WITHIN = { timeout: 15_000, interval: 200 };

test('a witness that runs listens to the keys of its file as they are now, and to no half of it', async () => {
  const [one, two] = [smallLog('log.example/1', 9), smallLog('log.example/2', 9)];
  const logs = join(cwd, 'logs.txt');
  writeFileSync(logs, `${formatVerifierKey(one.key)}\n`);
  const witness = await startWitness('file', 'logs.txt');
  const submit = async ({ request }: typeof one, from: number, to: number) =>
    (await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: request(from, to) })).status;
  expect(await submit(two, 0, 3)).toBe(404);
  appendFileSync(logs, `${formatVerifierKey(two.key)}\n`);
  await expect.poll(() => submit(two, 0, 3), WITHIN).toBe(200);
  let seen = 0;
  // Cut off in the middle of a key, or emptied, it changes nothing; the next whole one does.
  for (const damaged of [`${formatVerifierKey(two.key).slice(0, 40)}\n`, '', '# none\n']) {
    writeFileSync(logs, damaged);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await submit(one, seen, 3)).toBe(200);
    seen = 3;
  }
  writeFileSync(logs, `${formatVerifierKey(two.key)}\n`);
  await expect.poll(() => submit(one, 3, 4), WITHIN).toBe(404);
  expect(await submit(two, 3, 4)).toBe(200);
  witness.stop();
  await witness.done;
});

test('a witness that runs follows a ledger into the one that continues it, by the proof alone', async () => {
  writeFileSync(join(cwd, 'key.txt'), `${await run('ledger', 'key')}\n`);
  const sealed = /ledger\/([0-9a-f]{32})\+/.exec(await run('ledger', 'key'))?.[1] ?? '';
  await expect(run('ledger', 'key', 'proof')).rejects.toThrow(/Give the id of a key/);
  const witness = await startWitness('proof', 'key.txt');
  await run('ledger', 'witness', 'add', '--url', witness.url, '--key', witness.vkey, '--allow-private');
  await run('ledger', 'seal', '--reason', 'ended', '--yes');
  const key = await run('ledger', 'key');
  expect(key).not.toContain(sealed);
  const newest = async () => fetch(`${witness.url}/${await originHashOf(key)}/checkpoint`).then(({ status }) => status);
  expect(await newest()).toBe(404);
  const proof = await run('ledger', 'key', 'proof', '--log', sealed);
  writeFileSync(join(cwd, 'continued.tlog-proof'), `${proof}\n`);
  const taken = ['--data', 'proof', '--logs', 'key.txt', '--trust', 'continued.tlog-proof'];
  expect(await run('witness', ...taken)).toContain(key);
  // It was not started again, and the next head it is shown is cosigned.
  const name = JSON.parse(await run('ledger', 'witness', 'list', '--json')).name;
  await expect
    .poll(async () => {
      await run('ledger', 'witness', 'try', name).catch(() => undefined);
      return newest();
    }, WITHIN)
    .toBe(200);
  witness.stop();
  await witness.done;
  // A ledger whose key was stolen vouches for nothing.
  const second = /ledger\/([0-9a-f]{32})\+/.exec(key)?.[1] ?? '';
  await run('ledger', 'seal', '--reason', 'key-stolen', '--yes');
  await expect(run('ledger', 'key', 'proof', '--log', second)).rejects.toThrow(/names none that continues it/);
});

async function originHashOf(vkey: string): Promise<string> {
  const { originHash } = await import('#src/ledger/witness/witness-protocol.ts');
  return originHash(vkey.slice(0, vkey.indexOf('+')));
}
