// `npm start`: builds what is missing, then runs the server in this process, so that signals reach it directly.
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { BuildError, ensureBuilt, requireNode } from './build.mjs';

const PARENT_POLL_MS = 500;
const NAMES = { app: 'server', web: 'web app', verifier: 'verifier' };

// npm passes SIGTERM on to the shell it runs us in, which ends without telling us.
function stopWithShell() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_POLL_MS).unref();
}

try {
  requireNode();
  if (process.env.npm_lifecycle_event === 'start') stopWithShell();
  const onBuild = (target) => console.error(`Building the ${NAMES[target]} …`);
  const [app] = await Promise.all(['app', 'web', 'verifier'].map((target) => ensureBuilt(target, { onBuild })));
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(app, 'server.js')).href);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(error.message);
  process.exitCode = 3;
}
