// A process that opens the database and does what it is told on standard input, one word a line. For supervisor.test.ts.
import { createInterface } from 'node:readline';
import { readConfig } from '#src/platform/config.ts';
import { openDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const purpose = process.argv[2] === 'server' ? 'server' : 'command';
const log = createLog({ level: 'info', output: 2 });
try {
  const config = readConfig(process.env, process.cwd());
  const opened = await openDatabase({ config, log, purpose, url: 'http://127.0.0.1:4999', watchEveryMs: 50 });
  const { pool } = opened.database;
  const { rows } = await pool.query(
    'select rolsuper as super, rolbypassrls as bypass from pg_roles where rolname = current_user',
  );
  const actions: Record<string, () => Promise<unknown>> = {
    write: () => pool.query('create table if not exists note (n int); insert into note values (1)'),
    bulk: () => pool.query("insert into note select length(repeat('x', 200) || n) from generate_series(1, 3000000) n"),
    count: async () => (await pool.query('select count(*) as count from note')).rows[0],
    ask: async () => (await pool.query('select 1 as one')).rows[0],
    close: () => opened.close(),
  };
  say({ opened: true, socket: new URL(opened.url).searchParams.get('host'), ...rows[0] });
  for await (const word of createInterface({ input: process.stdin })) {
    const answer = await actions[word]?.().catch((error: unknown) => ({ failed: String(error) }));
    say({ done: word, answer: word === 'write' ? undefined : answer });
    if (word === 'close') break;
  }
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error), name: error instanceof Error && error.name });
}
process.stdin.destroy();
