import type { FactBody, KnownFact } from '#src/facts/index.ts';
import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { at, isProduct, listed, quoted, where } from './words.ts';

export const hostedModelVersionPinned = defineTest({
  id: 'hosted-model-version-pinned',
  version: 1,
  title: 'Hosted models are called by a dated version',
  asks: 'Does every call to an outside AI service name a fixed model version where the provider offers one?',
  why: 'Behind an alias the provider swaps the model without a deploy of yours: quality, safety and output format can change overnight, and nothing in your history says so.',
  controls: ['MLC-08'],
  evidence: ['MLC-08.E1'],
  severity: 'medium',
  uses: ['ai-service'],
  population: 'ai-service',
  // All files together: a provider whose model is named in one file is not unknown in the others.
  partition: 'source',
  fix: {
    summary: 'Call the dated version instead of the alias.',
    steps: [
      "Look the alias up in the provider's model list and take the dated id it stands for today.",
      'Use that id in code or configuration that is under version control.',
      'Note the withdrawal date of the version, and evaluate its successor before switching.',
    ],
    example: 'model="gpt-4o-2024-08-06"  # not "gpt-4o"',
  },
  judge({ facts }) {
    const product = facts['ai-service'].filter((fact) => isProduct(fact.body.place));
    const byProvider = grouped(product, (fact) => fact.body.provider);
    return [...byProvider.values()].flatMap(judgeProvider);
  },
});

function judgeProvider(facts: KnownFact<'ai-service'>[]): Verdict[] {
  const naming = facts.filter((fact) => fact.body.models.length > 0);
  if (naming.length > 0) return naming.map((fact) => judgeFile(fact.key, fact.body));
  return facts.slice(0, 1).map(({ key, body }) => ({
    subject: key,
    result: 'no_data',
    because: `${quoted(body.provider)} is used in ${where(body.place)}, but no file names the model; which version answers is decided elsewhere.`,
    observed: 'no model id',
    expected: 'a dated model version',
    ...at(body.place),
  }));
}

function judgeFile(subject: string, body: FactBody<'ai-service'>): Verdict {
  const moving = body.models.filter((model) => model.pin === 'floating' || model.pin === 'tag');
  const expected = 'a dated model version';
  const first = moving[0];
  if (first === undefined) {
    const ids = listed(body.models.map((model) => model.modelId));
    const because = `${quoted(body.provider)} is called with fixed versions in ${where(body.place)}: ${ids}.`;
    return { subject, result: 'pass', because, expected, ...at(body.place) };
  }
  const ids = listed(moving.map((model) => model.modelId));
  return {
    subject,
    result: 'fail',
    because: `${quoted(body.provider)} is called by an alias that the provider can move: ${ids} in ${quoted(body.place.path)} line ${first.line}.`,
    observed: moving.map((model) => model.modelId).join(', '),
    expected,
    path: body.place.path,
    line: first.line,
  };
}
