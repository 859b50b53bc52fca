import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a thread with the code in `name`, which lies beside the file at `besideUrl` in the source. In a build it lies at the
 * root of the build, and that file may be in one of its parts.
 */
export function openThread(besideUrl: string, name: string, workerData?: unknown): Worker {
  if (besideUrl.endsWith('.ts')) {
    const source = JSON.stringify(new URL(`./${name}.ts`, besideUrl).href);
    // Node's own options do not reach the loader of a thread.
    const load = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${source}, ${source}));`;
    return new Worker(load, { eval: true, workerData });
  }
  const beside = new URL(`./${name}.js`, besideUrl);
  const file = existsSync(fileURLToPath(beside)) ? beside : new URL(`../${name}.js`, besideUrl);
  return new Worker(file, { workerData });
}
