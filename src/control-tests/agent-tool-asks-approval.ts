import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, quoted, where } from './words.ts';

/** Reach with which an agent can do what does not come back: run code, delete, pay, write to outsiders. */
const HIGH_IMPACT = new Set(['shell', 'code', 'filesystem', 'database', 'payment', 'email']);

export const agentToolAsksApproval = defineTest({
  id: 'agent-tool-asks-approval',
  version: 1,
  title: 'Agent tools with high impact ask for approval',
  asks: 'Does every agent tool that can run code, delete, pay or write to outsiders wait for a person?',
  why: 'An agent will be told by hostile text to use what it has. Money moved, data deleted and messages sent do not come back.',
  controls: ['AGT-03'],
  severity: 'high',
  uses: ['agent-tool'],
  population: 'agent-tool',
  fix: {
    summary: 'Let a person approve each use, or take the reach away.',
    steps: [
      'Wrap the tool so that it asks a named person, showing what will be done, before it does it.',
      'Narrow it where you can: read-only database user, allow-listed folders and recipients, a sandbox for code.',
      'Log who approved what.',
    ],
    example: 'interrupt_before=["send_email", "run_shell"]',
  },
  judge: eachFact<'agent-tool'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const name = body.name === null ? `A ${body.framework} tool` : `The tool ${quoted(body.name)}`;
    const named = `${name} in ${where(body.place)}, which reaches ${body.reach},`;
    if (!HIGH_IMPACT.has(body.reach))
      return { subject: key, result: 'not_applicable', because: `${named} has no high impact.`, ...at(body.place) };
    return {
      subject: key,
      expected: 'approval by a person',
      ...at(body.place),
      ...fromKnown(body.asksApproval, {
        yes: { result: 'pass', because: `${named} asks for approval.` },
        no: { result: 'fail', because: `${named} acts without approval.` },
        unknown: `${named} does not show whether a person approves its use.`,
      }),
    };
  }),
});
