import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, quoted, where } from './words.ts';

/** A tag is refused like a branch: whoever owns the repository on the hub can move both. */
export const modelRevisionPinned = defineTest({
  id: 'model-revision-pinned',
  version: 1,
  title: 'Models from a hub name a fixed revision',
  asks: 'Is every model that the code pulls from a hub or registry named by a revision that cannot change?',
  why: 'A model pulled by a moving name can be different weights tomorrow, by its author or by whoever took over the account; no evaluation of yesterday says anything about it.',
  controls: ['TPA-05', 'MLC-08'],
  evidence: ['TPA-05.E4'],
  severity: 'high',
  uses: ['model-reference'],
  population: 'model-reference',
  fix: {
    summary: 'Name the commit of the model on its hub.',
    steps: [
      'Open the model on its hub and copy the full commit hash of the version you evaluated.',
      'Pass it where the model is loaded.',
      'Change it like code: by a reviewed change, after the evaluation suite has run on the new revision.',
    ],
    example: 'AutoModel.from_pretrained("org/model", revision="5f0b02c75b57c5855da9ae460ce51323ea669d8a")',
  },
  judge: eachFact<'model-reference'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `${quoted(body.modelId)} from ${body.hub} in ${where(body.place)}`;
    const expected = 'a full commit hash or a fixed version';
    const observed = body.revision ?? 'no revision';
    if (body.pin === 'commit' || body.pin === 'snapshot') {
      const because = `${named} is fixed to ${quoted(observed)}.`;
      return { subject: key, result: 'pass', because, observed, expected, ...at(body.place) };
    }
    const because =
      body.pin === 'tag'
        ? `${named} is named by the tag ${quoted(observed)}, which its publisher can move.`
        : `${named} is pulled ${body.revision === null ? 'without a revision' : `by the moving name ${quoted(body.revision)}`}.`;
    return { subject: key, result: 'fail', because, observed, expected, ...at(body.place) };
  }),
});
