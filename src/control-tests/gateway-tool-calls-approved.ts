import { defineTest, eachFact } from './define.ts';
import { counted, quoted } from './words.ts';

export const gatewayToolCallsApproved = defineTest({
  id: 'gateway-tool-calls-approved',
  version: 1,
  title: 'Tool calls with high impact through the gateway were approved by a person before',
  asks: 'Did a person other than the requester approve every call of a tool marked for human approval, before it went through?',
  why: 'What an agent pays, deletes or sends does not come back. The approval must be for this very call, earlier than it, and not by whoever asks.',
  controls: ['AGT-03'],
  evidence: ['AGT-03.E2'],
  severity: 'high',
  uses: ['gateway-tool-use'],
  population: 'gateway-tool-use',
  fix: {
    summary: 'Find the calls without an approval in the decisions, and stop the way they took.',
    steps: [
      'Open Gateway, Decisions, filter by the route, and look at the tool calls of each.',
      'Check that every node of the gateway runs the same release on the same database.',
      'Let keys be made by others than those who approve their calls.',
    ],
    example: 'bin/assay gateway approval list --state used',
  },
  judge: eachFact<'gateway-tool-use'>(({ key, body }) => {
    const tool = `The tool ${quoted(body.tool)} on ${body.path === null ? 'a removed route' : quoted(body.path)}`;
    const base = { subject: key, expected: 'each call approved by another person before it' };
    if (body.calls === 0)
      return {
        ...base,
        result: 'not_applicable',
        because: `${tool} was not called in ${body.days} days: ${counted(body.asked, 'question')}, ${body.refused} refused, ${body.expired} expired.`,
      };
    const median = body.medianSecondsToDecide === null ? 'unknown' : `${body.medianSecondsToDecide} s`;
    const observed = `${counted(body.calls, 'call')}, ${body.unapproved} without approval, ${body.byRequester} by the requester; median time to decide ${median}`;
    if (body.unapproved > 0)
      return {
        ...base,
        observed,
        result: 'fail',
        because: `${tool} was called ${body.unapproved} times without an approval given before.`,
      };
    if (body.byRequester > 0)
      return {
        ...base,
        observed,
        result: 'fail',
        because: `${tool} was called ${body.byRequester} times on the word of whoever made the key.`,
      };
    return {
      ...base,
      observed,
      result: 'pass',
      because: `${tool} was called ${counted(body.calls, 'time')}, each approved before.`,
    };
  }),
});
