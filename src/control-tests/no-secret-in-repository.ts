import { defineTest, type Verdict } from './define.ts';
import { at, counted, quoted, where } from './words.ts';

export const noSecretInRepository = defineTest({
  id: 'no-secret-in-repository',
  version: 1,
  title: 'No secret stands in the repository',
  asks: 'Is the source tree free of keys, tokens and passwords?',
  why: 'A provider key in code gives whoever reads it your account, your spend and whatever your requests return. Tests and examples are read by the same people.',
  controls: ['MLS-04', 'VUL-03'],
  evidence: ['MLS-04.E2'],
  severity: 'critical',
  uses: ['repository', 'secret'],
  population: 'repository',
  fix: {
    summary: 'Revoke the secret, then take it out.',
    steps: [
      'Revoke or rotate it at its issuer now. Deleting the line does not help: it stays in the history and in every clone.',
      'Look at its use since it was committed.',
      'Read the new one from a secret manager or the environment, and let a scanner block the next one before it is committed.',
    ],
    example: 'client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])',
  },
  judge({ facts }) {
    return facts.repository.flatMap(({ key, body }): Verdict[] => {
      const found = facts.secret.filter(
        (secret) => secret.body.inside !== 'notebook-output' && !secret.body.likelyPlaceholder,
      );
      if (found.length === 0) {
        const because = `No secret in ${counted(body.filesRead, 'file')} of ${quoted(body.name)}.`;
        return [{ subject: key, result: 'pass', because }];
      }
      return found.map((secret) => ({
        subject: secret.key,
        result: 'fail',
        because: `${where(secret.body.place)} holds what looks like a secret (${secret.body.detector}, ${quoted(secret.body.masked)}).`,
        observed: secret.body.masked,
        expected: 'no secret',
        ...at(secret.body.place),
      }));
    });
  },
});
