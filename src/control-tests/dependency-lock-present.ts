import { defineTest, eachFact } from './define.ts';
import { at, counted, outsideProduct, quoted, where } from './words.ts';

export const dependencyLockPresent = defineTest({
  id: 'dependency-lock-present',
  version: 1,
  title: 'Dependencies are locked',
  asks: 'Does every manifest with dependencies have a lock file beside it?',
  why: 'Without a lock file two builds of one commit hold different libraries. No bill of materials is true, and a hijacked release arrives by itself.',
  controls: ['MLS-06'],
  severity: 'medium',
  uses: ['dependency-manifest'],
  population: 'dependency-manifest',
  fix: {
    summary: 'Commit a lock file and install from it.',
    steps: [
      'Let the package manager write its lock file, with digests where it can.',
      'Commit it, and use the install command that refuses to deviate from it.',
    ],
    example: 'uv lock && uv sync --locked',
  },
  judge: eachFact<'dependency-manifest'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const base = {
      subject: key,
      observed: body.lockFile ?? 'no lock file',
      expected: 'a lock file',
      ...at(body.place),
    };
    const named = `${where(body.place)} (${body.ecosystem})`;
    if (body.dependencies === 0) return { ...base, result: 'not_applicable', because: `${named} names no dependency.` };
    if (body.lockFile !== null)
      return { ...base, result: 'pass', because: `${named} is locked by ${quoted(body.lockFile)}.` };
    if (body.unpinned === 0)
      return {
        ...base,
        result: 'pass',
        because: `${named} names the exact version of each of its ${counted(body.dependencies, 'dependency', 'dependencies')}.`,
      };
    return {
      ...base,
      result: 'fail',
      because: `${named} has no lock file; ${body.unpinned} of ${counted(body.dependencies, 'dependency', 'dependencies')} are not pinned.`,
    };
  }),
});
