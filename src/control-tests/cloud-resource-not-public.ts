import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, quoted, where } from './words.ts';

export const cloudResourceNotPublic = defineTest({
  id: 'cloud-resource-not-public',
  version: 1,
  title: 'Declared AI resources are not public',
  asks: 'Is every declared cloud resource for AI closed to the public internet?',
  why: 'Notebooks, vector stores and model servers are found by scanners within hours, and many ship without authentication.',
  controls: ['NET-01'],
  severity: 'high',
  uses: ['cloud-resource'],
  population: 'cloud-resource',
  fix: {
    summary: 'Close the resource to the public.',
    steps: [
      'Set the network argument of the resource to private, and reach it through the gateway or a private link.',
      'Where it must be public, restrict the sources and file the reason as an exception.',
    ],
    example: 'public_network_access_enabled = false',
  },
  judge: eachFact<'cloud-resource'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const name = quoted(body.name === null ? body.resourceType : `${body.resourceType}.${body.name}`);
    const named = `${name} in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'not public',
      ...at(body.place),
      ...fromKnown(body.publicAccess, {
        yes: { result: 'fail', because: `${named} is open to the public.` },
        no: { result: 'pass', because: `${named} is not open to the public.` },
        unknown: `${named} does not say whether it is public; the default of the provider applies.`,
      }),
    };
  }),
});
