import { type Policy, PolicyHead } from './policy.ts';
import type { Problems } from './problems.ts';
import { parseYaml, type SourceFile, validate } from './source-file.ts';

const FENCE = '---\n';

/** Reads a policy: a head in YAML between two lines of three dashes, then Markdown whose `##` headings are the sections. */
export function parsePolicy(
  text: string,
  name: string,
  problems: Problems,
): { policy: Policy; source: SourceFile } | null {
  const unix = text.replaceAll('\r\n', '\n');
  const end = unix.indexOf(`\n${FENCE}`, FENCE.length);
  if (!unix.startsWith(FENCE) || end < 0) {
    problems.add(name, 1, 'must start with a head between two lines of three dashes');
    return null;
  }
  const source = parseYaml(unix.slice(FENCE.length, end + 1), name, problems, 1);
  const head = validate(source, PolicyHead, problems);
  if (head === null || source === null) return null;

  const bodyStart = end + 1 + FENCE.length;
  const bodyLine = unix.slice(0, bodyStart).split('\n').length;
  const sections: Policy['sections'] = [];
  for (const part of unix.slice(bodyStart).split(/^## /m).slice(1)) {
    const [title = '', ...rest] = part.split('\n');
    sections.push({ title: title.trim(), text: rest.join('\n').trim() });
  }
  const empty = sections.find((section) => section.title === '' || section.text === '');
  if (sections.length === 0) problems.add(name, bodyLine, `${head.id} has no section; a section is a ## heading`);
  if (empty !== undefined) problems.add(name, bodyLine, `${head.id} has an empty section "${empty.title}"`);
  return { policy: { ...head, sections }, source };
}
