import { defineTest, type Verdict } from './define.ts';
import { at, counted, isProduct, quoted, where } from './words.ts';

/** Shows that a filter is there at all. That it stands on every route is for the gateway to show. */
export const guardrailWhereUsersWrite = defineTest({
  id: 'guardrail-where-users-write',
  version: 1,
  title: 'Code that takes text for a model has a filter',
  asks: 'Where the code serves inference or runs agents, is there a filter for prompts or outputs?',
  why: 'Everything a model reads can act as an instruction. Without any filter in the code the first injection attempt succeeds as written.',
  controls: ['GRD-01'],
  severity: 'high',
  uses: ['repository', 'inference-endpoint', 'agent', 'guardrail'],
  population: 'repository',
  fix: {
    summary: 'Put an input and an output filter on the path of every model call.',
    steps: [
      'Send calls through a gateway that filters, or add a filter library where prompts enter and answers leave.',
      'Block or redact on routes of high-risk systems; flagging alone stops nothing.',
      'Test it with a known attack set, monthly and after each change.',
    ],
  },
  judge({ facts }) {
    const takers = [...facts['inference-endpoint'], ...facts.agent].filter((fact) => isProduct(fact.body.place));
    const filter = facts.guardrail.find((fact) => isProduct(fact.body.place));
    return facts.repository.map(({ key, body }): Verdict => {
      const name = quoted(body.name);
      const first = takers[0];
      if (first === undefined)
        return { subject: key, result: 'not_applicable', because: `${name} serves no inference and runs no agent.` };
      if (filter !== undefined) {
        const because = `${name} uses ${quoted(filter.body.framework)} as a filter in ${where(filter.body.place)}.`;
        return { subject: key, result: 'pass', because, ...at(filter.body.place) };
      }
      return {
        subject: key,
        result: 'fail',
        because: `${name} has ${counted(takers.length, 'endpoint or agent', 'endpoints or agents')} (e.g. ${where(first.body.place)}) and no filter for prompts or outputs.`,
        observed: 'no filter',
        expected: 'a filter',
        ...at(first.body.place),
      };
    });
  },
});
