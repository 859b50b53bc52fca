import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Hit } from '../rule.ts';
import { nameOf } from '../walk/tree-path.ts';
import { type FileContext, knownIf } from './context.ts';
import { surest } from './services.ts';

/** One fact for each framework a file trains with, and one asset for the file. */
export function trainingFindings(context: FileContext, hits: Hit[]): Finding[] {
  const byFramework = groupBy(hits, ({ captures }) =>
    captures.framework === 'pipeline framework' ? (captures.module ?? 'pipeline') : (captures.framework ?? 'unknown'),
  );
  return [...byFramework].map(([framework, group]) => {
    const hit = surest(group) as Hit;
    const through = shown(
      [...new Set(group.map((each) => each.captures.through ?? each.rule.title))].slice(0, 4).join(', '),
    );
    return {
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'training-pipeline',
        key: keyIn(context.path, framework),
        body: {
          place: placeIn(context.path, hit.line),
          framework: shown(framework),
          through,
          setsSeed: knownIf(context.traits.has('sets-seed')),
          logsRun: knownIf(context.traits.has('logs-run')),
        },
      },
      asset: {
        kind: 'training_pipeline',
        identity: context.path,
        title: nameOf(context.path),
        details: { framework: shown(framework), through },
      },
    };
  });
}
