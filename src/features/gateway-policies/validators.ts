import { inArray } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { PolicyDocument } from './model.ts';
import { listPolicyRows, versionsInForce } from './policy-store.ts';
import { gatewayRoute } from './tables.ts';

/** With what codes the gateway refuses an answer that a policy holds back. */
export const ANSWER_REFUSALS: readonly string[] = [
  'output_invalid',
  'output_blocked',
  'output_too_long',
  'tool_not_allowed',
  'tool_arguments_invalid',
  'tool_needs_approval',
  'not_grounded',
];

/** In words, how a policy holds answers and tool calls against a form or a rule; empty where it does not. */
export function validatorsOf({ output, rules }: Pick<PolicyDocument, 'output' | 'rules'>): string[] {
  const { jsonSchema, tools, grounding } = output;
  const approvals = tools?.filter(({ approval }) => approval === 'human').length ?? 0;
  return [
    ...(jsonSchema === null ? [] : ['JSON Schema of answers']),
    ...(tools === null
      ? []
      : [`list of ${tools.length} allowed tools${approvals > 0 ? `, ${approvals} with approval by a person` : ''}`]),
    ...(grounding === 'block' ? ['grounding in documents'] : []),
    ...(rules.length === 0 ? [] : [`${rules.length} rules`]),
  ];
}

/** Of the named routes, by path: the policy in force at `atMs` and its validators. */
export async function validatorsInForce(executor: Executor, routeIds: readonly string[], atMs: number) {
  const routes = await executor
    .select()
    .from(gatewayRoute)
    .where(inArray(gatewayRoute.id, [...routeIds]));
  const policies = await listPolicyRows(executor);
  const inForce = await versionsInForce(executor, atMs);
  return routes
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ id, path, policyId }) => {
      const version = inForce.find((one) => one.policyId === policyId);
      return {
        routeId: id,
        path,
        policy: policies.find((policy) => policy.id === policyId)?.name ?? null,
        policyVersion: version?.version ?? null,
        validators: version ? validatorsOf(version.document) : [],
      };
    });
}
