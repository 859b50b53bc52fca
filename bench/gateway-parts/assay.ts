// Our gateway with every control on: key, limits, injection screen, redaction both ways, streamed answers too, and every
// decision on disk before its answer ends. Only the database is left out: decisions are written beside the calls.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJwtChecks } from '#src/gateway/callers/jwt.ts';
import { openGateway } from '#src/gateway/gateway.ts';
import { LocalLimits } from '#src/gateway/limits/local-limits.ts';
import { Journal } from '#src/gateway/record/journal.ts';
import { QueuedSink } from '#src/gateway/record/sink.ts';
import { DEFAULT_TIMEOUTS, EMPTY_SNAPSHOT, type GatewaySnapshot, type PolicyDetector } from '#src/gateway/snapshot.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { createLog } from '#src/platform/log.ts';

const [providerUrl = '', key = ''] = process.argv.slice(2);
const limits = {
  requestsPerMinute: 1e9,
  tokensPerMinute: 1e12,
  tokensPerDay: 1e15,
  spendMicroUsdPerDay: 1e15,
  concurrent: 1e6,
};
const on = (
  detector: PolicyDetector['detector'],
  direction: PolicyDetector['direction'],
  action: PolicyDetector['action'],
): PolicyDetector => ({ detector, direction, action, threshold: null, kinds: null });
const snapshot: GatewaySnapshot = {
  ...EMPTY_SNAPSHOT,
  version: 1,
  providers: [
    {
      id: 'p',
      name: 'Bench',
      kind: 'openai_compatible',
      baseUrl: `${providerUrl}/v1`,
      secretName: 'p',
      authStyle: 'bearer',
      models: null,
      allowPrivateAddress: true,
      timeouts: DEFAULT_TIMEOUTS,
      maxRetries: 2,
    },
  ],
  tenants: [{ id: 't', name: 'Bench', state: 'active', policyId: null, limits, captureDays: 0 }],
  keys: [
    {
      id: 'k',
      tenantId: 't',
      name: 'bench',
      sha256: sha256Hex(key),
      prefix: 'agk',
      scopes: ['chat'],
      models: null,
      expiresAt: null,
      state: 'active',
      limits,
    },
  ],
  routes: [{ id: 'r', path: '/v1', providerId: 'p', policyId: 'all', limits: null }],
  policies: [
    {
      id: 'all',
      version: 1,
      digest: 'bench',
      name: 'Everything',
      detectors: [
        on('injection_user', 'input', 'flag'),
        on('injection_document', 'input', 'flag'),
        on('personal_data', 'both', 'redact'),
        on('secret', 'both', 'redact'),
        on('canary', 'both', 'block'),
      ],
      onFailure: 'closed',
      streamMode: 'hold_back',
      rules: [],
      output: { jsonSchema: null, maxOutputTokens: null, tools: null, grounding: 'off' },
      terms: [],
      patterns: [],
    },
  ],
  prices: [
    { provider: 'openai_compatible', model: '*', inputMicroUsdPerMTok: 1_000_000, outputMicroUsdPerMTok: 2_000_000 },
  ],
};
/** Counts numbers that come in order, or nearly. */
class Numbers {
  count = 0;
  repeated = 0;
  last = 0;
  /** Connections on which nothing was asked: each is recorded, and is no call. */
  notCalls = 0;
  add(number: number, isNoCall: boolean): void {
    if (number <= this.last) this.repeated++;
    if (isNoCall) this.notCalls++;
    this.count++;
    this.last = Math.max(this.last, number);
  }
}
const onError = (error: unknown) => console.error(error);
/** Numbers of the decisions that reached the writer; a hole or a repetition shows. */
const written = new Numbers();
const sink = new QueuedSink({
  journal: new Journal({ folder: mkdtempSync(join(tmpdir(), 'assay-bench-journal-')), mostBytes: 4e9, onError }),
  writer: {
    writeRecorded: async (batch) => {
      for (const { sequence, refusal } of batch) written.add(sequence, refusal?.stage === 'http');
    },
  },
  onError,
});
const gateway = openGateway({
  source: { current: () => snapshot, onChange: () => () => undefined, providerSecret: async () => 'sk-bench' },
  sink,
  limits: new LocalLimits(),
  jwt: createJwtChecks(() => {
    throw new Error('no issuer');
  }),
  clock: Date.now,
  log: createLog({ level: 'error' }),
  salt: 'bench',
});
process.send?.({ port: await gateway.listen(0, '127.0.0.1') });
process.on('message', (message) => {
  if (message !== 'recorded') return;
  void sink.flush().then(() => process.send?.({ ...written }));
});
