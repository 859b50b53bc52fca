import { defineTest, eachFact } from './define.ts';
import { at, quoted, where } from './words.ts';

export const modelWeightsSafeFormat = defineTest({
  id: 'model-weights-safe-format',
  version: 1,
  title: 'Weights are stored in a format that cannot run code',
  asks: 'Are all weights in the tree stored in formats whose loading cannot run code?',
  why: 'Loading a pickle runs whatever it says. A swapped or poisoned weights file is then a program with the rights of your training or serving host.',
  controls: ['TPA-05'],
  severity: 'high',
  uses: ['model-file'],
  population: 'model-file',
  fix: {
    summary: 'Convert the weights to safetensors, GGUF or ONNX and load only those.',
    steps: [
      'Load the file once in a sandbox without network and secrets, and save it in a format without code.',
      'Replace the file, update its digest where it is recorded, and make the loader refuse the old format.',
      'Until then load with `weights_only=True`.',
    ],
    example: 'from safetensors.torch import save_file\nsave_file(model.state_dict(), "model.safetensors")',
  },
  judge: eachFact<'model-file'>(({ key, body }) => {
    const named = `${where(body.place)} is ${body.format}`;
    const base = { subject: key, observed: body.format, expected: 'a format without code', ...at(body.place) };
    if (body.canRunCode) return { ...base, result: 'fail', because: `${named}; loading it can run code.` };
    if (body.format === 'unknown')
      return { ...base, result: 'no_data', because: `The format of ${quoted(body.place.path)} is not recognized.` };
    return { ...base, result: 'pass', because: `${named}, which holds numbers only.` };
  }),
});
