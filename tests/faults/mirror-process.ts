// A mirror of a small log that adds the heads it is told on standard input, one JSON command a line, and answers each in a
// line, or says which it knows. It is killed and its system calls, and those of its git, are made to fail: see mirror.test.ts
// and git-mirror.test.ts.
import { createInterface } from 'node:readline';
import { openFolderMirror } from '#src/ledger/mirror/mirror-folder.ts';
import { openGitMirror } from '#src/ledger/mirror/mirror-git.ts';
import { smallLog } from '../support/small-log.ts';

const [kind, path = '', remote = ''] = process.argv.slice(2);
const log = smallLog('log.example/1', 4_000);
const keys = () => [log.key];
const mirror =
  kind === 'git'
    ? openGitMirror({ path, keys, ...(remote !== '' && { remote }) })
    : openFolderMirror({ folder: path, keys });
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

say({ ready: process.pid });
for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, size } = JSON.parse(line);
  const signedAt = new Date(1_790_000_000_000 + size * 1000);
  const known = async () => (await mirror.knownHeads()).map(({ checkpoint }) => checkpoint.size);
  const work: Promise<unknown> = what === 'know' ? known() : mirror.add({ size, note: log.note(size), signedAt });
  const answer = await work.then(
    (done) => ({ done }),
    (error: unknown) => ({ failed: String(error), name: error instanceof Error ? error.name : '' }),
  );
  say(answer);
}
