import { defineTest, eachFact } from './define.ts';
import { at, listed, outsideProduct, quoted, where } from './words.ts';

export const aiLibrariesPinned = defineTest({
  id: 'ai-libraries-pinned',
  version: 1,
  title: 'AI libraries have fixed versions',
  asks: 'Where the code depends on AI libraries, are their versions fixed by pin or lock file?',
  why: 'Tokenizers, kernels and default parameters change between releases of ML libraries, and with them the results. A training run whose libraries are not fixed cannot be repeated.',
  controls: ['MLC-02', 'MLS-06'],
  severity: 'medium',
  uses: ['dependency-manifest'],
  population: 'dependency-manifest',
  fix: {
    summary: 'Lock the environment that trains and serves.',
    steps: ['Commit a lock file, or pin every dependency exactly.', 'Record its digest with each training run.'],
    example: 'torch==2.5.1\ntransformers==4.46.3',
  },
  judge: eachFact<'dependency-manifest'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const base = { subject: key, observed: `${body.unpinned} unpinned`, expected: 'all fixed', ...at(body.place) };
    const path = where(body.place);
    if (body.aiLibraries.length === 0)
      return { ...base, result: 'not_applicable', because: `${path} names no AI library.` };
    const libraries = listed(body.aiLibraries);
    if (body.lockFile !== null)
      return { ...base, result: 'pass', because: `${path} uses ${libraries}, locked by ${quoted(body.lockFile)}.` };
    if (body.unpinned === 0)
      return { ...base, result: 'pass', because: `${path} uses ${libraries} and pins every dependency.` };
    return { ...base, result: 'fail', because: `${path} uses ${libraries} without a lock file or exact versions.` };
  }),
});
