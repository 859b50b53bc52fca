import { GENERAL_RULES } from '#src/detectors/personal/general-rules.ts';
import { NATIONAL_RULES } from '#src/detectors/personal/national-rules.ts';
import { compileOutputChecks } from '#src/gateway/output/output-checks.ts';
import { compilePattern, compileRule } from '#src/gateway/screening/rules.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { PolicyDocument, PolicyProblem } from './model.ts';

const DOCUMENT_CHARACTERS_MAX = 524_288;
const SCHEMA_DEPTH_MAX = 32;
const PROBLEMS_MAX = 50;
const MESSAGE_MAX = 300;

const PERSONAL_KINDS = new Set([
  ...[...GENERAL_RULES, ...NATIONAL_RULES].map(({ kind }) => kind),
  'person',
  'street_address',
]);

/**
 * Everything wrong with a policy that its shape does not show: expressions, patterns and schemas the gateway cannot compile,
 * kinds nobody finds, checks that have nothing to check for. Each with the field it is in. Empty when the policy can run.
 */
export function checkPolicy(document: PolicyDocument): PolicyProblem[] {
  if (canonicalJson(document).length > DOCUMENT_CHARACTERS_MAX)
    return [{ field: 'document', message: `is larger than ${DOCUMENT_CHARACTERS_MAX} characters` }];
  const problems = [
    ...detectorProblems(document),
    ...document.rules.flatMap(({ cel }, at) => problemOf(`rules.${at}.cel`, () => compileRule(cel))),
    ...document.patterns.flatMap(({ pattern }, at) =>
      problemOf(`patterns.${at}.pattern`, () => compilePattern(pattern)),
    ),
    ...outputProblems(document.output),
  ];
  return problems.slice(0, PROBLEMS_MAX);
}

/** Throws `invalid_input` that names every field. */
export function requireRunnable(document: PolicyDocument): void {
  const problems = checkPolicy(document);
  if (problems.length === 0) return;
  const said = problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new AppError('invalid_input', `The policy cannot run. ${said}`.slice(0, 2000));
}

function detectorProblems({ detectors, terms, patterns }: PolicyDocument): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  for (const [at, { detector, kinds }] of detectors.entries()) {
    const unknown = detector === 'personal_data' ? kinds?.find((kind) => !PERSONAL_KINDS.has(kind)) : undefined;
    if (unknown !== undefined)
      problems.push({
        field: `detectors.${at}.kinds`,
        message: `"${unknown.slice(0, 60)}" is not a kind of personal data`,
      });
    if (kinds?.length === 0)
      problems.push({ field: `detectors.${at}.kinds`, message: 'names no kind, so that nothing counts; null is all' });
  }
  const uses = (name: string) => detectors.some(({ detector }) => detector === name);
  if (uses('custom_terms') && terms.length === 0)
    problems.push({ field: 'terms', message: 'is empty, so that custom_terms has nothing to look for' });
  if (!uses('custom_terms') && terms.length > 0)
    problems.push({ field: 'terms', message: 'is looked for by no check: add custom_terms to detectors' });
  if (uses('custom_pattern') && patterns.length === 0)
    problems.push({ field: 'patterns', message: 'is empty, so that custom_pattern has nothing to look for' });
  if (!uses('custom_pattern') && patterns.length > 0)
    problems.push({ field: 'patterns', message: 'is looked for by no check: add custom_pattern to detectors' });
  return problems;
}

/** Part by part, so that each problem has its own field. */
function outputProblems(output: PolicyDocument['output']): PolicyProblem[] {
  const { jsonSchema, tools } = output;
  const none = { ...output, jsonSchema: null, tools: null };
  return [
    ...schemaProblems('output.jsonSchema', jsonSchema, () => compileOutputChecks({ ...none, jsonSchema })),
    ...(tools ?? []).flatMap((tool, at) =>
      schemaProblems(`output.tools.${at}.argumentsSchema`, tool.argumentsSchema, () =>
        compileOutputChecks({ ...none, tools: [tool] }),
      ),
    ),
  ];
}

function schemaProblems(
  field: string,
  schema: Record<string, unknown> | null,
  compile: () => unknown,
): PolicyProblem[] {
  if (schema === null) return [];
  if (depthOf(schema) > SCHEMA_DEPTH_MAX)
    return [{ field, message: `is nested deeper than ${SCHEMA_DEPTH_MAX} levels` }];
  return problemOf(field, compile);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner));
  return deepest + 1;
}

function problemOf(field: string, compile: () => unknown): PolicyProblem[] {
  try {
    compile();
    return [];
  } catch (error) {
    const said = error instanceof Error ? error.message : 'does not compile';
    const message = (said.split('\n')[0] ?? '').slice(0, MESSAGE_MAX).toWellFormed();
    return [{ field, message, ...placeIn(said) }];
  }
}

/** Where an error of an expression points to: the marked line of its excerpt, and the caret below it. */
function placeIn(message: string): { line: number; column: number } | undefined {
  const found = /^>\s*(\d+) \| .*\n(.*)\^/m.exec(message);
  if (found === null) return undefined;
  const marked = found[0].split('\n')[0] ?? '';
  return { line: Number(found[1]), column: Math.max(1, (found[2]?.length ?? 0) - marked.indexOf('|') - 1) };
}
