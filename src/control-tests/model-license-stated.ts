import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, quoted, where } from './words.ts';

export const modelLicenseStated = defineTest({
  id: 'model-license-stated',
  version: 1,
  title: 'Model cards state a license',
  asks: 'Does every model card state the license of the model?',
  why: 'Base models come with terms that pass on to what is made of them: no commercial use, no competing model, named attribution. Unstated, nobody checks them.',
  controls: ['MLS-06'],
  severity: 'low',
  uses: ['model-card'],
  population: 'model-card',
  fix: {
    summary: 'State the license in the head of the card.',
    steps: [
      'Find the terms of the base model and of the training data.',
      'State the resulting license, `proprietary` included, in the head of the card.',
    ],
    example: '---\nlicense: apache-2.0\nbase_model: org/model\n---',
  },
  judge: eachFact<'model-card'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const base = { subject: key, observed: body.licence ?? 'none', expected: 'a license', ...at(body.place) };
    if (body.licence !== null)
      return { ...base, result: 'pass', because: `${where(body.place)} states ${quoted(body.licence)}.` };
    return { ...base, result: 'fail', because: `${where(body.place)} states no license.` };
  }),
});
