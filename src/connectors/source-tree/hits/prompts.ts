import { sha256Hex } from '#src/kernel/hash.ts';
import { type FactOf, type Finding, keyIn, placeIn, shown } from '../finding.ts';
import type { Hit } from '../rule.ts';
import { nameOf } from '../walk/tree-path.ts';
import type { FileContext } from './context.ts';

type Form = FactOf<'prompt'>['body']['form'];

/** One fact for each prompt in the text. What a prompt says is hashed, never kept. */
export function promptFindings(context: FileContext, hits: Hit[]): Finding[] {
  const counts = new Map<string, number>();
  const seenAt = new Set<number>();
  const findings: Finding[] = [];
  for (const hit of hits) {
    // A constant that is also an argument, or a message inside a template: one prompt a line.
    if (seenAt.has(hit.line)) continue;
    seenAt.add(hit.line);
    const form = formOf(hit.captures.form);
    const name = hit.captures.name ?? hit.captures.assigned ?? form;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const label = shown(count === 1 ? name : `${name} ${count}`);
    const { text } = hit.captures;
    findings.push({
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'prompt',
        key: keyIn(context.path, label),
        body: {
          place: placeIn(context.path, hit.line),
          form,
          sha256: text === undefined ? null : sha256Hex(text.toWellFormed()),
          // A prompt that is fetched at run time can change without any change here.
          underVersionControl: form === 'remote' ? 'no' : context.underVersionControl,
          through: shown(hit.captures.through ?? hit.rule.title),
        },
      },
      asset: {
        kind: 'prompt',
        identity: keyIn(context.path, label),
        title: `${label} in ${nameOf(context.path)}`,
        details: { form, ...(text === undefined ? {} : { sha256: sha256Hex(text.toWellFormed()) }) },
      },
    });
  }
  return findings;
}

function formOf(form: string | undefined): Form {
  return form === 'file' || form === 'template' || form === 'remote' ? form : 'inline';
}
