import type { FactBody } from '#src/facts/index.ts';
import type { Verdict } from './define.ts';
import { quoted } from './words.ts';

const WHERE = { input: 'prompts', output: 'answers' } as const;

/** Judges what the policy in force does on a route in one direction: watching alone is no filter. */
export function judgeScreening(key: string, body: FactBody<'gateway-route'>, direction: 'input' | 'output'): Verdict {
  const action = body[direction];
  const route = `The route ${quoted(body.path)} to ${quoted(body.provider)}`;
  const base = { subject: key, observed: action, expected: 'redact or block' };
  if (body.policyVersion === null)
    return {
      ...base,
      observed: 'no policy in force',
      result: 'fail',
      because: `${route} has no policy in force: nothing on it is screened, and its calls are refused.`,
    };
  if (action === 'block' || action === 'redact')
    return { ...base, result: 'pass', because: `${route} is under a policy that can ${action} ${WHERE[direction]}.` };
  const does =
    action === 'none' ? `does not look at ${WHERE[direction]}` : `only ${action}s what it finds in ${WHERE[direction]}`;
  return { ...base, result: 'fail', because: `${route} is under a policy that ${does}.` };
}
