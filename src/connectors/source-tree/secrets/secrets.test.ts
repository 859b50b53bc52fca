import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCycloneDx } from '../cyclonedx.ts';
import { FIXED_START_SECRETS } from '../rules/fixed-start-secrets.ts';
import { HEX, MIXED, madeUp, UPPER } from '../rules/secret-samples.ts';
import { SURROUNDED_SECRETS } from '../rules/surrounded-secrets.ts';
import { scanTree } from '../scan.ts';
import { temporaryTree } from '../temporary-tree.ts';
import { entropyOf, isLikelyPlaceholder, looksRandom, maskSecret } from './judge-secret.ts';
import { withoutSecrets } from './scrub.ts';

const now = () => 0;

/** Every stretch of `length` characters of `text`. */
function stretches(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length));
}

describe('planted secrets', () => {
  // Formats that are known by themselves, of which the rule's first example, put in quotes, holds exactly the secret.
  const samples = [...FIXED_START_SECRETS, ...SURROUNDED_SECRETS].flatMap((rule) => {
    const value = /"([^"\s]{20,})"/.exec(rule.examples.positive[0]?.text ?? '')?.[1];
    return value &&
      rule.sets?.prefix &&
      rule.id !== 'secret.private-key' &&
      !value.includes('://') &&
      !value.includes('AccountKey')
      ? [{ id: rule.id, value, prefix: rule.sets?.prefix ?? '' }]
      : [];
  });

  // Places from which a value could reach the result: names, ids, addresses, prompts, headers, paths of images and models.
  const PLACES: readonly ((secret: string) => Record<string, string>)[] = [
    (secret) => ({ 'a.py': `from openai import OpenAI\nclient = OpenAI(api_key="${secret}")\n` }),
    (secret) => ({
      'a.py': `agent = Agent(name="${secret}", instructions="You are a helpful clerk.")\nfrom agents import Agent\n`,
    }),
    (secret) => ({ 'a.py': `m = AutoModel.from_pretrained("org/${secret}", revision="${secret}")\n` }),
    (secret) => ({
      'a.py': `ds = load_dataset("org/${secret}")\ndf = pd.read_csv("https://user:${secret}@example.org/x.csv?token=${secret}")\n`,
    }),
    (secret) => ({ 'a.py': `SYSTEM_PROMPT = "You are a clerk. The key is ${secret} today."\n` }),
    (secret) => ({
      '.mcp.json': JSON.stringify({ mcpServers: { [secret]: { command: 'x', env: { KEY: secret }, args: [secret] } } }),
    }),
    (secret) => ({ Dockerfile: `FROM registry.example.org/${secret}/app:1\nENV KEY=${secret}\n` }),
    (secret) => ({
      'docker-compose.yml': `services:\n  a:\n    image: https://u:${secret}@example.org/app:${secret}\n`,
    }),
    (secret) => ({
      '.github/workflows/a.yml': `on: push\njobs:\n  a:\n    steps:\n      - uses: org/${secret}@${secret}\n`,
    }),
    (secret) => ({ 'main.tf': `resource "aws_sagemaker_endpoint" "${secret}" {\n  name = "${secret}"\n}\n` }),
    (secret) => ({
      'models/README.md': `---\nlicense: ${secret}\npipeline_tag: x\nmodel_name: ${secret}\n---\n# ${secret}\n`,
    }),
    (secret) => ({
      'package.json': JSON.stringify({ name: 'x', dependencies: { openai: secret, [`@langchain/${secret}`]: '1' } }),
    }),
    (secret) => ({
      'a.ipynb': JSON.stringify({
        cells: [{ cell_type: 'code', source: ['import openai\n'], outputs: [{ text: [`key: ${secret}\n`] }] }],
      }),
    }),
    (secret) => ({ 'data/x.csv.dvc': `outs:\n- md5: ${secret}\n  path: ${secret}.csv\n` }),
    (secret) => ({ 'm.safetensors': safetensors({ owner: secret, [secret]: 'x' }) }),
    (secret) => ({ [`prompts/${secret}.txt`]: 'Answer the question.\n' }),
    (secret) => ({
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/config': `[remote "origin"]\n\turl = https://${secret}@example.org/a/b.git\n`,
      'a.py': 'import openai\n',
    }),
    (secret) => ({ CODEOWNERS: `/models/${secret}/ @a\n`, 'models/a.gguf': 'GGUF' }),
  ];

  function safetensors(metadata: Record<string, string>): string {
    const json = JSON.stringify({ __metadata__: metadata });
    return `${String.fromCharCode(json.length & 255, json.length >> 8)}\0\0\0\0\0\0${json}`;
  }

  test('there are enough formats to plant', () => {
    expect(samples.length).toBeGreaterThan(25);
  });

  test('of any known format, in any place, never reach the result or its bill of materials', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.constantFrom(...PLACES),
        async ({ id, value, prefix }, place) => {
          const tree = temporaryTree(place(value));
          const result = await scanTree(tree.root, { now }).finally(() => tree.remove());
          const text =
            JSON.stringify(result) + JSON.stringify(toCycloneDx(result, { version: '1', at: '2026-01-01T00:00:00Z' }));
          // The public start of the format and four characters at the end may be shown.
          const body = value.slice(Math.max(8, prefix.length), -4);
          for (const stretch of stretches(body, 8)) expect(text.includes(stretch), `${id}: ${stretch}`).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of no known format stay out as well, once they were seen as a secret', async () => {
    const secret = madeUp('', MIXED, 28);
    const tree = temporaryTree({
      'settings.yaml': `payments:\n  api_key: ${secret}\n`,
      'a.py': `from agents import Agent\nagent = Agent(name="${secret}")\n`,
    });
    const result = await scanTree(tree.root, { now });
    tree.remove();
    expect(result.facts.filter(({ kind }) => kind === 'secret')).toHaveLength(1);
    expect(result.facts.filter(({ kind }) => kind === 'agent')).toHaveLength(1);
    expect(JSON.stringify(result)).not.toContain(secret.slice(4, 16));
  });

  test('a notebook tells source from output', async () => {
    const key = madeUp('hf_', MIXED.slice(0, 52), 34);
    const cell = (source: string, output: string) => ({
      cell_type: 'code',
      source: [source],
      outputs: [{ output_type: 'stream', text: [output] }],
    });
    const tree = temporaryTree({
      'a.ipynb': JSON.stringify(
        { cells: [cell(`t = "${key}"\n`, 'ok\n'), cell('print(t)\n', `${madeUp('gsk_', MIXED, 52)}\n`)] },
        null,
        1,
      ),
    });
    const { facts } = await scanTree(tree.root, { now });
    tree.remove();
    const secrets = facts.flatMap((fact) => (fact.kind === 'secret' ? [[fact.body.inside, fact.body.detector]] : []));
    expect(secrets.sort()).toEqual([
      ['notebook-output', 'groq-key'],
      ['notebook-source', 'huggingface-token'],
    ]);
  });

  test('the same secret twice in a file is one fact, and a better name wins over a guess', async () => {
    const key = madeUp('ghp_', MIXED, 36);
    const tree = temporaryTree({ 'a.py': `api_key = "${key}"\nother_secret = "${key}"\n` });
    const { facts } = await scanTree(tree.root, { now });
    tree.remove();
    expect(facts.filter(({ kind }) => kind === 'secret')).toMatchObject([
      {
        key: 'a.py#github-token:1',
        body: { detector: 'github-token', masked: `ghp_…${key.slice(-4)}`, likelyPlaceholder: false },
      },
    ]);
  });

  test('examples of documentation are marked as such', async () => {
    const tree = temporaryTree({
      'a.py': `k = "AKI${'A'}IOSFODNN7EXAMPLE"\nu = "postgres://postgres:postgres@localhost/x"\n`,
    });
    const { facts } = await scanTree(tree.root, { now });
    tree.remove();
    expect(facts.flatMap((fact) => (fact.kind === 'secret' ? [fact.body.likelyPlaceholder] : []))).toEqual([
      true,
      true,
    ]);
  });
});

describe('judging values', () => {
  test.each([
    'your-api-key-here',
    'xxxxxxxxxxxxxxxx',
    '<token>',
    '${TOKEN}',
    '{{ secrets.KEY }}',
    'changeme',
    'sk-1234567890',
    'aaaaaaaaaaaaaaaa',
    'password',
    'postgres',
    'test-key-1',
  ])('%j is a placeholder', (value) => {
    expect(isLikelyPlaceholder(value)).toBe(true);
  });

  test.each([
    madeUp('', MIXED, 24),
    madeUp('', HEX, 40),
    madeUp('', UPPER, 32),
    'p9$Kx!2mQv#7Lr@4',
  ])('%j is none, and looks random', (value) => {
    expect(isLikelyPlaceholder(value)).toBe(false);
    expect(looksRandom(value)).toBe(true);
  });

  test.each([
    'correct-horse-battery-staple',
    'config.service.secretKey',
    'authenticationMD5Password',
    'my_service_password_field',
    '123e4567-e89b-12d3-a456-426614174000',
    'arn:aws:secretsmanager:us-east-1',
    '/etc/secrets/api-key-v2.json',
    'https://example.org/a1b2c3',
    'v1.20.300.4000',
    'kubernetes-secret-name-2024',
  ])('%j does not look random', (value) => {
    expect(looksRandom(value)).toBe(false);
  });

  test('entropy is in bits a character', () => {
    expect(entropyOf('aaaa')).toBeCloseTo(0);
    expect(entropyOf('abcd')).toBeCloseTo(2);
  });

  test('a mask shows the start of the format, and four characters of a long secret', () => {
    expect(maskSecret(`sk-ant-${'x'.repeat(30)}WXYZ`, 'sk-ant-')).toBe('sk-ant-…WXYZ');
    expect(maskSecret('hunter2hunter2', '')).toBe('…');
  });
});

test('scrubbing leaves results without secrets as they are', () => {
  const value = [{ a: 'plain', b: ['x', { c: 1 }] }];
  expect(withoutSecrets(value, new Set(['not-in-there']))).toEqual(value);
});
