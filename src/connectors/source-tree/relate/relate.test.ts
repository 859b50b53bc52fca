import { describe, expect, test } from 'vitest';
import { spdxIdOf } from '../licences.ts';
import { pinOfHostedModel, pinOfImage, pinOfRevision } from '../pins.ts';
import { purposeOf } from '../purpose.ts';
import { scanTree } from '../scan.ts';
import { temporaryTree } from '../temporary-tree.ts';
import { withoutCredentials } from '../walk/git-data.ts';
import { parseGitIndex } from '../walk/git-index.ts';
import { createImportResolver, importStatements } from './imports.ts';
import { ownersOf } from './owners.ts';
import { findSystems } from './systems.ts';

describe('pins', () => {
  test.each([
    [null, 'floating'],
    ['', 'floating'],
    ['main', 'floating'],
    ['latest', 'floating'],
    ['Production', 'floating'],
    ['champion', 'floating'],
    ['feature/x', 'floating'],
    ['a'.repeat(40), 'commit'],
    ['A'.repeat(40), 'floating'],
    ['a'.repeat(39), 'floating'],
    ['v1', 'tag'],
    ['v1.2.3-rc1', 'tag'],
    ['3', 'tag'],
    ['refs/tags/v2', 'tag'],
  ])('revision %s is %s', (revision, pin) => {
    expect(pinOfRevision(revision)).toBe(pin);
  });

  test.each([
    ['openai', 'gpt-4o', 'floating'],
    ['openai', 'gpt-4o-2024-08-06', 'snapshot'],
    ['openai', 'gpt-3.5-turbo-0125', 'snapshot'],
    ['openai', 'gpt-4-1106-preview', 'snapshot'],
    ['openai', 'chatgpt-4o-latest', 'floating'],
    ['openai', 'gpt-4.1-mini', 'floating'],
    ['openai', 'text-embedding-3-small', 'tag'],
    ['anthropic', 'claude-3-5-sonnet-20241022', 'snapshot'],
    ['anthropic', 'claude-3-5-sonnet-latest', 'floating'],
    ['anthropic', 'claude-sonnet-4-0', 'floating'],
    ['anthropic', 'claude-sonnet-4-5', 'floating'],
    ['anthropic', 'claude-sonnet-4-6', 'snapshot'],
    ['anthropic', 'claude-opus-5', 'snapshot'],
    ['anthropic', 'claude-3-5-sonnet@20240620', 'snapshot'],
    ['google-gemini', 'gemini-1.5-pro', 'floating'],
    ['google-gemini', 'gemini-1.5-pro-002', 'snapshot'],
    ['google-gemini', 'gemini-2.5-flash-preview-05-20', 'snapshot'],
    ['mistral', 'mistral-large-2407', 'snapshot'],
    ['mistral', 'mistral-large-latest', 'floating'],
    ['cohere', 'command-r-plus-08-2024', 'snapshot'],
    ['cohere', 'command-r', 'floating'],
    ['cohere', 'embed-english-v3.0', 'tag'],
    ['aws-bedrock', 'anthropic.claude-3-sonnet-20240229-v1:0', 'snapshot'],
    ['aws-bedrock', 'amazon.titan-embed-text-v2:0', 'snapshot'],
    ['xai', 'grok-2-1212', 'snapshot'],
    ['deepseek', 'deepseek-chat', 'floating'],
  ])('%s %s is %s', (provider, modelId, pin) => {
    expect(pinOfHostedModel(provider, modelId)).toBe(pin);
  });

  test.each([
    ['nginx', 'floating'],
    ['nginx:latest', 'floating'],
    ['nginx:1.27', 'tag'],
    ['localhost:5000/nginx', 'floating'],
    ['localhost:5000/nginx:1', 'tag'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'commit'],
  ])('image %s is %s', (image, pin) => {
    expect(pinOfImage(image)).toBe(pin);
  });
});

test.each([
  ['src/app.py', 'product'],
  ['tests/test_app.py', 'tests'],
  ['src/app.test.ts', 'tests'],
  ['pkg/x_test.go', 'tests'],
  ['examples/a.py', 'examples'],
  ['docs/a.md', 'documentation'],
  ['vendor/x/y.go', 'vendored'],
  ['src/contest/a.py', 'product'],
  ['a/latest/b.py', 'product'],
])('%s is %s', (path, purpose) => {
  expect(purposeOf(path)).toBe(purpose);
});

test.each([
  ['apache-2.0', 'Apache-2.0'],
  ['MIT', 'MIT'],
  ['cc-by-nc-4.0', 'CC-BY-NC-4.0'],
  ['gpl-3.0', 'GPL-3.0-only'],
  ['llama3.1', null],
  ['openrail', null],
])('license %s is %s', (name, id) => {
  expect(spdxIdOf(name)).toBe(id);
});

test.each([
  ['https://u:p@h.org/a/b.git?x#y', 'https://h.org/a/b.git'],
  ['git@github.com:org/repo.git', 'ssh://github.com/org/repo.git'],
  ['ssh://git@h.org:22/a.git', 'ssh://h.org:22/a.git'],
  ['file:///home/x', null],
  ['../relative', null],
  ['/absolute/path', null],
])('remote %s without credentials is %s', (url, plain) => {
  expect(withoutCredentials(url)).toBe(plain);
});

describe('imports', () => {
  test('of Python: relative, absolute, several lines, aliases', () => {
    const statements = importStatements(
      'from .a import b, c as d\nfrom app.x import (\n  y,  # why\n  z as w,\n)\nimport os, json as j\n',
      'python',
    );
    expect(statements.find(({ module }) => module === '.a')?.names).toEqual(['b', 'd']);
    expect(statements.find(({ module }) => module === 'app.x')?.names).toEqual(['y', 'w']);
    expect(statements.find(({ module }) => module === 'json')?.names).toEqual(['j']);
  });

  test('of JavaScript: default, named, renamed, required', () => {
    const statements = importStatements(
      "import a, { b as c, type D } from './x';\nconst { e: f } = require('./y');\nexport * from './z';\nimport './w';\n",
      'javascript',
    );
    expect(statements.map(({ module, names }) => [module, names])).toEqual([
      ['./x', ['a', 'c', 'D']],
      ['./z', []],
      ['./y', ['f']],
      ['./w', []],
    ]);
  });

  const resolve = createImportResolver([
    'app/a.py',
    'app/pkg/__init__.py',
    'app/sub/b.py',
    'src/lib/c.ts',
    'src/d/index.tsx',
    'src/e.js',
    'internal/llm/x.go',
    'internal/llm/x_test.go',
    'com/acme/Client.java',
  ]);
  test.each<[string, string, Parameters<typeof resolve>[2], string[]]>([
    ['.a', 'app/x.py', 'python', ['app/a.py']],
    ['..a', 'app/sub/b.py', 'python', ['app/a.py']],
    ['app.pkg', 'other/y.py', 'python', ['app/pkg/__init__.py']],
    ['a', 'app/sub/b.py', 'python', ['app/a.py']],
    ['requests', 'app/a.py', 'python', []],
    ['./c', 'src/lib/x.ts', 'javascript', ['src/lib/c.ts']],
    ['../d', 'src/lib/x.ts', 'javascript', ['src/d/index.tsx']],
    ['./c.js', 'src/lib/x.ts', 'javascript', ['src/lib/c.ts']],
    ['@/lib/c', 'src/d/y.ts', 'javascript', ['src/lib/c.ts']],
    ['openai', 'src/e.js', 'javascript', []],
    ['example.org/m/internal/llm', 'main.go', 'go', ['internal/llm/x.go']],
    ['com.acme.Client', 'a/B.java', 'java', ['com/acme/Client.java']],
    ['../../../../etc/passwd', 'src/e.js', 'javascript', []],
  ])('%s in %s leads to the file of the tree', (module, from, language, expected) => {
    expect(resolve(module, from, language)).toEqual(expected);
  });
});

test.each([
  ['models/a.bin', '/models/'],
  ['src/models/a.bin', '*'],
  ['docs/a.md', 'docs/*'],
  ['docs/deep/a.md', '*'],
  ['prompts/a.txt', null],
  ['x/y.ipynb', '*.ipynb'],
])('the owner rule of %s is %s', (path, rule) => {
  expect(ownersOf('* @all\ndocs/* @docs\n/models/ @ml\n*.ipynb @data\n/prompts/\n').ruleFor(path)).toBe(rule);
});

test('a system is the folder of the nearest manifest, but tests and deployment belong to the one around them', () => {
  const systems = findSystems(
    [
      'package.json',
      'svc/chat/pyproject.toml',
      'svc/chat/Dockerfile',
      'svc/chat/tests/requirements.txt',
      'svc/chat/src/package.json',
    ],
    'root',
  );
  expect(
    ['x.py', 'svc/chat/a.py', 'svc/chat/tests/t.py', 'svc/chat/src/b.ts', 'svc/other/c.py'].map((path) =>
      systems.of(path),
    ),
  ).toEqual(['.', 'svc/chat', 'svc/chat', 'svc/chat', '.']);
  expect(systems.manifestOf('svc/chat')).toBe('svc/chat/pyproject.toml');
});

describe('routes', () => {
  async function routesOf(files: Record<string, string>): Promise<(string | null)[]> {
    const tree = temporaryTree(files);
    const { facts } = await scanTree(tree.root, { now: () => 0 }).finally(() => tree.remove());
    return facts.flatMap((fact) => (fact.kind === 'inference-endpoint' ? [fact.body.route] : []));
  }

  test('of Express count when their handler reaches a model over names of the same file', async () => {
    const text =
      "import express from 'express';\nimport OpenAI from 'openai';\nconst client = new OpenAI();\nasync function ask(q) {\n  return client.responses.create({ input: q });\n}\nconst app = express();\napp.post('/ask', async (req, res) => res.json(await ask(req.body.q)));\napp.get('/users', (req, res) => res.json([]));\n";
    expect(await routesOf({ 'server.ts': text })).toEqual(['/ask']);
  });

  test('of a file that touches no model do not count', async () => {
    expect(
      await routesOf({
        'server.py':
          'from fastapi import FastAPI\nimport os\nKEY = os.environ["OPENAI_API_KEY"]\napp = FastAPI()\n@app.get("/x")\ndef x(): return 1\n',
      }),
    ).toEqual([]);
  });

  test('of Next.js have the address of their file', async () => {
    expect(
      await routesOf({
        'app/(chat)/api/chat/route.ts':
          "import { streamText } from 'ai';\nexport async function POST(req) {\n  return streamText({});\n}\n",
      }),
    ).toEqual(['/api/chat']);
  });

  test('of a local model loaded with joblib count', async () => {
    expect(
      await routesOf({
        'serve.py':
          'import joblib\nfrom flask import Flask\napp = Flask(__name__)\nmodel = joblib.load("m.joblib")\n@app.route("/predict")\ndef predict():\n    return model.predict([1])\n@app.route("/ping")\ndef ping():\n    return "ok"\n',
      }),
    ).toEqual(['/predict']);
  });
});

describe('providers', () => {
  async function providersOf(text: string): Promise<string[]> {
    const tree = temporaryTree({ 'a.py': text });
    const { facts } = await scanTree(tree.root, { now: () => 0 }).finally(() => tree.remove());
    return facts.flatMap((fact) => (fact.kind === 'ai-service' ? [fact.body.provider] : []));
  }

  test('the OpenAI client pointed at another server is not OpenAI', async () => {
    expect(
      await providersOf('from openai import OpenAI\nc = OpenAI(base_url="https://api.deepseek.com", api_key=k)\n'),
    ).toEqual(['deepseek']);
    expect(
      await providersOf('from openai import OpenAI\nc = OpenAI(base_url="http://localhost:8000/v1", api_key="x")\n'),
    ).toEqual([]);
  });

  test('a model reached through a cloud belongs to the cloud in that file', async () => {
    expect(await providersOf('c = AzureOpenAI(api_version="x")\nc.chat.completions.create(model="gpt-4o")\n')).toEqual([
      'azure-openai',
    ]);
  });

  test('a price list uses nothing', async () => {
    const ids = [
      'gpt-4o',
      'gpt-4',
      'gpt-4o-mini',
      'o1',
      'o3',
      'gpt-4-turbo',
      'gpt-5',
      'gpt-5-mini',
      'claude-3-opus',
      'claude-3-haiku',
      'claude-2.1',
      'gemini-pro',
      'gemini-1.5-pro',
      'command-r',
    ];
    expect(await providersOf(`MODELS = [\n${ids.map((id) => `  "${id}",`).join('\n')}\n]\n`)).toEqual([]);
  });

  test("a package of one's own is not the library of that name", async () => {
    const tree = temporaryTree({
      'a.py': 'import replicate\nfrom evals import run\n',
      'replicate.py': '',
      'evals/__init__.py': '',
    });
    const { detections } = await scanTree(tree.root, { now: () => 0 }).finally(() => tree.remove());
    expect(detections).toEqual([]);
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['another file', Buffer.from('not an index at all')],
  ['a count beyond the file', Buffer.from('DIRC\0\0\0\x02\0\0\xff\xff', 'latin1')],
  ['another version', Buffer.from('DIRC\0\0\0\x09\0\0\0\0', 'latin1')],
])('a git index that is %s is read as unknown', (_, bytes) => {
  expect(parseGitIndex(bytes, 20)).toBeNull();
});
