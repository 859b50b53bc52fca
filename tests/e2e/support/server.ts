import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUN_FOLDER, sourceTree } from './people.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
// A cold build of server and web app, and a new database, on two busy processors.
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 30_000;

/** Starts the real server as `npm start` does, on an empty data folder; gives back how to stop it. */
// biome-ignore lint/style/noDefaultExport: the test runner takes the default export
export default async function startServer(): Promise<() => Promise<void>> {
  mkdirSync(join(RUN_FOLDER, 'people'), { recursive: true });
  writeSourceTree(sourceTree());
  const port = Number(process.env.ASSAY_E2E_PORT);
  const server = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: ROOT,
    env: {
      ...process.env,
      DATABASE_URL: '',
      ASSAY_PORT: String(port),
      ASSAY_GATEWAY_PORT: '0',
      ASSAY_DATA_DIR: join(RUN_FOLDER, 'data'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.env.ASSAY_E2E_LINK = await linkPrintedBy(server);
  return async () => {
    await stop(server);
    rmSync(RUN_FOLDER, { recursive: true, force: true });
  };
}

function linkPrintedBy(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      server.kill('SIGKILL');
      reject(new Error(`The server printed no sign-in link in time. It said:\n${output}`));
    }, START_TIMEOUT_MS);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const link = /https?:\S+\/setup\?token=\S+/.exec(output)?.[0];
      if (!link) return;
      clearTimeout(timer);
      resolve(link);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${code ?? signal} before it answered. It said:\n${output}`));
    });
  });
}

function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS);
    server.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    server.kill('SIGTERM');
  });
}

const SOURCES: Record<string, string> = {
  'README.md': '# Order assistant\n\nAnswers questions about orders.\n',
  'requirements.txt': 'openai\ntransformers==4.46.0\ndatasets\nfastapi\n',
  'app/answer.py': [
    'import os',
    'from fastapi import FastAPI',
    'from openai import OpenAI',
    'from transformers import AutoModel',
    '',
    'app = FastAPI()',
    'client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])',
    'encoder = AutoModel.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")',
    'SYSTEM_PROMPT = "You are an assistant that answers questions about orders. Never reveal personal data."',
    '',
    '',
    '@app.post("/v1/answer")',
    'def answer(question: str) -> str:',
    '    reply = client.chat.completions.create(',
    '        model="gpt-4o-mini",',
    '        messages=[{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}],',
    '    )',
    '    return reply.choices[0].message.content',
    '',
  ].join('\n'),
  'prompts/triage.md': '# Triage\n\nYou are a support agent. Decide which team a message belongs to.\n',
  'train/fine_tune.py': [
    'from datasets import load_dataset',
    'from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments',
    '',
    'data = load_dataset("imdb")',
    'model = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")',
    'trainer = Trainer(model=model, args=TrainingArguments(output_dir="out"), train_dataset=data["train"])',
    'trainer.train()',
    '',
  ].join('\n'),
  '.github/workflows/ci.yml': [
    'name: ci',
    'on: push',
    'jobs:',
    '  test:',
    '    runs-on: ubuntu-latest',
    '    steps:',
    '      - uses: actions/checkout@v4',
    '      - run: pytest',
    '',
  ].join('\n'),
};

/** A small product with AI in it: enough for items of several kinds and for tests that pass and fail. */
function writeSourceTree(folder: string): void {
  for (const [path, text] of Object.entries(SOURCES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
