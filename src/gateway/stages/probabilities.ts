import type { Call, Refusal } from '../call.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { isObject } from '../wire/text-fields.ts';
import { pushCheck } from './push-check.ts';

/**
 * Members that make providers and servers answer with log-probabilities or logits: OpenAI and its like, vLLM (`prompt_logprobs`),
 * llama.cpp (`n_probs`), TGI (`details`, `decoder_input_details`, `top_n_tokens`), Gemini (`responseLogprobs`).
 */
const MEMBERS = [
  'logprobs',
  'top_logprobs',
  'prompt_logprobs',
  'n_probs',
  'details',
  'decoder_input_details',
  'top_n_tokens',
  'return_logits',
  'output_logits',
  'responseLogprobs',
  'response_logprobs',
] as const;
/** Objects of options inside a body, by the names servers give them. */
const HOLDERS = ['parameters', 'generationConfig', 'generation_config', 'extra_body', 'options', 'sampling_params'];

/** The member by which a call asks for probabilities, or null. */
export function probabilitiesAsked(body: JsonObject): string | null {
  for (const holder of [body, ...HOLDERS.map((name) => body[name]).filter(isObject)])
    for (const name of MEMBERS) {
      const value = holder[name];
      if (value === true || (typeof value === 'number' && value >= (name === 'prompt_logprobs' ? 0 : 1))) return name;
      // Zero asks for those of the tokens chosen, in completions.
      if (value === 0 && name === 'logprobs') return name;
    }
  const { include } = body;
  if (Array.isArray(include) && include.some((one) => typeof one === 'string' && one.endsWith('.logprobs')))
    return 'include';
  return null;
}

/** Refuses a call that asks for probabilities, unless the policy has an exception that has not ended. */
export function withholdProbabilities(call: Call, body: JsonObject): Refusal | null {
  const rule = call.policy?.policy.output.probabilities;
  if (rule === undefined) return null;
  const member = probabilitiesAsked(body);
  if (member === null) return null;
  const isOver = rule.calls === 'pass' && new Date(call.parts.clock()).toISOString().slice(0, 10) > rule.untilOn;
  const isRefused = rule.calls === 'refuse' || isOver;
  pushCheck(call, 'check:probabilities', isRefused ? 'blocked' : 'flagged', `asked for by ${member}`, {
    direction: 'input',
    action: isRefused ? 'block' : 'flag',
  });
  if (!isRefused) return null;
  return {
    code: 'rule_blocked',
    message: `The policy of this gateway gives out no log-probabilities and logits ("${member}")${isOver ? `: its exception ended on ${rule.untilOn}` : ''}.`,
  };
}
