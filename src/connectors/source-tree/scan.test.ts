import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACT_KINDS, type FactBody, type FactKindName, SOURCE_TREE_KINDS } from '#src/facts/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Detection, ScanProgress, ScanResult } from './model.ts';
import { SAMPLE_COMPANY } from './sample-company.ts';
import { scanTree } from './scan.ts';
import { type TemporaryTree, temporaryTree } from './temporary-tree.ts';

const now = () => 1_800_000_000_000;

function bodies<Kind extends FactKindName>(result: ScanResult, kind: Kind): Map<string, FactBody<Kind>> {
  return new Map(result.facts.flatMap((fact) => (fact.kind === kind ? [[fact.key, fact.body as FactBody<Kind>]] : [])));
}

function detection(result: ScanResult, kind: Detection['kind'], title: string): Detection | undefined {
  return result.detections.find((each) => each.kind === kind && each.title === title);
}

describe('a company with a chat service, a training pipeline, evaluations and deployment', () => {
  const tree = temporaryTree(SAMPLE_COMPANY);
  let result: ScanResult;
  beforeAll(async () => {
    result = await scanTree(tree.root, { now });
  });
  afterAll(() => tree.remove());

  test('every fact fits the vocabulary and has a key of its own', () => {
    const keys = new Set<string>();
    for (const fact of result.facts) {
      expect(SOURCE_TREE_KINDS).toContain(fact.kind);
      FACT_KINDS[fact.kind].body.parse(fact.body);
      keys.add(`${fact.kind} ${fact.key}`);
    }
    expect(keys.size).toBe(result.facts.length);
  });

  test('every detection points at a fact that is there, and uses detections that are there', () => {
    const keys = new Set(result.detections.map(({ key }) => key));
    expect(keys.size).toBe(result.detections.length);
    for (const { factKind, factKey, uses, usesBecause } of result.detections) {
      expect(result.facts.some((fact) => fact.kind === factKind && fact.key === factKey)).toBe(true);
      expect(usesBecause).toHaveLength(uses.length);
      for (const key of uses) expect(keys).toContain(key);
    }
  });

  test('the service file yields provider, model, key name and prompt', () => {
    expect(bodies(result, 'ai-service').get('chat/app/llm.py#openai')).toMatchObject({
      place: { path: 'chat/app/llm.py', line: 2 },
      models: [{ modelId: 'gpt-4o', pin: 'floating', line: 13 }],
      keyNames: ['OPENAI_API_KEY'],
    });
    const prompt = bodies(result, 'prompt').get('chat/app/llm.py#SYSTEM_PROMPT');
    expect(prompt).toMatchObject({ form: 'inline', place: { line: 4 }, underVersionControl: 'unknown' });
    expect(prompt?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('only the route that reaches a model is an endpoint, and it is known to check who calls', () => {
    const endpoints = [...bodies(result, 'inference-endpoint').values()];
    expect(endpoints.map(({ route }) => route)).toEqual(['/chat']);
    expect(endpoints[0]?.authenticated).toBe('yes');
  });

  test('the endpoint uses the service, the model, the prompt and the index of the files it imports, and says why', () => {
    const chat = detection(result, 'inference_api', '/chat');
    expect(chat?.uses).toEqual([
      'knowledge_base|chat|qdrant',
      'model|chat|openai:gpt-4o',
      'prompt|chat|chat/app/llm.py#SYSTEM_PROMPT',
      'third_party_ai_service|chat|openai',
    ]);
    expect(chat?.usesBecause[1]).toBe('chat/app/routes.py imports chat/app/llm.py');
  });

  test('the training pipeline uses its dataset and its base model, sets a seed and logs nothing known', () => {
    expect(bodies(result, 'training-pipeline').get('training/train.py#transformers')).toMatchObject({
      setsSeed: 'yes',
      logsRun: 'unknown',
    });
    expect(detection(result, 'training_pipeline', 'train.py')?.uses).toEqual(
      expect.arrayContaining(['dataset|training|hub:acme/tickets', 'model|training|huggingface:gpt2']),
    );
    expect(bodies(result, 'dataset-reference').get('training/train.py#hub:acme/tickets')).toMatchObject({
      pin: 'tag',
      revision: 'v1.0',
    });
    expect(bodies(result, 'model-reference').get('training/train.py#huggingface:gpt2')).toMatchObject({
      pin: 'floating',
      trustsRemoteCode: 'no',
    });
  });

  test('a dataset takes its license from the card of its folder', () => {
    expect(bodies(result, 'dataset-file').get('training/data/train.csv')?.licence).toBe('cc-by-4.0');
  });

  test('sensitive folders carry the owner rule that covers them, and an unowned rule takes ownership away', () => {
    const paths = bodies(result, 'sensitive-path');
    expect(paths.get('models')).toMatchObject({ holds: 'models', ownedBy: '/models/' });
    expect(paths.get('training')).toMatchObject({ ownedBy: '/training/' });
    expect(paths.get('prompts')).toMatchObject({ holds: 'prompts', ownedBy: null });
    expect(paths.get('deploy')).toMatchObject({ ownedBy: '*' });
  });

  test('delivery is read: workflow steps and token, base image, manifest, cloud resource', () => {
    expect(bodies(result, 'ci-workflow').get('.github/workflows/ci.yml')).toMatchObject({
      runsTests: true,
      tokenReadOnly: 'yes',
      steps: [
        { uses: 'actions/checkout@v4', pin: 'tag', thirdParty: false },
        { uses: 'some/action@main', pin: 'floating', thirdParty: true },
      ],
    });
    expect(bodies(result, 'container-image').get('deploy/Dockerfile#python')).toMatchObject({
      pin: 'tag',
      runsAsRoot: 'no',
    });
    expect(bodies(result, 'dependency-manifest').get('chat/pyproject.toml')).toMatchObject({
      dependencies: 2,
      unpinned: 1,
      aiLibraries: ['openai'],
      lockFile: null,
    });
    expect(bodies(result, 'cloud-resource').size).toBe(1);
  });

  test('the repository fact says what was read', () => {
    expect(bodies(result, 'repository').get('.')).toMatchObject({
      underVersionControl: 'unknown',
      complete: true,
      filesRead: Object.keys(SAMPLE_COMPANY).length,
      languages: ['python'],
      hasTests: true,
      licence: 'Apache-2.0',
    });
  });

  test('systems are the folders of manifests', () => {
    expect(result.systems.map(({ key }) => key)).toEqual(['.', 'chat', 'training']);
    expect(result.systems[1]?.manifest).toBe('chat/pyproject.toml');
  });

  test('a second scan gives the same facts, detections and systems', async () => {
    const again = await scanTree(tree.root, { now });
    expect(JSON.stringify([again.facts, again.detections, again.systems])).toBe(
      JSON.stringify([result.facts, result.detections, result.systems]),
    );
  });
});

describe('keys', () => {
  test('stay while lines move', async () => {
    const tree = temporaryTree({ 'a.py': 'from openai import OpenAI\nm = AutoModel.from_pretrained("gpt2")\n' });
    const before = await scanTree(tree.root, { now });
    tree.write(
      'a.py',
      '\n\n# moved\nfrom openai import OpenAI\n\nm = AutoModel.from_pretrained("gpt2", revision="main")\n',
    );
    const after = await scanTree(tree.root, { now });
    tree.remove();
    const keysOf = (result: ScanResult) =>
      result.facts.filter(({ kind }) => kind !== 'repository').map(({ kind, key }) => `${kind} ${key}`);
    expect(keysOf(after)).toEqual(keysOf(before));
    expect(after.detections.map(({ key }) => key)).toEqual(before.detections.map(({ key }) => key));
  });
});

describe('a clone', () => {
  let tree: TemporaryTree;
  beforeAll(() => {
    tree = temporaryTree({
      'prompts/a.txt': 'Answer the question.\n',
      'svc/x.py': 'import openai\n',
      '.gitignore': 'secret/\n',
      'secret/y.py': 'import cohere\n',
    });
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', tree.root, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
        stdio: 'ignore',
      });
    git('init', '-b', 'trunk');
    git('remote', 'add', 'origin', 'https://user:hunter2hunter2@git.example.org/acme/shop.git?x=1');
    git('add', '.gitignore', 'prompts', 'svc');
    git('commit', '-m', 'first');
    tree.write('prompts/b.txt', 'Answer the other question.\n');
  });
  afterAll(() => tree.remove());

  test('is known by its remote without credentials, its branch and its commit', async () => {
    const result = await scanTree(tree.root, { now });
    const commit = execFileSync('git', ['-C', tree.root, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
    expect(result.source).toEqual({ key: 'git.example.org/acme/shop', title: 'acme/shop' });
    expect(bodies(result, 'repository').get('.')).toMatchObject({
      remote: 'https://git.example.org/acme/shop.git',
      branch: 'trunk',
      commit,
      underVersionControl: 'yes',
    });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  test('tells prompts that git tracks from those it does not', async () => {
    const prompts = bodies(await scanTree(tree.root, { now }), 'prompt');
    expect(prompts.get('prompts/a.txt')?.underVersionControl).toBe('yes');
    expect(prompts.get('prompts/b.txt')?.underVersionControl).toBe('no');
  });

  test('a folder of it is a source of its own', async () => {
    const result = await scanTree(join(tree.root, 'svc'), { now });
    expect(result.source.key).toBe('git.example.org/acme/shop//svc');
    expect(result.detections.map(({ title }) => title)).toEqual(['openai']);
  });

  test('packed references and version 4 of the index are read as well', async () => {
    execFileSync('git', ['-C', tree.root, 'pack-refs', '--all']);
    execFileSync('git', ['-C', tree.root, 'update-index', '--index-version', '4']);
    const result = await scanTree(tree.root, { now });
    expect(bodies(result, 'repository').get('.')?.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(bodies(result, 'prompt').get('prompts/a.txt')?.underVersionControl).toBe('yes');
  });
});

describe('a path that cannot be scanned', () => {
  const tree = temporaryTree({ 'file.txt': 'x' });
  afterAll(() => tree.remove());

  test.each([
    ['missing', 'nowhere', 'not_found', /does not exist/],
    ['a file', 'file.txt', 'invalid_input', /is a file/],
    ['a link to itself', 'loop', 'invalid_input', /leads to itself/],
  ])('%s: a clear error with its code', async (_, name, code, message) => {
    if (name === 'loop') symlinkSync('loop', join(tree.root, 'loop'));
    const error = await scanTree(join(tree.root, name), { now }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

describe('progress and cancellation', () => {
  const tree = temporaryTree();
  beforeAll(() => {
    for (let i = 0; i < 120; i++) {
      mkdirSync(join(tree.root, `d${i % 20}`), { recursive: true });
      writeFileSync(join(tree.root, `d${i % 20}`, `f${i}.py`), 'import openai\n'.repeat(500));
    }
  });
  afterAll(() => tree.remove());

  test('tells each phase, ends each at its total, and never goes back', async () => {
    const seen: ScanProgress[] = [];
    await scanTree(tree.root, { now, onProgress: (progress) => seen.push(progress) });
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['listing', 'reading', 'relating']);
    const reading = seen.filter(({ phase }) => phase === 'reading');
    expect(reading.at(-1)).toMatchObject({ filesDone: 120, filesTotal: 120 });
    for (let i = 1; i < reading.length; i++)
      expect(reading[i]?.filesDone).toBeGreaterThanOrEqual(reading[i - 1]?.filesDone ?? 0);
  });

  test('a cancelled scan ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const scan = scanTree(tree.root, { now, signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(scan).rejects.toBe(reason);
  });

  test('a scan that is cancelled before it starts reads nothing', async () => {
    await expect(scanTree(tree.root, { now, signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow('early');
  });
});

describe('limits', () => {
  const tree = temporaryTree({ 'a/b/c/d.py': 'import openai\n', 'x.py': 'import openai\n', 'y.py': 'import cohere\n' });
  afterAll(() => tree.remove());

  test.each([
    ['files', { files: 1 }, /limit of 1 files/],
    ['depth', { depth: 1 }, /deeper than 1 folders/],
    ['text', { textBytes: 5 }, /limit of 5 bytes of text/],
    ['facts', { factsPerKind: 1 }, /more than 1 facts of the kind ai-service/],
  ])('reaching the limit of %s makes the result incomplete and says so', async (_, limits, reason) => {
    const result = await scanTree(tree.root, { now, limits });
    expect(result.stats.complete).toBe(false);
    expect(result.stats.incompleteBecause.join('; ')).toMatch(reason);
    expect(bodies(result, 'repository').get('.')?.complete).toBe(false);
  });

  test('time that is over ends the scan early', async () => {
    let at = 0;
    const big = temporaryTree();
    for (let i = 0; i < 60; i++) big.write(`f${i}.py`, 'import openai\n'.repeat(2_000));
    const result = await scanTree(big.root, { now: () => (at += 1_000), limits: { timeMs: 2_500 } });
    big.remove();
    expect(result.stats.incompleteBecause.join('; ')).toMatch(/time limit of 2.5 s/);
  });
});
