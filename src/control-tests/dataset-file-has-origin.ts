import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, quoted, where } from './words.ts';

export const datasetFileHasOrigin = defineTest({
  id: 'dataset-file-has-origin',
  version: 1,
  title: 'Dataset files say where they come from',
  asks: 'Does every dataset file in the tree have a record of its origin beside it?',
  why: 'A file of records without origin cannot be shown to be licensed, lawful or untampered, and nobody can say which models it fed.',
  controls: ['TDG-01'],
  severity: 'low',
  uses: ['dataset-file'],
  population: 'dataset-file',
  fix: {
    summary: 'Track the file with a pointer, or describe it beside it.',
    steps: [
      'Move the file to a versioned store and keep a DVC pointer in the repository, or',
      'put a card beside it that states source, collection date and license.',
    ],
    example: 'dvc import-url https://example.org/data.parquet data/data.parquet',
  },
  judge: eachFact<'dataset-file'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const base = {
      subject: key,
      observed: body.storedAs,
      expected: 'a DVC pointer or a stated license',
      ...at(body.place),
    };
    const path = where(body.place);
    if (body.storedAs === 'dvc-pointer')
      return { ...base, result: 'pass', because: `${path} is tracked by a DVC pointer.` };
    if (body.licence !== null)
      return { ...base, result: 'pass', because: `${path} is described beside it, license ${quoted(body.licence)}.` };
    return { ...base, result: 'fail', because: `Nothing beside ${path} says where it comes from.` };
  }),
});
