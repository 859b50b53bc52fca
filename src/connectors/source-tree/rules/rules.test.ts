import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACT_KINDS } from '#src/facts/index.ts';
import { type Examination, examineFile, type FileReport, WINDOW_BYTES } from '../examine-file.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { createPace } from '../pace.ts';
import { preparedRules } from '../prepare.ts';
import type { DetectionRule, Example, RuleKind } from '../rule.ts';
import { createLeftOut } from '../walk/left-out.ts';
import { RULES } from './index.ts';

/** Kinds of fact that a rule of each kind may end in. */
const FACTS: Record<RuleKind, readonly string[]> = {
  model: ['model-file', 'model-reference', 'ai-service'],
  training_pipeline: ['training-pipeline'],
  dataset: ['dataset-reference', 'dataset-file', 'dataset-card'],
  prompt: ['prompt'],
  inference_api: ['inference-endpoint'],
  agent: ['agent'],
  agent_tool: ['agent-tool'],
  eval_suite: ['eval-suite'],
  knowledge_base: ['retrieval-index'],
  third_party_ai_service: ['ai-service'],
  guardrail: ['guardrail'],
  secret: ['secret'],
  unsafe_code: ['unsafe-code'],
  ci_workflow: ['ci-workflow'],
  dependency_manifest: ['dependency-manifest'],
  container_image: ['container-image'],
  cloud_resource: ['cloud-resource'],
  model_card: ['model-card'],
  code_owners: ['code-owners'],
  notebook: ['notebook'],
  trait: [],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-rules-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shared: Examination = {
  limits: DEFAULT_LIMITS,
  pace: createPace({ now: () => 0, timeMs: 1 }),
  leftOut: createLeftOut(),
  ...preparedRules(),
  tree: { has: () => false, filesIn: () => [] },
  isTracked: () => 'unknown',
  onSecret: () => {},
  counts: { textBytes: 0, hashedBytes: 0, bytes: 0, unreadable: 0 },
  window: Buffer.alloc(WINDOW_BYTES),
};

let made = 0;
async function examine(example: Example): Promise<FileReport | null> {
  const at = join(folder, String(made++), example.path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, example.text, example.isBinary ? 'latin1' : 'utf8');
  return examineFile({ path: example.path, at }, shared);
}

/** Lines and captures at which the rule holds in the report: hits for line rules, findings for the others. */
function foundBy(
  rule: DetectionRule,
  report: FileReport | null,
): { line: number | null; captures: Record<string, string> }[] {
  if (!report) return [];
  // Whether a random-looking value is a secret is judged when the finding is made.
  if (rule.kind !== 'secret' && (rule.match.form === 'line' || rule.match.form === 'import'))
    return report.hits.filter((hit) => hit.rule.id === rule.id);
  return report.findings
    .filter((finding) => finding.rule.id === rule.id)
    .map((finding) => ({
      line: finding.line,
      captures: { ...finding.asset?.details, name: finding.fact.key.split('#')[1] ?? '' },
    }));
}

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test('finds its examples, at the line and with the captures they state', async () => {
    expect(rule.examples.positive.length).toBeGreaterThan(0);
    for (const example of rule.examples.positive) {
      const report = await examine(example);
      const found = foundBy(rule, report);
      expect(found.length, `${example.path}: ${example.text.slice(0, 200)}`).toBeGreaterThan(0);
      if (example.line !== undefined) expect(found.map(({ line }) => line)).toContain(example.line);
      if (example.captures)
        expect(found.map(({ captures }) => captures)).toContainEqual(expect.objectContaining(example.captures));
    }
  });

  test('leaves its near misses alone', async () => {
    expect(rule.examples.nearMiss.length).toBeGreaterThan(0);
    for (const example of rule.examples.nearMiss)
      expect(foundBy(rule, await examine(example)), `${example.path}: ${example.text.slice(0, 200)}`).toEqual([]);
  });

  // A trait marks the file; it yields nothing of its own.
  if (rule.kind === 'trait') return;

  test('yields a fact of its kind that the vocabulary accepts', async () => {
    for (const example of rule.examples.positive) {
      const findings = (await examine(example))?.findings ?? [];
      const mine = findings.filter(
        (finding) => FACTS[rule.kind].includes(finding.fact.kind) || finding.rule.id === rule.id,
      );
      expect(mine.length, `${example.path}: ${example.text.slice(0, 200)}`).toBeGreaterThan(0);
      for (const { fact } of findings) FACT_KINDS[fact.kind].body.parse(fact.body);
    }
  });
});

test('there are at least 120 rules, each with an id of its own', () => {
  const ids = RULES.map((rule) => rule.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(120);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/);
});
