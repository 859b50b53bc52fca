import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const gatewayOutputValidated = defineTest({
  id: 'gateway-output-validated',
  version: 1,
  title: 'Gateway routes hold answers and tool calls against rules',
  asks: 'Does the policy of every route validate answers or tool calls by a schema, a list of tools, rules or a grounding check?',
  why: 'A plausible but wrong answer becomes damage when something acts on it. The check belongs outside the model, before the action.',
  controls: ['GRD-07'],
  evidence: ['GRD-07.E1'],
  severity: 'low',
  uses: ['gateway-route'],
  population: 'gateway-route',
  fix: {
    summary: 'State in the policy what answers and tool calls may be.',
    steps: [
      'List the tools the model may call, with schemas of their arguments and human approval for those of high impact.',
      'Where answers are read by programs, give the JSON Schema they have to follow.',
      'Let a second person approve the version.',
    ],
  },
  judge: eachFact<'gateway-route'>(({ key, body }) => {
    const route = `The route ${quoted(body.path)}`;
    const base = {
      subject: key,
      observed: body.validatesOutput ? 'validated' : 'not validated',
      expected: 'validated',
    };
    if (body.policyVersion === null)
      return { ...base, result: 'not_applicable', because: `${route} has no policy in force and refuses every call.` };
    return body.validatesOutput
      ? { ...base, result: 'pass', because: `${route} holds answers or tool calls against a schema, a list or rules.` }
      : { ...base, result: 'fail', because: `${route} passes on any answer and any tool call of the model.` };
  }),
});
