import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, where } from './words.ts';

export const containerNotRoot = defineTest({
  id: 'container-not-root',
  version: 1,
  title: 'Containers do not run as root',
  asks: 'Does every container image of the tree switch to an unprivileged user?',
  why: 'Model servers load files and run kernels from outside. As root, a flaw in one of them is a foothold on the host and its accelerators.',
  controls: ['CFG-01'],
  severity: 'medium',
  uses: ['container-image'],
  population: 'container-image',
  fix: {
    summary: 'Create a user in the image and switch to it.',
    steps: [
      'Add a user with a fixed number, give it the folders it has to write, and switch to it last.',
      'Refuse root in the cluster as well (`runAsNonRoot: true`).',
    ],
    example: 'RUN useradd --uid 10001 app\nUSER 10001',
  },
  judge: eachFact<'container-image'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    return {
      subject: key,
      expected: 'an unprivileged user',
      ...at(body.place),
      ...fromKnown(body.runsAsRoot, {
        yes: { result: 'fail', because: `The image of ${where(body.place)} runs as root.` },
        no: { result: 'pass', because: `The image of ${where(body.place)} runs as an unprivileged user.` },
        unknown: `${where(body.place)} does not say as whom the image runs; its base image decides.`,
      }),
    };
  }),
});
