import { defineTest, type Verdict } from './define.ts';
import { at, isProduct, quoted, where } from './words.ts';

export const modelCardPresent = defineTest({
  id: 'model-card-present',
  version: 1,
  title: 'Own models come with a model card',
  asks: 'Where weights or training code stand in the tree, is there a model card?',
  why: 'The card is where users and auditors learn what a model was trained on, what it is for, and where it breaks. The first question of both is for it.',
  controls: ['MLC-05'],
  severity: 'medium',
  uses: ['repository', 'model-file', 'training-pipeline', 'model-card'],
  population: 'repository',
  fix: {
    summary: 'Write a model card beside the model.',
    steps: [
      'State intended use, training data, evaluation results and limitations.',
      'Keep one card for each production version, and say what changed.',
    ],
    example: 'models/support-classifier/MODEL_CARD.md',
  },
  judge({ facts }) {
    const own = [...facts['model-file'], ...facts['training-pipeline']].filter((fact) => isProduct(fact.body.place));
    return facts.repository.map(({ key, body }): Verdict => {
      const name = quoted(body.name);
      const first = own[0];
      const card = facts['model-card'][0];
      if (first === undefined)
        return { subject: key, result: 'not_applicable', because: `${name} holds neither weights nor training code.` };
      if (card !== undefined)
        return {
          subject: key,
          result: 'pass',
          because: `A model card stands in ${where(card.body.place)}.`,
          ...at(card.body.place),
        };
      const because = `${name} holds a model or trains one (${where(first.body.place)}) and has no model card.`;
      return { subject: key, result: 'fail', because, expected: 'a model card', ...at(first.body.place) };
    });
  },
});
