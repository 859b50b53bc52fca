import { defineTest, eachFact } from './define.ts';
import { at, counted, outsideProduct, quoted } from './words.ts';

export const notebookOutputsCleared = defineTest({
  id: 'notebook-outputs-cleared',
  version: 1,
  title: 'Notebooks are committed without outputs',
  asks: 'Are notebooks stored without the outputs of their cells?',
  why: 'Outputs hold rows of datasets, tokens and answers of models. They enter the history unreviewed and cannot be taken back.',
  controls: ['MLS-04'],
  severity: 'low',
  uses: ['notebook'],
  population: 'notebook',
  fix: {
    summary: 'Clear outputs before committing.',
    steps: [
      'Clear the outputs of the notebook and commit it.',
      'Install a hook that clears them, so that nobody has to remember.',
      'Where an output has to be kept, keep it as a reviewed file of its own.',
    ],
    example: 'nbstripout --install',
  },
  judge: eachFact<'notebook'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const path = quoted(body.place.path);
    const base = { subject: key, expected: 'no stored output', ...at(body.place) };
    if (body.cellsWithOutput === 0) return { ...base, result: 'pass', because: `${path} holds no output.` };
    const cells = counted(body.cellsWithOutput, 'cell');
    const because = `${path} stores the output of ${cells} (${body.outputBytes} bytes).`;
    return { ...base, result: 'fail', because, observed: cells };
  }),
});
