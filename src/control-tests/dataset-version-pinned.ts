import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, quoted, where } from './words.ts';

export const datasetVersionPinned = defineTest({
  id: 'dataset-version-pinned',
  version: 1,
  title: 'Datasets name a fixed version',
  asks: 'Does the code name every dataset by a version that cannot change?',
  why: 'A dataset that moves makes training impossible to repeat, and whoever can change it can change the model: the look before training has to be at the same bytes that training reads.',
  controls: ['TDG-04', 'MLC-02'],
  severity: 'medium',
  uses: ['dataset-reference'],
  population: 'dataset-reference',
  fix: {
    summary: 'Name a commit or a snapshot of the dataset.',
    steps: [
      'For a hub dataset pass the full commit hash as revision.',
      'For a bucket, database or URL freeze a snapshot, name it by its digest, and read that.',
      'Record the digest with every training run.',
    ],
    example: 'load_dataset("org/dataset", revision="<commit>")',
  },
  judge: eachFact<'dataset-reference'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `${quoted(body.datasetId)} (${body.origin}) in ${where(body.place)}`;
    const observed = body.revision ?? 'no version';
    const base = { subject: key, observed, expected: 'a commit or a snapshot', ...at(body.place) };
    if (body.pin === 'commit' || body.pin === 'snapshot')
      return { ...base, result: 'pass', because: `${named} is fixed to ${quoted(observed)}.` };
    if (body.pin === 'tag')
      return { ...base, result: 'fail', because: `${named} is named by ${quoted(observed)}, which can be moved.` };
    return { ...base, result: 'fail', because: `${named} is read without a fixed version.` };
  }),
});
