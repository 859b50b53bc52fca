// A gateway in a process of its own, whose writer never gets anything written, for a test to kill.
import { createJwtChecks } from '#src/gateway/callers/jwt.ts';
import { openGateway } from '#src/gateway/gateway.ts';
import { LocalLimits } from '#src/gateway/limits/local-limits.ts';
import { Journal } from '#src/gateway/record/journal.ts';
import { QueuedSink } from '#src/gateway/record/sink.ts';
import { createLog } from '#src/platform/log.ts';
import { aSnapshot } from '../support/gateway.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const snapshot = aSnapshot({ url });
const onError = () => undefined;
const gateway = openGateway({
  source: { current: () => snapshot, onChange: () => () => undefined, providerSecret: async () => 'secret' },
  sink: new QueuedSink({
    journal: new Journal({ folder, mostBytes: 1e9, onError }),
    writer: { writeRecorded: () => new Promise(() => undefined) },
    onError,
  }),
  limits: new LocalLimits(),
  jwt: createJwtChecks(() => {
    throw new Error('no issuer');
  }),
  clock: Date.now,
  log: createLog({ level: 'silent' }),
  salt: 'salt',
});
process.send?.(await gateway.listen(0, '127.0.0.1'));
