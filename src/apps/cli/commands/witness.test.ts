import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { parseNote, verifyNote } from '#src/ledger/log/note.ts';
import { formatVerifierKey, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { smallLog } from '../../../../tests/support/small-log.ts';
import type { CommandContext } from '../context.ts';
import { register } from './witness.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-witness-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const log = smallLog('log.example/1', 20);
const logKey = formatVerifierKey(log.key);

function start(...args: string[]) {
  const printed: string[] = [];
  const stop = new AbortController();
  const unused = (): never => {
    throw new Error('the witness needs no database and no settings');
  };
  const context: CommandContext = {
    get config() {
      return unused();
    },
    get log() {
      return unused();
    },
    cwd: folder,
    signal: stop.signal,
    interactive: false,
    openDatabase: unused,
    print: (text) => void printed.push(text),
    progress: () => undefined,
    onStop: () => undefined,
    foundProblems: () => undefined,
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  register(program, context);
  for (const command of program.commands) command.exitOverride();
  const done = program.parseAsync(['witness', ...args], { from: 'user' });
  return { printed, stop: () => stop.abort(), done };
}

async function printed(...args: string[]): Promise<string[]> {
  const run = start(...args);
  await run.done;
  return run.printed;
}

test('the key is made with the name, and printed on a line of its own from then on', async () => {
  const [made] = await printed('--data', 'keys', '--name', 'witness.example/w1', '--print-key');
  expect(parseVerifierKey(made ?? '').name).toBe('witness.example/w1');
  expect(await printed('--data', 'keys', '--print-key')).toEqual([made]);
});

test.each([
  ['no name for a new witness', ['--print-key'], /--name/],
  ['no log', ['--name', 'w'], /no log to follow/],
  ['a key that is none', ['--name', 'w', '--log', 'abc'], /cannot be used/],
  ['a file that is not there', ['--name', 'w', '--logs', 'nowhere'], /--logs/],
  ['an address that is none', ['--name', 'w', '--log', logKey, '--listen', 'here'], /Expected host:port/],
  ['a port that is none', ['--name', 'w', '--log', logKey, '--listen', '127.0.0.1:70000'], /Expected host:port/],
])('%s is refused in words', async (name, args, message) => {
  await expect(start('--data', name.replaceAll(' ', '-'), ...args).done).rejects.toThrow(message);
});

test('it serves the logs of the file until it is stopped', async () => {
  writeFileSync(join(folder, 'logs.txt'), `# ours\n${logKey}\n\n`);
  const run = start('--data', 'w', '--name', 'w', '--logs', 'logs.txt', '--listen', '127.0.0.1:0', '--json');
  await expect.poll(() => run.printed.length).toBe(1);
  const said = JSON.parse(run.printed[0] ?? '') as { vkey: string; url: string; logs: string[] };
  expect(said.logs).toEqual([log.origin]);
  const answer = await fetch(`${said.url}/add-checkpoint`, { method: 'POST', body: log.request(0, 20) });
  const note = parseNote(Buffer.from(log.note(20) + (await answer.text())));
  expect(verifyNote(note, [log.key, parseVerifierKey(said.vkey)])).toHaveLength(2);
  await expect(start('--data', 'w', '--logs', 'logs.txt', '--listen', '127.0.0.1:0').done).rejects.toThrow(
    /Another witness/,
  );
  run.stop();
  await run.done;
  await expect(fetch(said.url)).rejects.toThrow();
});
