import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, quoted, where } from './words.ts';

export const remoteCodeNotTrusted = defineTest({
  id: 'remote-code-not-trusted',
  version: 1,
  title: 'No model is loaded with its own code from the hub',
  asks: 'Is every model loaded without running Python code that stands beside it on the hub?',
  why: '`trust_remote_code` runs whatever the repository on the hub holds at that moment, with the rights of your process. Nobody in your company reviewed it.',
  controls: ['TPA-05'],
  severity: 'high',
  uses: ['model-reference'],
  population: 'model-reference',
  fix: {
    summary: 'Load without remote code, or bring the reviewed code into your own repository.',
    steps: [
      'Remove `trust_remote_code=True`; most architectures are built into the library by now.',
      'Where it is still needed, copy the modeling code into your repository, review it, and load it from there.',
      'At the very least pin the revision, so that the code cannot change under you.',
    ],
    example: 'AutoModel.from_pretrained("org/model", revision="<commit>", trust_remote_code=False)',
  },
  judge: eachFact<'model-reference'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `${quoted(body.modelId)} in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'no',
      ...at(body.place),
      ...fromKnown(body.trustsRemoteCode, {
        yes: { result: 'fail', because: `${named} is loaded together with code from its hub repository.` },
        no: { result: 'pass', because: `${named} is loaded without code from the hub.` },
        unknown: `Whether ${named} is loaded with code from the hub is decided elsewhere.`,
      }),
    };
  }),
});
