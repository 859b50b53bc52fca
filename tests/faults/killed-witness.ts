// A witness in a process of its own. Told so, it ends by SIGKILL right after a head is on disk and before its answer is sent,
// or as soon as it serves.
import { join } from 'node:path';
import { parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { openWitnessKey } from '#src/ledger/witness/witness-key.ts';
import { serveWitness } from '#src/ledger/witness/witness-server.ts';
import { WitnessState } from '#src/ledger/witness/witness-state.ts';

const [dataDir = '', vkey = '', end] = process.argv.slice(2);
const signer = openWitnessKey(join(dataDir, 'witness.key'), 'witness.example/w1');
const state = new WitnessState({
  dataDir,
  signer,
  logs: [parseVerifierKey(vkey)],
  clock: Date.now,
  onStored: () => end === 'killed' && process.kill(process.pid, 'SIGKILL'),
});
const silent = () => undefined;
const log = { info: silent, warn: silent, error: silent };
const server = await serveWitness({ state, vkey, name: signer.key.name, host: '127.0.0.1', port: 0, log });
process.stdout.write(`${server.url}\n`);
if (end === 'end') await server.close();
await server.ended.catch(() => process.exit(3));
