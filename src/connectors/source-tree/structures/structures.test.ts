import { describe, expect, test } from 'vitest';
import type { FactBody, FactKindName } from '#src/facts/index.ts';
import { scanTree } from '../scan.ts';
import { temporaryTree } from '../temporary-tree.ts';

async function factsOf<Kind extends FactKindName>(
  kind: Kind,
  files: Record<string, string>,
): Promise<FactBody<Kind>[]> {
  const tree = temporaryTree(files);
  const { facts } = await scanTree(tree.root, { now: () => 0 }).finally(() => tree.remove());
  return facts.flatMap((fact) => (fact.kind === kind ? [fact.body as FactBody<Kind>] : []));
}

describe('CI', () => {
  const workflow = (permissions: string) =>
    `on: push\n${permissions}jobs:\n  a:\n    steps:\n      - uses: org/x@${'a'.repeat(40)}\n      - uses: org/y@v1.2\n      - uses: org/z@main\n      - uses: ./local\n      # - uses: org/commented@v1\n      - uses: docker://alpine:latest\n`;

  test.each([
    ['', 'unknown'],
    ['permissions: read-all\n', 'yes'],
    ['permissions: {}\n', 'yes'],
    ['permissions: write-all\n', 'no'],
    ['permissions:\n  contents: read\n\n', 'yes'],
    ['permissions:\n  contents: read\n  packages: write\n', 'no'],
    ['permissions:\n  contents: read # no write\n', 'yes'],
  ])('the token with %j may only read: %s', async (permissions, expected) => {
    const [fact] = await factsOf('ci-workflow', { '.github/workflows/a.yml': workflow(permissions) });
    expect(fact?.tokenReadOnly).toBe(expected);
    expect(fact?.steps.map(({ uses, pin }) => [uses.split('@')[0], pin])).toEqual([
      ['org/x', 'commit'],
      ['org/y', 'tag'],
      ['org/z', 'floating'],
      ['docker://alpine:latest', 'floating'],
    ]);
  });

  test.each([
    ['npm test', true, false],
    ['python -m pytest tests', true, false],
    ['go test ./...', true, false],
    ['cargo nextest run', true, false],
    ['npx promptfoo@latest eval', false, true],
    ['pytest tests/evals', true, true],
    ['echo done', false, false],
  ])('%s: tests %s, evaluations %s', async (command, tests, evals) => {
    const [fact] = await factsOf('ci-workflow', { '.gitlab-ci.yml': `job:\n  script:\n    - ${command}\n` });
    expect(fact).toMatchObject({ runsTests: tests, runsEvals: evals });
  });

  test('images, includes, orbs and tasks of the other systems are steps', async () => {
    const facts = await factsOf('ci-workflow', {
      '.gitlab-ci.yml':
        'include:\n  - project: org/templates\n    ref: v1.0.0\nbuild:\n  image: python:3.12\n  script: [make]\n',
      '.circleci/config.yml': 'version: 2.1\norbs:\n  aws: org/aws@1.2.3\n  slack: org/slack@volatile\njobs: {}\n',
      'azure-pipelines.yml': 'steps:\n  - task: Vendor.Tool@2\n',
      Jenkinsfile: "@Library('org/shared@main') _\npipeline {\n  agent { docker { image 'node:20' } }\n}\n",
    });
    expect(
      Object.fromEntries(facts.map(({ system, steps }) => [system, steps.map(({ uses, pin }) => `${uses} ${pin}`)])),
    ).toEqual({
      'gitlab-ci': ['python:3.12 tag', 'org/templates tag'],
      circleci: ['org/aws@1.2.3 tag', 'org/slack@volatile floating'],
      'azure-pipelines': ['Vendor.Tool@2 tag'],
      jenkins: ['org/shared@main floating', 'node:20 tag'],
    });
  });
});

describe('images', () => {
  test('of a Dockerfile: stages are no images, arguments are filled in, the last stage decides on root', async () => {
    const facts = await factsOf('container-image', {
      Dockerfile:
        'ARG BASE=ubuntu:24.04\nFROM --platform=linux/amd64 ${BASE} AS build\nUSER root\nFROM build AS test\nFROM gcr.io/distroless/python3@sha256:' +
        'b'.repeat(64) +
        '\nUSER 1000:1000\n',
      'b/Dockerfile': 'FROM ubuntu\n',
      'c/Dockerfile': 'FROM ubuntu:22.04\nUSER root\n',
    });
    expect(facts.map(({ image, pin, runsAsRoot }) => [image.slice(0, 30), pin, runsAsRoot])).toEqual([
      [`gcr.io/distroless/python3@sha2`, 'commit', 'no'],
      ['ubuntu:24.04', 'tag', 'no'],
      ['ubuntu', 'floating', 'unknown'],
      ['ubuntu:22.04', 'tag', 'yes'],
    ]);
  });

  test('of compose and Kubernetes files, templates left out', async () => {
    const facts = await factsOf('container-image', {
      'compose.yaml': 'services:\n  a:\n    image: "redis:7"\n    user: root\n',
      'charts/x/templates/d.yaml':
        'spec:\n  image: {{ .Values.image }}\n  containers:\n  - image: nginx\n    securityContext:\n      runAsNonRoot: true\n',
    });
    expect(facts.map(({ image, runsAsRoot }) => [image, runsAsRoot])).toEqual([
      ['nginx', 'no'],
      ['redis:7', 'yes'],
    ]);
  });
});

describe('manifests', () => {
  test.each<
    [
      string,
      Record<string, string>,
      { dependencies: number; unpinned: number; aiLibraries: string[]; lockFile: string | null },
    ]
  >([
    [
      'npm with a lock file above',
      {
        'package-lock.json': '{}',
        'packages/a/package.json':
          '{"dependencies": {"openai": "^4.0.0", "left-pad": "1.3.0"}, "devDependencies": {"x": "*"}}',
      },
      { dependencies: 3, unpinned: 2, aiLibraries: ['openai'], lockFile: 'package-lock.json' },
    ],
    [
      'requirements',
      {
        'requirements.txt':
          'torch==2.1.0\nLangChain_OpenAI>=0.1 # why\n-r other.txt\nx @ git+https://h/x@' + 'a'.repeat(40) + '\n',
      },
      { dependencies: 3, unpinned: 1, aiLibraries: ['LangChain_OpenAI', 'torch'], lockFile: null },
    ],
    [
      'requirements with hashes',
      { 'requirements.txt': 'torch==2.1.0 \\\n    --hash=sha256:aa\n' },
      { dependencies: 1, unpinned: 0, aiLibraries: ['torch'], lockFile: 'requirements.txt' },
    ],
    [
      'poetry',
      {
        'poetry.lock': '',
        'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.11"\ntransformers = "^4"\nnumpy = "1.26.4"\n',
      },
      { dependencies: 2, unpinned: 1, aiLibraries: ['transformers'], lockFile: 'poetry.lock' },
    ],
    [
      'go',
      {
        'go.sum': '',
        'go.mod':
          'module x\n\nrequire (\n\tgithub.com/sashabaranov/go-openai v1.2.3\n\tgolang.org/x/net v0.1.0 // indirect\n)\n',
      },
      { dependencies: 2, unpinned: 0, aiLibraries: ['github.com/sashabaranov/go-openai'], lockFile: 'go.sum' },
    ],
    [
      'cargo',
      {
        'Cargo.lock': '',
        'Cargo.toml': '[package]\nname = "x"\n[dependencies]\ncandle-core = "0.4"\nlocal = { path = "../l" }\n',
      },
      { dependencies: 2, unpinned: 1, aiLibraries: ['candle-core'], lockFile: 'Cargo.lock' },
    ],
    [
      'maven',
      {
        'pom.xml':
          '<project><dependencies><dependency><groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId><version>[1,2)</version></dependency><!-- <dependency><artifactId>no</artifactId></dependency> --></dependencies></project>',
      },
      { dependencies: 1, unpinned: 1, aiLibraries: ['langchain4j'], lockFile: null },
    ],
    [
      'gradle',
      {
        'build.gradle.kts':
          'plugins { java }\ndependencies {\n  implementation("dev.langchain4j:langchain4j-open-ai:1.+")\n}\n',
      },
      { dependencies: 1, unpinned: 1, aiLibraries: ['langchain4j-open-ai'], lockFile: null },
    ],
    [
      '.NET',
      { 'a.csproj': '<Project><PackageReference Include="Azure.AI.OpenAI" Version="2.*" /></Project>' },
      { dependencies: 1, unpinned: 1, aiLibraries: ['Azure.AI.OpenAI'], lockFile: null },
    ],
  ])('%s', async (_, files, expected) => {
    const [fact] = await factsOf('dependency-manifest', files);
    expect(fact).toMatchObject(expected);
  });
});

describe('cards', () => {
  test('of a model: license, sections, base models, data and task', async () => {
    const [fact] = await factsOf('model-card', {
      'README.md':
        '---\nlicense: other\nlicense_name: llama3\nbase_model:\n- org/base\ndatasets: [org/d]\npipeline_tag: text-generation\nlibrary_name: transformers\n---\n# Name\n## Uses\n## Bias, Risks, and Limitations\n## Training Data\n## Evaluation results\n',
    });
    expect(fact).toMatchObject({
      modelId: 'Name',
      licence: 'llama3',
      sections: ['training-data', 'limitations', 'intended-use', 'evaluation'],
      baseModels: ['org/base'],
      datasets: ['org/d'],
      task: 'text-generation',
    });
  });

  test.each([
    ['aliases that would grow', '---\na: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\nlibrary_name: x\n---\n'],
    ['no end', '---\nlibrary_name: x\n'],
    ['a tag that asks for an object', '---\nlibrary_name: !!js/function "x"\n---\n'],
    ['brackets without end', `---\nlibrary_name: ${'['.repeat(5_000)}\n---\n`],
  ])('front matter with %s does no harm', async (_, text) => {
    await expect(factsOf('model-card', { 'README.md': text })).resolves.toBeDefined();
  });
});

describe('notebooks', () => {
  const notebook = (cells: unknown[], metadata: unknown = {}) =>
    JSON.stringify({ cells, metadata, nbformat: 4 }, null, 1);

  test('code counts with its line in the file, text and output do not', async () => {
    const files = {
      'a.ipynb': notebook([
        { cell_type: 'markdown', source: ['import cohere\n'] },
        {
          cell_type: 'code',
          source: ['import os\n', 'from openai import OpenAI\n'],
          outputs: [{ output_type: 'stream', text: ['import anthropic\n'] }],
        },
      ]),
    };
    const services = await factsOf('ai-service', files);
    expect(services.map(({ provider }) => provider)).toEqual(['openai']);
    const line = services[0]?.place.line ?? 0;
    expect(files['a.ipynb'].split('\n')[line - 1]).toContain('from openai');
    expect(await factsOf('notebook', files)).toMatchObject([{ cells: 2, cellsWithOutput: 1 }]);
  });

  test('a source in one string is read as well', async () => {
    expect(
      await factsOf('ai-service', {
        'a.ipynb': notebook([{ cell_type: 'code', source: 'import os\nimport openai\n', outputs: [] }]),
      }),
    ).toHaveLength(1);
  });

  test.each([
    '{',
    '[]',
    '{"cells": [}',
    `{"cells": ${'['.repeat(200)}`,
    '',
  ])('%j is no notebook and does no harm', async (text) => {
    expect(await factsOf('notebook', { 'a.ipynb': text })).toEqual([]);
  });
});

describe('the rest', () => {
  test('CODEOWNERS: patterns and counts of owners, no names', async () => {
    const [fact] = await factsOf('code-owners', {
      CODEOWNERS: '# c\n* @a @org/b\n/models/ x@example.org # why\n/none/\n[Section]\n',
    });
    expect(fact?.rules).toEqual([
      { pattern: '*', owners: 2, line: 2 },
      { pattern: '/models/', owners: 1, line: 3 },
      { pattern: '/none/', owners: 0, line: 4 },
    ]);
  });

  test('DVC pointers stand for the file they name', async () => {
    const files = {
      'models/m.pt.dvc': `outs:\n- md5: ${'c'.repeat(32)}\n  size: 100\n  path: m.pt\n`,
      'data/d.dvc': `outs:\n- md5: ${'d'.repeat(32)}.dir\n  path: d\n`,
    };
    expect(await factsOf('model-file', files)).toMatchObject([
      { storedAs: 'dvc-pointer', sizeBytes: 100, format: 'pytorch-pickle', canRunCode: true, sha256: null },
    ]);
    expect(await factsOf('dataset-reference', files)).toMatchObject([
      { origin: 'dvc', datasetId: 'data/d', pin: 'snapshot' },
    ]);
  });

  test('Terraform: encryption and exposure as far as they are stated', async () => {
    const facts = await factsOf('cloud-resource', {
      'a.tf':
        'resource "aws_sagemaker_notebook_instance" "n" {\n  kms_key_id = var.k\n  direct_internet_access = "Disabled"\n}\nresource "azurerm_cognitive_account" "c" {\n  public_network_access_enabled = true\n}\n# resource "aws_sagemaker_endpoint" "x" {}\n',
    });
    expect(facts.map(({ resourceType, encrypted, publicAccess }) => [resourceType, encrypted, publicAccess])).toEqual([
      ['aws_sagemaker_notebook_instance', 'yes', 'no'],
      ['azurerm_cognitive_account', 'unknown', 'yes'],
    ]);
  });

  test('the tools of an MCP configuration have the reach of what they run', async () => {
    const facts = await factsOf('agent-tool', {
      '.mcp.json':
        '{"mcpServers": {"db": {"command": "npx", "args": ["@x/server-postgres"]}, "sh": {"command": "desktop-commander"}}}',
    });
    expect(facts.map(({ name, reach }) => [name, reach])).toEqual([
      ['db', 'database'],
      ['sh', 'shell'],
    ]);
  });

  test('a tool has the reach of what its body calls', async () => {
    const facts = await factsOf('agent-tool', {
      'a.py':
        'from langchain_core.tools import tool\n\n@tool\ndef run(cmd: str):\n    """Run."""\n    return subprocess.run(cmd, shell=True)\n\n@tool\ndef get(url: str):\n    """Get."""\n    return requests.get(url).text\n\n@tool\ndef add(a: int, b: int):\n    """Add."""\n    return a + b\n',
    });
    expect(Object.fromEntries(facts.map(({ name, reach }) => [name, reach]))).toEqual({
      run: 'shell',
      get: 'network',
      add: 'other',
    });
  });
});
