import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';

// The one wrapper around the CEL library. An expression sees names and numbers of a call, never its text.

/** What a rule can see. Numbers are CEL `int`. */
export type RuleFacts = {
  request: {
    endpoint: string;
    model: string;
    stream: boolean;
    maxTokens: number;
    turns: number;
    characters: number;
    tools: string[];
    unreadParts: number;
  };
  caller: { tenant: string; key: string; scopes: string[] };
  found: { detectors: string[]; kinds: string[]; injectionScore: number };
};

export type CompiledRule = (facts: RuleFacts) => boolean;

const LIMITS = { maxAstNodes: 256, maxDepth: 24, maxListElements: 64, maxMapEntries: 16, maxCallArguments: 8 };
/** Lists of facts are cut here; with one loop inside another at most, a rule stays far below a millisecond. */
export const RULE_LIST_MAX = 64;
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const LOOPS_MAX = 2;

/** Compiles an expression that gives a boolean. Throws an `Error` whose message says what is wrong with it and where. */
export function compileRule(expression: string): CompiledRule {
  const environment = new Environment({ limits: LIMITS })
    .registerVariable('request', {
      schema: {
        endpoint: 'string',
        model: 'string',
        stream: 'bool',
        maxTokens: 'int',
        turns: 'int',
        characters: 'int',
        tools: 'list<string>',
        unreadParts: 'int',
      },
    })
    .registerVariable('caller', { schema: { tenant: 'string', key: 'string', scopes: 'list<string>' } })
    .registerVariable('found', {
      schema: { detectors: 'list<string>', kinds: 'list<string>', injectionScore: 'double' },
    });
  const program = environment.parse(expression);
  refuseCostly(program.ast);
  const checked = program.check();
  if (!checked.valid) throw new Error(checked.error?.message ?? 'the expression has no type');
  if (checked.type !== 'bool' && checked.type !== 'dyn')
    throw new Error(`the expression gives ${checked.type}, not a boolean`);
  return (facts) => {
    const result: unknown = program(asCel(facts));
    if (typeof result !== 'boolean') throw new Error('the rule gave no boolean');
    return result;
  };
}

/** The library's `matches` runs on an engine that backtracks, so it is not offered; loops are not nested deeply. */
function refuseCostly(node: ASTNode): void {
  const visit = (one: unknown, loops: number): void => {
    if (Array.isArray(one)) {
      for (const part of one) visit(part, loops);
      return;
    }
    if (typeof one !== 'object' || one === null || !('op' in one)) return;
    const { op, args } = one as { op: string; args: unknown };
    let within = loops;
    if ((op === 'rcall' || op === 'call') && Array.isArray(args) && typeof args[0] === 'string') {
      if (args[0] === 'matches')
        throw new Error('matches() is not offered in rules; use startsWith, endsWith or contains');
      if (LOOPS.has(args[0])) within++;
      if (within > LOOPS_MAX) throw new Error(`more than ${LOOPS_MAX} loops are nested`);
    }
    visit(args, within);
  };
  visit(node, 0);
}

function asCel(facts: RuleFacts): Record<string, unknown> {
  const { request, caller, found } = facts;
  return {
    request: {
      ...request,
      maxTokens: BigInt(Math.trunc(request.maxTokens)),
      turns: BigInt(request.turns),
      characters: BigInt(request.characters),
      unreadParts: BigInt(request.unreadParts),
      tools: request.tools.slice(0, RULE_LIST_MAX),
    },
    caller,
    found: {
      detectors: found.detectors.slice(0, RULE_LIST_MAX),
      kinds: found.kinds.slice(0, RULE_LIST_MAX),
      injectionScore: found.injectionScore,
    },
  };
}

/** Compiles a pattern an operator wrote, in RE2 syntax: linear whatever it says. Throws an `Error` that says what is wrong. */
export function compilePattern(pattern: string): (text: string, most: number) => { start: number; end: number }[] {
  const compiled = RE2JS.compile(pattern);
  if (compiled.matcher('').find()) throw new Error('the pattern matches an empty text');
  return (text, most) => {
    const matcher = compiled.matcher(text);
    const found: { start: number; end: number }[] = [];
    while (found.length < most && matcher.find()) found.push({ start: matcher.start(), end: matcher.end() });
    return found;
  };
}
