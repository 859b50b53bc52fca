import { defineTest, eachFact } from './define.ts';
import { at, listed, where } from './words.ts';

/** Formats whose code is a pickle stream, so that what it would import can be read without running it. */
const PICKLED = new Set(['pytorch-pickle', 'pickle', 'joblib']);

export const modelWeightsNoSuspiciousImports = defineTest({
  id: 'model-weights-no-suspicious-imports',
  version: 1,
  title: 'Pickled weights import nothing suspicious',
  asks: 'Do pickled weights import only what rebuilding tensors needs?',
  why: 'A pickle that names `os.system`, `eval` or a network call is not a model with a flaw: it is an attack waiting to be loaded.',
  controls: ['TPA-05'],
  evidence: ['TPA-05.E2'],
  severity: 'critical',
  uses: ['model-file'],
  population: 'model-file',
  fix: {
    summary: 'Do not load the file. Find out where it came from, and replace it from a trusted source.',
    steps: [
      'Quarantine the file and treat hosts that have loaded it as compromised until shown otherwise.',
      'Trace its origin: who added it, from which source, with which digest.',
      'Fetch the model again from its publisher by digest, in a format without code.',
    ],
  },
  judge: eachFact<'model-file'>(({ key, body }) => {
    const base = { subject: key, expected: 'no import outside the known-harmless list', ...at(body.place) };
    const path = where(body.place);
    if (body.suspiciousImports.length > 0) {
      const observed = body.suspiciousImports.join(', ');
      const because = `${path} would import ${listed(body.suspiciousImports)} when loaded.`;
      return { ...base, result: 'fail', because, observed };
    }
    if (!body.canRunCode && body.format !== 'unknown')
      return { ...base, result: 'pass', because: `${path} is ${body.format}, which holds no code.` };
    if (body.storedAs !== 'file')
      return { ...base, result: 'no_data', because: `${path} is a pointer; the weights themselves were not read.` };
    if (!PICKLED.has(body.format))
      return { ...base, result: 'no_data', because: `What ${path} (${body.format}) would run cannot be read from it.` };
    return { ...base, result: 'pass', because: `${path} imports only what rebuilding tensors needs.` };
  }),
});
