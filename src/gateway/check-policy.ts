import { compileOutputChecks } from './output/output-checks.ts';
import { compilePattern, compileRule } from './screening/rules.ts';
import { compileScreens } from './screening/screen.ts';
import { CompiledPolicy } from './snapshot.ts';

export type PolicyProblem = { field: string; message: string };

/** What keeps a policy from being used, field by field; empty when it compiles. Nothing of it runs. */
export function policyProblems(document: unknown): PolicyProblem[] {
  const parsed = CompiledPolicy.safeParse(document);
  if (!parsed.success)
    return parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }));
  const policy = parsed.data;
  const problems: PolicyProblem[] = [];
  const attempt = (field: string, work: () => unknown) => {
    try {
      work();
    } catch (error) {
      problems.push({ field, message: error instanceof Error ? error.message : 'cannot be used' });
    }
  };
  for (const [number, rule] of policy.rules.entries()) attempt(`rules.${number}.cel`, () => compileRule(rule.cel));
  for (const [number, one] of policy.patterns.entries())
    attempt(`patterns.${number}.pattern`, () => compilePattern(one.pattern));
  attempt('output.jsonSchema', () => compileOutputChecks({ ...policy.output, tools: null }));
  for (const [number, tool] of (policy.output.tools ?? []).entries())
    attempt(`output.tools.${number}.argumentsSchema`, () =>
      compileOutputChecks({ ...policy.output, jsonSchema: null, tools: [tool] }),
    );
  if (problems.length === 0) attempt('terms', () => compileScreens(policy));
  return problems;
}
