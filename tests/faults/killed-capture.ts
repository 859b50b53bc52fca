// A process that captures payloads as fast as it can, for a test to kill.
import { openPayloadStore } from '#src/features/gateway-payloads/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { openDataKeys } from '#src/platform/data-keys.ts';
import { connectDatabase } from '#src/platform/database/connect.ts';
import { createLog } from '#src/platform/log.ts';

const [url = '', dataDir = ''] = process.argv.slice(2);
const database = connectDatabase(url, { maxConnections: 2 });
const store = openPayloadStore({
  database,
  dataKeys: openDataKeys(database, dataDir),
  log: createLog({ level: 'silent' }),
});
let made = 0;
const capture = () => {
  for (let i = 0; i < 200; i++) {
    const decisionId = `dec_killed_${made++}`;
    const document = JSON.stringify({
      salt: 'cd'.repeat(16),
      v: 1,
      decision: decisionId,
      model: null,
      request: { texts: [{ field: 'input', text: decisionId.repeat(2_000) }], cutCharacters: 0 },
      answer: null,
    });
    store.take({
      decisionId,
      tenantId: 'gtn_killed',
      occurredAt: Date.now(),
      keepDays: 30,
      document,
      sha256: sha256Hex(document),
      personDigest: null,
    });
  }
  process.send?.(made);
};
setInterval(capture, 20);
