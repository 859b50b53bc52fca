import { defineTest, type Verdict } from './define.ts';
import { at, counted, outsideProduct, quoted, where } from './words.ts';

export const noUnsafeLoading = defineTest({
  id: 'no-unsafe-loading',
  version: 1,
  title: 'No call loads or runs untrusted content unsafely',
  asks: 'Is the code free of calls that deserialize or run content in a way that can execute what it holds?',
  why: 'Models, datasets and answers of models come from outside. A loader that executes what it reads turns each of them into a way in.',
  controls: ['VUL-03', 'TPA-05'],
  severity: 'high',
  uses: ['repository', 'unsafe-code'],
  population: 'repository',
  fix: {
    summary: 'Replace the call by one that only reads data.',
    steps: [
      'Use the safe form of the loader: `weights_only=True`, `yaml.safe_load`, JSON, safetensors.',
      'Never pass the text of a model to `eval`, `exec` or a shell; parse it against a schema.',
      'Where code must run, run it in a sandbox that reaches nothing.',
    ],
    example: 'torch.load(path, weights_only=True)',
  },
  judge({ facts }) {
    return facts.repository.flatMap(({ key, body }): Verdict[] => {
      const verdicts = facts['unsafe-code'].map(
        (found): Verdict =>
          outsideProduct(found.key, found.body.place) ?? {
            subject: found.key,
            result: 'fail',
            because: `${quoted(found.body.through)} in ${where(found.body.place)}: ${found.body.why}`,
            observed: found.body.through,
            ...at(found.body.place),
          },
      );
      if (verdicts.some((verdict) => verdict.result === 'fail')) return verdicts;
      const because = `No unsafe loading in ${counted(body.filesRead, 'file')} of ${quoted(body.name)}.`;
      return [...verdicts, { subject: key, result: 'pass', because }];
    });
  },
});
