import { defineTest, eachFact } from './define.ts';
import { counted, quoted } from './words.ts';

const TRACED_SHARE_MIN = 0.995;

export const gatewayToolCallsTraced = defineTest({
  id: 'gateway-tool-calls-traced',
  version: 1,
  title: 'Tool calls through the gateway can be followed in the trace of their agent',
  asks: 'Do at least 99.5 % of the tool calls of the last 30 days name the span of the agent that asked?',
  why: 'After an agent did something nobody wanted, only its trace tells what led there. A call without one cannot be replayed.',
  controls: ['AGT-04'],
  evidence: ['AGT-04.E2'],
  severity: 'medium',
  uses: ['gateway-tool-call'],
  population: 'gateway-tool-call',
  maxAgeHours: 26,
  fix: {
    summary: 'Let the agent send its trace with each call to the gateway.',
    steps: [
      'Switch on OpenTelemetry for the HTTP client of the agent: it then sends the header traceparent (W3C Trace Context).',
      'Make a call of the tool and open its decision: the trace is that of the agent.',
    ],
    example: 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
  judge: eachFact<'gateway-tool-call'>(({ key, body }) => {
    const tool = `The tool ${quoted(body.tool)} on ${body.path === null ? 'a removed route' : quoted(body.path)}`;
    const base = { subject: key, expected: 'at least 99.5 % traced' };
    if (body.passed === 0)
      return { ...base, result: 'not_applicable', because: `${tool} never went through in ${body.days} days.` };
    const observed = `${body.traced} of ${body.passed}`;
    const because = `${tool}: ${body.traced} of ${counted(body.passed, 'call')} name the span of the agent that asked.`;
    return { ...base, observed, because, result: body.traced < TRACED_SHARE_MIN * body.passed ? 'fail' : 'pass' };
  }),
});
