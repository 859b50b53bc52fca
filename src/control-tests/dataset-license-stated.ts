import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, quoted, where } from './words.ts';

/** Data in an own bucket or database has a basis, not a license; that is recorded in the inventory. */
const OWN_STORES = new Set(['bucket', 'database']);

export const datasetLicenseStated = defineTest({
  id: 'dataset-license-stated',
  version: 1,
  title: 'Outside datasets have a stated license',
  asks: 'Is the license of every dataset that comes from outside written down beside its use?',
  why: 'Training on data without a right to it ends in claims, or in an order to delete the model. A license nobody wrote down is one nobody checked.',
  controls: ['TDG-02'],
  severity: 'medium',
  uses: ['dataset-reference'],
  population: 'dataset-reference',
  fix: {
    summary: 'Write the license down, after reading it.',
    steps: [
      'Read the terms of the dataset at its source: does it allow this use, commercial use and redistribution of a model?',
      'State the license in the dataset card or metadata file beside the code that uses it.',
      'File the review of it against the control.',
    ],
    example: '# data/README.md\nlicense: cc-by-4.0\nsource: https://example.org/dataset',
  },
  judge: eachFact<'dataset-reference'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `${quoted(body.datasetId)} (${body.origin}) in ${where(body.place)}`;
    const base = { subject: key, observed: body.licence ?? 'none stated', expected: 'a license', ...at(body.place) };
    if (body.licence !== null)
      return { ...base, result: 'pass', because: `${named} is stated to be under ${quoted(body.licence)}.` };
    if (OWN_STORES.has(body.origin))
      return {
        ...base,
        result: 'not_applicable',
        because: `${named} is read from a store; the basis for its data is recorded in the inventory, not in code.`,
      };
    return { ...base, result: 'fail', because: `No license of ${named} is stated.` };
  }),
});
