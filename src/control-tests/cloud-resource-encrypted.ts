import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, quoted, where } from './words.ts';

export const cloudResourceEncrypted = defineTest({
  id: 'cloud-resource-encrypted',
  version: 1,
  title: 'Declared AI resources are encrypted',
  asks: 'Does every declared cloud resource for AI switch on encryption at rest?',
  why: 'Weights, embeddings and inference logs hold customer data in a form that is easy to copy. Encryption that is not declared depends on a default nobody checks.',
  controls: ['MLS-03'],
  severity: 'high',
  uses: ['cloud-resource'],
  population: 'cloud-resource',
  fix: {
    summary: 'Declare encryption with a managed key.',
    steps: [
      'Set the encryption argument of the resource, with a key you manage.',
      'Apply it, and note that some resources have to be made anew.',
    ],
    example: 'kms_key_arn = aws_kms_key.ai.arn',
  },
  judge: eachFact<'cloud-resource'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const name = quoted(body.name === null ? body.resourceType : `${body.resourceType}.${body.name}`);
    const named = `${name} in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'encrypted',
      ...at(body.place),
      ...fromKnown(body.encrypted, {
        yes: { result: 'pass', because: `${named} is encrypted at rest.` },
        no: { result: 'fail', because: `${named} is declared without encryption at rest.` },
        unknown: `${named} does not say whether it is encrypted at rest; the default of the provider applies.`,
      }),
    };
  }),
});
