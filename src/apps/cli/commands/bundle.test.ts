import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { sealLedger } from '#src/ledger/store/seal.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { makeBundle } from '../../../../tests/support/bundle.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import type { CommandContext } from '../context.ts';
import { register as registerBundle } from './bundle.ts';
import { register as registerLedger } from './ledger.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-command-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs one command line; what it printed, and whether it found something wrong. */
async function run(...args: string[]): Promise<{ text: string; problems: boolean }> {
  const printed: string[] = [];
  let problems = false;
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal: new AbortController().signal,
    interactive: false,
    openDatabase: async () => ({ database: database.current, dataDir: join(cwd, 'data') }) as OpenDatabase,
    print: (text) => printed.push(text),
    progress: () => undefined,
    onStop: () => undefined,
    foundProblems: () => {
      problems = true;
    },
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerBundle(program, context);
  registerLedger(program, context);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  await program.parseAsync(args, { from: 'user' });
  return { text: printed.join('\n'), problems };
}

describe('verifying a bundle on disk', () => {
  beforeAll(async () => {
    const { zip, policy } = await makeBundle();
    writeFileSync(join(cwd, 'right.zip'), zip);
    writeFileSync(join(cwd, 'policy'), policy);
    const changed = new Uint8Array(zip);
    changed[changed.length - 30] = (changed[changed.length - 30] as number) ^ 1;
    writeFileSync(join(cwd, 'wrong.zip'), changed);
    writeFileSync(join(cwd, 'short.zip'), zip.subarray(0, 1_000));
    writeFileSync(join(cwd, 'bad-policy'), 'quorum nobody\n');
  });

  test('says what was checked and what was not', async () => {
    const { text, problems } = await run('bundle', 'verify', 'right.zip', '--policy', 'policy');
    expect(problems).toBe(false);
    expect(text).toContain('RIGHT  right.zip is whole and unchanged.');
    expect(text).toMatch(/^Checked\n {2}\+ Signed head: .* the key in your policy file/m);
    expect(text).toMatch(/^Not checked\n {2}- /m);
  });

  test('without a policy prints the fingerprint and where the key came from', async () => {
    const { text } = await run('bundle', 'verify', 'right.zip');
    expect(text).toMatch(/Fingerprint {2}([0-9a-f]{4} ){7}[0-9a-f]{4} {2}\(from the bundle itself\)/);
    expect(text).toContain('Whose key signed the log.');
  });

  test.each(['wrong.zip', 'short.zip', 'policy'])('%s is wrong, and the first problem is named', async (file) => {
    const { text, problems } = await run('bundle', 'verify', file, '--policy', 'policy');
    expect(problems).toBe(true);
    expect(text).toMatch(/^WRONG {2}.*\n {7}.+: .+\. \[archive]/);
  });

  test('as JSON is the whole report', async () => {
    const { text } = await run('bundle', 'verify', 'wrong.zip', '--json');
    const report: BundleReport = JSON.parse(text);
    expect(report.ok).toBe(false);
    expect(report.firstProblem?.rule).toBe('archive');
  });

  test('needs a file that is there and a policy that can be read', async () => {
    await expect(run('bundle', 'verify', 'nowhere.zip')).rejects.toMatchObject({ code: 'not_found' });
    await expect(run('bundle', 'verify', 'right.zip', '--policy', 'nowhere')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(run('bundle', 'verify', 'right.zip', '--policy', 'bad-policy')).rejects.toThrow(/bad-policy: Line 1/);
    await expect(run('bundle', 'verify')).rejects.toThrow(/missing required argument/);
    await expect(run('bundle', 'verify', 'right.zip', '--strict')).rejects.toThrow(/unknown option/);
  });
});

describe('the ledger of a data folder', () => {
  test('is exported to a file that verifies, and never over another file', async () => {
    const { text } = await run('bundle', 'export', '--out', 'own.zip', '--json');
    expect(JSON.parse(text)).toMatchObject({ entries: 3, from: 0, to: 3 });
    expect((await run('bundle', 'verify', 'own.zip')).problems).toBe(false);
    await expect(run('bundle', 'export', '--out', 'own.zip')).rejects.toThrow(/exists already/);
    expect(existsSync(join(cwd, 'own.zip.part'))).toBe(false);
  });

  test('is exported in part, counting the last entry in', async () => {
    const { text } = await run('bundle', 'export', '--from', '1', '--to', '1', '--out', 'part.zip', '--json');
    expect(JSON.parse(text)).toMatchObject({ from: 1, to: 2 });
    await expect(run('bundle', 'export', '--to', '9999', '--out', 'far.zip')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(run('bundle', 'export', '--from', 'x', '--out', 'far.zip')).rejects.toMatchObject({
      code: 'invalid_input',
    });
    expect(existsSync(join(cwd, 'far.zip'))).toBe(false);
    expect(existsSync(join(cwd, 'far.zip.part'))).toBe(false);
  });

  test('gives its key on a line of its own, and as a policy its bundles verify under', async () => {
    const { text } = await run('ledger', 'key');
    expect(text).toMatch(/^assay\.local\/ledger\/[0-9a-f]{32}\+[0-9a-f]{8}\+\S+$/);
    writeFileSync(join(cwd, 'own-policy'), `${(await run('ledger', 'key', '--policy')).text}\n`);
    const verified = await run('bundle', 'verify', 'own.zip', '--policy', 'own-policy');
    expect(verified.text).toContain('the key in your policy file');
  });

  test('is checked, listed, shown and proven', async () => {
    expect((await run('ledger', 'check')).text).toMatch(/^RIGHT {2}\d+ entries/);
    expect(JSON.parse((await run('ledger', 'check', '--json')).text)).toMatchObject({ ok: true });
    expect((await run('ledger', 'tail', '-n', '2')).text.split('\n')).toHaveLength(2);
    expect(JSON.parse((await run('ledger', 'inspect', '0', '--json')).text)).toMatchObject({ type: 'key.announced' });
    expect((await run('ledger', 'inspect', '0')).text).toContain('Leaf hash');
    expect((await run('ledger', 'prove', '0')).text).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 0\n/);
    await expect(run('ledger', 'inspect', '9999')).rejects.toMatchObject({ code: 'not_found' });
    await expect(run('ledger', 'prove', '-1')).rejects.toThrow();
    await expect(run('ledger', 'tail', '-n', 'many')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  test('is published, and again without a change', async () => {
    expect((await run('ledger', 'publish', '--out', 'log')).text).toMatch(/\d+ files written/);
    expect((await run('ledger', 'publish', '--out', 'log')).text).toContain('nothing had changed');
    expect(existsSync(join(cwd, 'log/checkpoint'))).toBe(true);
  });

  test('keeps who exported what, when, and its digest, for the page of exports', async () => {
    const { text } = await run('bundle', 'export', '--from', '0', '--to', '1', '--out', 'noted.zip', '--json');
    const exported = JSON.parse(text);
    const { rows } = await database.current.pool.query('select * from bundle where id = $1', [exported.bundle]);
    expect(rows).toMatchObject([
      {
        state: 'ready',
        kept: false,
        requested_by: 'service:command-line',
        from_index: 0,
        to_index: 1,
        sha256: exported.sha256,
      },
    ]);
    expect(exported.sha256).toBe(sha256Hex(readFileSync(join(cwd, 'noted.zip'))));
  });

  test('goes on being published, checked, proven and exported once it is sealed', async () => {
    const key = (await run('ledger', 'key')).text;
    const id = /ledger\/([0-9a-f]{32})\+/.exec(key)?.[1] ?? '';
    await sealLedger(
      { database: database.current, dataDir: join(cwd, 'data'), clock: Date.now, host: 'assay.local', headSources: [] },
      { reason: 'ended', actor: { kind: 'service', id: 'command-line' } },
    );
    const [present, former, ...others] = JSON.parse((await run('ledger', 'list', '--json')).text);
    expect(others).toEqual([]);
    expect(present).toMatchObject({ sealedAt: null, vkey: (await run('ledger', 'key')).text });
    expect(former).toMatchObject({ id, reason: 'ended', vkey: key });
    expect((await run('ledger', 'list')).text).toMatch(/present\n.* sealed \S+, ended$/);
    expect((await run('ledger', 'key', '--log', id)).text).toBe(key);
    expect((await run('ledger', 'prove', '0', '--log', id)).text).toContain(`/ledger/${id}\n`);
    expect((await run('ledger', 'tail', '-n', '1', '--log', id)).text).toContain('log.sealed');
    expect((await run('ledger', 'inspect', '0', '--log', id)).text).toContain('Signed     under the head of');
    const checked = (await run('ledger', 'check', '--log', 'all')).text.split('\n');
    expect(checked.map((line) => line.slice(0, 39))).toEqual([`${id}  RIGHT`, `${present.id}  RIGHT`]);
    await run('ledger', 'publish', '--log', 'all', '--out', 'logs');
    for (const one of [id, present.id])
      expect(readFileSync(join(cwd, 'logs', one, 'checkpoint'), 'utf8')).toContain(`/ledger/${one}\n`);
    expect((await run('ledger', 'publish', '--log', id, '--out', 'log')).text).toMatch(/files written/);
    await run('bundle', 'export', '--log', id, '--out', 'sealed.zip');
    writeFileSync(join(cwd, 'former-policy'), `${(await run('ledger', 'key', '--policy', '--log', id)).text}\n`);
    const verified = await run('bundle', 'verify', 'sealed.zip', '--policy', 'former-policy');
    expect(verified.problems).toBe(false);
    expect(verified.text).toContain(id);
    const later = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    await expect(run('bundle', 'export', '--log', 'all', '--since', later, '--out', 'w.zip')).rejects.toThrow(
      /Nothing was recorded from/,
    );
    await expect(run('bundle', 'export', '--log', 'all', '--from', '0', '--out', 'w.zip')).rejects.toThrow(/--since/);
    await expect(run('bundle', 'export', '--since', '2026-02-30', '--out', 'w.zip')).rejects.toThrow(/is not a day/);
    expect((await run('bundle', 'export', '--out', 'present.zip')).text).toContain(
      `continues ${former.origin}, sealed`,
    );
    const { text } = await run(
      'bundle',
      'export',
      '--log',
      'all',
      '--since',
      '2026-01-01',
      '--until',
      later,
      '--out',
      'w.zip',
    );
    expect(text).toContain(`Verify them together: assay bundle verify w.zip w-${id}.zip`);
    writeFileSync(join(cwd, 'both-keys'), `log ${present.vkey}\nlog ${key}\nquorum none\n`);
    const both = await run('bundle', 'verify', 'w.zip', `w-${id}.zip`, '--policy', 'both-keys');
    expect(both.problems).toBe(false);
    expect(both.text).toMatch(/^Continues {4}.*, ended at \d+ entries \(ended\)$/m);
    expect(both.text).toMatch(
      /^JOINED .*its entry 0 names this very head.*No entry between the two ranges was left out\.$/m,
    );
    // A bundle from before the seal has an older head, and one of a rewritten log another one.
    const before = await run('bundle', 'verify', 'w.zip', 'own.zip', '--policy', 'both-keys', '--json');
    expect(before.problems).toBe(false);
    expect(JSON.parse(before.text).links).toMatchObject([{ newer: 'w.zip', older: 'own.zip', state: 'unknown' }]);
    await expect(run('ledger', 'check', '--log', 'none')).rejects.toThrow('ledger list');
    await expect(run('bundle', 'export', '--log', 'none', '--out', 'x.zip')).rejects.toThrow('ledger list');
  });
});
