import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, where } from './words.ts';

export const promptUnderVersionControl = defineTest({
  id: 'prompt-under-version-control',
  version: 1,
  title: 'Prompts are under version control',
  asks: 'Does every prompt the product uses stand in a version-controlled file?',
  why: 'Three words in a prompt can undo months of safety work. A prompt edited in a console changes production without review, test or history.',
  controls: ['MLC-06'],
  severity: 'medium',
  uses: ['prompt'],
  population: 'prompt',
  fix: {
    summary: 'Move the prompt into the repository.',
    steps: [
      'Put the text into a file of its own and load it from there.',
      'Change it by reviewed change, with the evaluation suite run on it.',
      'Where a prompt service is used, let it be filled from the repository.',
    ],
    example: 'prompts/support-agent.v3.md',
  },
  judge: eachFact<'prompt'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `The prompt in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'yes',
      ...at(body.place),
      ...fromKnown(body.underVersionControl, {
        yes: { result: 'pass', because: `${named} is under version control.` },
        no: { result: 'fail', because: `${named} is not under version control.` },
        unknown: `${named}: whether its text is under version control cannot be seen here.`,
      }),
    };
  }),
});
