import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, where } from './words.ts';

const SECTIONS = ['intended-use', 'training-data', 'evaluation', 'limitations'] as const;

export const modelCardComplete = defineTest({
  id: 'model-card-complete',
  version: 1,
  title: 'Model cards have all sections',
  asks: 'Does every model card state intended use, training data, evaluation and limitations?',
  why: 'A card without limitations is advertising. What is missing is what a user needed before relying on the output.',
  controls: ['MLC-05'],
  severity: 'medium',
  uses: ['model-card'],
  population: 'model-card',
  fix: {
    summary: 'Add the missing sections.',
    steps: [
      'Add a heading for each missing section.',
      'Write what is true today; "not measured" is an honest entry that can be improved.',
    ],
    example: '## Intended use\n## Training data\n## Evaluation\n## Limitations',
  },
  judge: eachFact<'model-card'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const missing = SECTIONS.filter((section) => !body.sections.includes(section));
    const base = { subject: key, observed: body.sections.join(', '), expected: SECTIONS.join(', '), ...at(body.place) };
    if (missing.length === 0)
      return { ...base, result: 'pass', because: `${where(body.place)} has all four sections.` };
    return { ...base, result: 'fail', because: `${where(body.place)} does not state ${missing.join(', ')}.` };
  }),
});
