import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { at, quoted, where } from './words.ts';

export const noSecretInNotebookOutput = defineTest({
  id: 'no-secret-in-notebook-output',
  version: 1,
  title: 'No notebook output shows a secret',
  asks: 'Are the stored outputs of notebooks free of keys, tokens and passwords?',
  why: 'Outputs are saved with the notebook and skipped by reviewers: a printed environment or a failed request leaves the key in plain sight.',
  controls: ['MLS-04'],
  severity: 'critical',
  uses: ['notebook', 'secret'],
  population: 'notebook',
  fix: {
    summary: 'Revoke the secret and clear the outputs.',
    steps: [
      'Revoke or rotate the secret at its issuer now.',
      'Clear the outputs of the notebook and commit it.',
      'Let a hook clear outputs before every commit.',
    ],
    example: 'jupyter nbconvert --clear-output --inplace notebook.ipynb',
  },
  judge({ facts }) {
    const shown = grouped(
      facts.secret.filter((secret) => secret.body.inside === 'notebook-output' && !secret.body.likelyPlaceholder),
      (secret) => secret.body.place.path,
    );
    return facts.notebook.map(({ key, body }): Verdict => {
      const first = shown.get(body.place.path)?.[0];
      const path = quoted(body.place.path);
      if (first === undefined)
        return { subject: key, result: 'pass', because: `The outputs of ${path} show no secret.`, ...at(body.place) };
      return {
        subject: key,
        result: 'fail',
        because: `An output in ${where(first.body.place)} shows what looks like a secret (${first.body.detector}, ${quoted(first.body.masked)}).`,
        observed: first.body.masked,
        expected: 'no secret',
        ...at(first.body.place),
      };
    });
  },
});
