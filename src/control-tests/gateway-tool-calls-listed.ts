import { defineTest, eachFact } from './define.ts';
import { counted, quoted } from './words.ts';

export const gatewayToolCallsListed = defineTest({
  id: 'gateway-tool-calls-listed',
  version: 1,
  title: 'Tool calls through the gateway are on the list of their policy',
  asks: 'Was every tool that a model called through the gateway in the last 30 days on the list of the policy version it went under?',
  why: 'An agent does what it can reach. A list of tools that somebody approved is what keeps an injected instruction from reaching further.',
  controls: ['AGT-02'],
  evidence: ['AGT-02.E3'],
  severity: 'high',
  uses: ['gateway-tool-call'],
  population: 'gateway-tool-call',
  maxAgeHours: 26,
  fix: {
    summary: 'Write the list of tools into the policy of the route, and let a second person approve it.',
    steps: [
      'Open Gateway, Policies, the policy of the route, and list the tools its agents need, with schemas of their arguments.',
      'Leave out the rest: their calls are refused from then on, and each refusal is in the decisions.',
    ],
    example: '"output": { "tools": [{ "name": "search_orders", "argumentsSchema": null, "approval": "none" }] }',
  },
  judge: eachFact<'gateway-tool-call'>(({ key, body }) => {
    const tool = `The tool ${quoted(body.tool)} on ${body.path === null ? 'a removed route' : quoted(body.path)}`;
    const base = {
      subject: key,
      expected: 'only tools on the list',
      observed: `${counted(body.passed, 'call')}, ${body.refused} refused`,
    };
    if (body.offList > 0)
      return {
        ...base,
        result: 'fail',
        because: `${tool} passed ${counted(body.offList, 'time')} although it is not on the list.`,
      };
    if (body.unlisted > 0)
      return {
        ...base,
        result: 'fail',
        because: `${tool} passed ${counted(body.unlisted, 'time')} under a policy without a list of tools.`,
      };
    if (body.passed === 0)
      return { ...base, result: 'pass', because: `${tool} was refused each of ${counted(body.refused, 'time')}.` };
    return { ...base, result: 'pass', because: `${tool} passed ${counted(body.passed, 'time')}, each on the list.` };
  }),
});
