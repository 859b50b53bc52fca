import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { CompiledPolicy, ToolRule } from '../snapshot.ts';

/** A JSON Schema larger than this is refused: compiling grows with it. */
const SCHEMA_MAX_BYTES = 65_536;
const REASON_MAX = 200;
const GROUNDING_THRESHOLD = 0.5;

type Validate = (value: unknown) => string | null;

/** The checks on the form of an answer, compiled. Each gives null, or what is wrong without quoting the answer. */
export type OutputChecks = {
  /** Judges the text of an answer that must be JSON. null: any text will do. */
  json: ((text: string) => string | null) | null;
  maxOutputTokens: number | null;
  /** Judges a tool call by its name and arguments. null: any tool may be called. */
  tool: ((name: string, argumentsText: string | null, value: unknown) => ToolJudgement) | null;
  grounding: CompiledPolicy['output']['grounding'];
  /** Least share of the decided statements that must be supported. */
  groundingThreshold: number;
  /** True when an answer is looked at in some way beyond its texts. */
  isOn: boolean;
};

export type ToolJudgement = {
  allowed: boolean;
  code: 'tool_not_allowed' | 'tool_arguments_invalid' | null;
  reason: string | null;
  needsApproval: boolean;
};

/** Throws an `Error` naming the schema that cannot be used. */
export function compileOutputChecks(output: CompiledPolicy['output']): OutputChecks {
  const schema = output.jsonSchema === null ? null : compileSchema('output.jsonSchema', output.jsonSchema);
  const { tools } = output;
  const rules = tools === null ? null : new Map(tools.map((tool) => [tool.name, compileTool(tool)]));
  return {
    json: schema && ((text) => judgeJson(schema, text)),
    maxOutputTokens: output.maxOutputTokens,
    tool: rules && ((name, text, value) => judgeTool(rules, name, text, value)),
    grounding: output.grounding,
    groundingThreshold: output.groundingThreshold ?? GROUNDING_THRESHOLD,
    isOn: schema !== null || rules !== null || output.maxOutputTokens !== null || output.grounding !== 'off',
  };
}

function compileSchema(where: string, schema: Record<string, unknown>): Validate {
  const text = JSON.stringify(schema);
  if (text.length > SCHEMA_MAX_BYTES) throw new Error(`${where} is larger than ${SCHEMA_MAX_BYTES} bytes`);
  // Patterns run on an engine that backtracks; an answer could be made to stop the gateway.
  if (/"(?:pattern|patternProperties)"\s*:/.test(text))
    throw new Error(`${where} uses pattern, which is not offered; use enum, const or a custom pattern`);
  if (/"\$ref"\s*:\s*"(?!#)/.test(text)) throw new Error(`${where} refers to another document`);
  const is2020 = String(schema.$schema ?? '').includes('2020-12');
  const options = { strict: false, allErrors: false, validateFormats: false } as const;
  let validate: ValidateFunction;
  try {
    validate = is2020 ? new Ajv2020(options).compile(schema) : new Ajv(options).compile(schema);
  } catch (cause) {
    throw new Error(`${where} is no usable JSON Schema: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  return (value) => {
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    // The path of an instance may hold names from the answer: only its depth and the rule are told.
    return `${error?.schemaPath ?? '#'} ${error?.message ?? 'does not hold'}`.slice(0, REASON_MAX);
  };
}

function judgeJson(validate: Validate, text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the answer is not JSON';
  }
  return validate(value);
}

type CompiledTool = { validate: Validate | null; needsApproval: boolean };

function compileTool(tool: ToolRule): CompiledTool {
  return {
    validate:
      tool.argumentsSchema === null ? null : compileSchema(`the arguments of ${tool.name}`, tool.argumentsSchema),
    needsApproval: tool.approval === 'human',
  };
}

function judgeTool(
  rules: ReadonlyMap<string, CompiledTool>,
  name: string,
  text: string | null,
  given: unknown,
): ToolJudgement {
  const rule = rules.get(name);
  if (rule === undefined)
    return {
      allowed: false,
      code: 'tool_not_allowed',
      reason: 'the tool is not on the list of the policy',
      needsApproval: false,
    };
  let value = given;
  if (text !== null) {
    try {
      value = text.trim() === '' ? {} : JSON.parse(text);
    } catch {
      return {
        allowed: false,
        code: 'tool_arguments_invalid',
        reason: 'the arguments are not JSON',
        needsApproval: false,
      };
    }
  }
  const reason = rule.validate?.(value) ?? null;
  if (reason !== null) return { allowed: false, code: 'tool_arguments_invalid', reason, needsApproval: false };
  return { allowed: true, code: null, reason: null, needsApproval: rule.needsApproval };
}

/** The arguments of a tool call in one spelling (RFC 8785), and the digest that names them. */
export function argumentsToApprove(argumentsText: string | null, value: unknown): { text: string; sha256: string } {
  let text: string;
  try {
    text = canonicalJson(argumentsText === null ? value : argumentsText.trim() === '' ? {} : JSON.parse(argumentsText));
  } catch {
    text = argumentsText ?? '';
  }
  return { text, sha256: sha256Hex(text) };
}
