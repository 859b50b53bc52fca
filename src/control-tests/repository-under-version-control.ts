import { defineTest, eachFact } from './define.ts';
import { fromKnown, quoted } from './words.ts';

export const repositoryUnderVersionControl = defineTest({
  id: 'repository-under-version-control',
  version: 1,
  title: 'The source is under version control',
  asks: 'Does the code that was read stand under version control?',
  why: 'Change control begins with a history. Code that lies in a folder can be changed by anyone, at any time, without a trace.',
  controls: ['CHG-01', 'MLC-02'],
  severity: 'high',
  uses: ['repository'],
  population: 'repository',
  fix: {
    summary: 'Put the code into a repository and scan the clone.',
    steps: [
      'Create a repository on your code host and push the code.',
      'Protect its main branch, and scan a clone of it instead of a copy.',
    ],
  },
  judge: eachFact<'repository'>(({ key, body }) => {
    const name = quoted(body.name);
    return {
      subject: key,
      expected: 'yes',
      ...fromKnown(body.underVersionControl, {
        yes: {
          result: 'pass',
          because: `${name} is under version control${body.commit === null ? '' : ` at commit ${body.commit.slice(0, 12)}`}.`,
        },
        no: { result: 'fail', because: `${name} is not under version control.` },
        unknown: `${name} was read from a folder that is no clone; whether the code is under version control cannot be seen.`,
      }),
    };
  }),
});
