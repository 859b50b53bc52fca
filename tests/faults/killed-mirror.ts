// Adds the heads of a small log to a mirror, one after the other, and says each size. For mirror tests, which kill it.
import { openFolderMirror } from '#src/ledger/mirror/mirror-folder.ts';
import { openGitMirror } from '#src/ledger/mirror/mirror-git.ts';
import { smallLog } from '../support/small-log.ts';

const [kind, path = ''] = process.argv.slice(2);
const log = smallLog('log.example/1', 40);
const keys = () => [log.key];
const mirror = kind === 'git' ? openGitMirror({ path, keys }) : openFolderMirror({ folder: path, keys });
for (let size = 1; size <= 40; size++) {
  await mirror.add({ size, note: log.note(size), signedAt: new Date(1_790_000_000_000 + size * 1000) });
  process.stdout.write(`${size}\n`);
}
