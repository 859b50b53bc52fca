import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { at, quoted, where } from './words.ts';

export const promptWithoutSecret = defineTest({
  id: 'prompt-without-secret',
  version: 1,
  title: 'Prompts hold no secret',
  asks: 'Are prompts free of keys, tokens and passwords?',
  why: 'A system prompt is extracted sooner or later. What stands in it is then public, and the model may repeat it unasked.',
  controls: ['GRD-04'],
  evidence: ['GRD-04.E1'],
  severity: 'critical',
  uses: ['prompt', 'secret'],
  population: 'prompt',
  fix: {
    summary: 'Revoke the secret and give the model a tool instead of a credential.',
    steps: [
      'Revoke or rotate the secret at its issuer.',
      'Take it out of the prompt. Calls that need it belong in code or in a tool that holds the credential itself.',
    ],
  },
  judge({ facts }) {
    const secrets = facts.secret.filter((secret) => !secret.body.likelyPlaceholder);
    const byPath = grouped(secrets, (secret) => secret.body.place.path);
    return facts.prompt.map(({ key, body }): Verdict => {
      const first = byPath.get(body.place.path)?.[0];
      const base = { subject: key, expected: 'no secret' };
      if (body.form === 'remote')
        return {
          ...base,
          result: 'no_data',
          because: `The prompt named in ${where(body.place)} is kept elsewhere and was not read.`,
          ...at(body.place),
        };
      if (first === undefined)
        return {
          ...base,
          result: 'pass',
          because: `No secret stands in ${quoted(body.place.path)}.`,
          ...at(body.place),
        };
      const seen = `${where(first.body.place)} holds what looks like a secret (${first.body.detector})`;
      // Code and prompt share the file: whether the secret is part of the prompt cannot be told from the line alone.
      if (body.form === 'inline')
        return {
          ...base,
          result: 'no_data',
          because: `${seen}; whether it is part of the prompt at ${where(body.place)} has to be looked at.`,
          ...at(first.body.place),
        };
      const because = `${seen}, and the file is a prompt.`;
      return { ...base, result: 'fail', because, observed: first.body.masked, ...at(first.body.place) };
    });
  },
});
