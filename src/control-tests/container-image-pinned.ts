import { defineTest, eachFact } from './define.ts';
import { at, outsideProduct, quoted, where } from './words.ts';

/** A version tag passes: most teams rebuild for patches on purpose. Only a name that says nothing fails. */
export const containerImagePinned = defineTest({
  id: 'container-image-pinned',
  version: 1,
  title: 'Container images name a version',
  asks: 'Is every base image named by a digest or at least by a version?',
  why: 'With `latest` or no tag the same build file gives other drivers, libraries and weaknesses each time, and the bill of materials is a guess.',
  controls: ['MLS-06'],
  severity: 'low',
  uses: ['container-image'],
  population: 'container-image',
  fix: {
    summary: 'Name the image by version and digest.',
    steps: ['Replace `latest` by the version you tested.', 'Add the digest, and let a bot propose updates.'],
    example: 'FROM python:3.12.7-slim@sha256:<digest>',
  },
  judge: eachFact<'container-image'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const named = `${quoted(body.image)} in ${where(body.place)}`;
    const base = { subject: key, observed: body.image, expected: 'a version or a digest', ...at(body.place) };
    if (body.pin === 'floating') return { ...base, result: 'fail', because: `${named} names no fixed version.` };
    if (body.pin === 'tag')
      return { ...base, result: 'pass', because: `${named} names a version; a digest would fix it entirely.` };
    return { ...base, result: 'pass', because: `${named} is fixed by digest.` };
  }),
});
