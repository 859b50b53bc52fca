import type { Detection, ScanResult } from '#src/connectors/source-tree/model.ts';
import type { FactBody, KnownFact } from '#src/facts/index.ts';
import { toInstant } from '#src/kernel/time.ts';

/** A small service that calls one provider with a floating model and keeps one prompt, as a scan reports it. */
export function scanResult(
  nowMs: number,
  change: {
    source?: ScanResult['source'];
    detections?: Detection[];
    facts?: KnownFact[];
    stats?: Partial<ScanResult['stats']>;
    systems?: ScanResult['systems'];
  } = {},
): ScanResult {
  const detections = change.detections ?? [service(), prompt()];
  const facts = change.facts ?? [repository(), serviceFact(), promptFact()];
  return {
    source: change.source ?? { key: 'git:example.com/acme/chat', title: 'acme/chat' },
    startedAt: toInstant(nowMs - 1000),
    finishedAt: toInstant(nowMs),
    durationMs: 1000,
    stats: {
      files: 12,
      bytes: 3400,
      skipped: [],
      skippedCount: 0,
      complete: true,
      incompleteBecause: [],
      ignored: { files: 0, folders: 0, worthKnowing: [] },
      nestedRepositories: [],
      ...change.stats,
    },
    systems: change.systems ?? [{ key: '.', title: 'acme/chat', manifest: 'pyproject.toml', detections: 2 }],
    detections,
    facts,
  };
}

export function service(change: Partial<Detection> = {}): Detection {
  const place = { path: 'app/chat.py', line: 3, rule: 'openai-python', factKey: 'openai app/chat.py' };
  return {
    kind: 'third_party_ai_service',
    key: 'third_party_ai_service . openai',
    title: 'OpenAI',
    ...place,
    confidence: 'high',
    factKind: 'ai-service',
    uses: ['prompt . app/system.txt'],
    usesBecause: ['same file: app/chat.py'],
    system: '.',
    purpose: 'product',
    details: { models: 'gpt-4o' },
    places: [place],
    placesCount: 1,
    ...change,
  };
}

export function prompt(change: Partial<Detection> = {}): Detection {
  const place = { path: 'app/system.txt', line: null, rule: 'prompt-file', factKey: 'app/system.txt' };
  return {
    kind: 'prompt',
    key: 'prompt . app/system.txt',
    title: 'system.txt',
    ...place,
    confidence: 'medium',
    factKind: 'prompt',
    uses: [],
    usesBecause: [],
    system: '.',
    purpose: 'product',
    details: {},
    places: [place],
    placesCount: 1,
    ...change,
  };
}

export function repository(change: Partial<FactBody<'repository'>> = {}): KnownFact<'repository'> {
  return {
    kind: 'repository',
    key: 'repository',
    body: {
      name: 'acme/chat',
      remote: 'https://example.com/acme/chat',
      commit: '0123456789abcdef0123456789abcdef01234567',
      branch: 'main',
      underVersionControl: 'yes',
      filesRead: 12,
      bytesRead: 3400,
      filesSkipped: 0,
      complete: true,
      incompleteBecause: [],
      languages: ['python'],
      hasTests: false,
      licence: null,
      ...change,
    },
  };
}

export function serviceFact(change: Partial<FactBody<'ai-service'>> = {}): KnownFact<'ai-service'> {
  return {
    kind: 'ai-service',
    key: 'openai app/chat.py',
    body: {
      place: { path: 'app/chat.py', line: 3 },
      provider: 'openai',
      host: 'api.openai.com',
      through: 'import openai',
      models: [{ modelId: 'gpt-4o', pin: 'floating', line: 9 }],
      keyNames: ['OPENAI_API_KEY'],
      ...change,
    },
  };
}

function promptFact(): KnownFact<'prompt'> {
  return {
    kind: 'prompt',
    key: 'app/system.txt',
    body: {
      place: { path: 'app/system.txt', line: null },
      form: 'file',
      sha256: 'a'.repeat(64),
      underVersionControl: 'yes',
      through: 'file',
    },
  };
}
